"""Accept a store that was reset or lost data, from a shell: show what it contains and what accepting means, then do
it."""

from dataclasses import dataclass

from approvals.brake import Brake, Operator
from approvals.effects import LookAgain, Planned
from approvals.lifting import Move, accept_ledger, accept_store, is_in_doubt
from bot.store import Store
from bot.store.epoch import Epoch
from cards.because import worded
from cards.brakes import answer, brake_sentence
from handlers.ports.emergency import LedgerMark
from handlers.ports.errors import Conflict


@dataclass(frozen=True, slots=True)
class StoreFound:
    """The content of a store, for the operator who decides whether to accept it."""

    epoch: Epoch | None
    entries: int
    open_requests: int
    brakes: tuple[Brake, ...]
    ledger: LedgerMark | None

    def lines(self) -> list[str]:
        """Return it as sentences."""
        which = f"Epoch {self.epoch.number} ({self.epoch.id})" if self.epoch else "No epoch"
        follows = f", which follows {self.epoch.follows}" if self.epoch and self.epoch.follows else ""
        by = self.epoch.by if self.epoch and self.epoch.by else "nobody"
        return [
            f"{which}{follows}; accepted by {by}.",
            f"Last audit entry: {self.entries}. Open requests: {self.open_requests}.",
            *([_remembered(self.ledger)] if self.ledger else []),
            *(brake_sentence(brake) for brake in self.brakes),
        ]


def _remembered(ledger: LedgerMark) -> str:
    return f"Last known ledger of the emergency process: {ledger.ledger}, with {ledger.lines} lines after the first."


WHAT_IT_DOES = (
    "If you accept the store, its present content counts as complete. Lost votes and orders stay lost; people must "
    "vote again on requests that are still open. A new epoch starts, so that an older store raises an alarm if it "
    "comes back. Filing, carrying and completing continue as soon as Intune has been searched for every open order. "
    "The ledger of the emergency process is accepted as it is. If the store is not in doubt, only the ledger is "
    "accepted."
)


REJOIN = "If the audit is sealed, also run `python -m bot audit rejoin`."


async def look(store: Store) -> StoreFound:
    """Read what the store holds."""
    epoch, entries = await store.continuity.found()
    waiting, on = len(await store.requests.open_ids()), await store.brakes.on()
    return StoreFound(epoch, entries, waiting, on, await store.memory.ledger())


@dataclass(frozen=True, slots=True)
class Accepted:
    """The result: what the rules did, and the new epoch; none if only the ledger was accepted, or nothing."""

    move: Move
    epoch: Epoch | None = None

    def line(self) -> str:
        """Return it as sentences."""
        if self.epoch is None:
            return answer(self.move)
        follows = f"Epoch {self.epoch.number} follows {self.epoch.follows or 'nothing'}."
        return f"{answer(self.move)} {follows} {REJOIN}"


async def accept(store: Store, found: StoreFound, who: Operator, why: str) -> Accepted:
    """Start a new epoch in this operator's name; if only the ledger went back, forget only the ledger.

    Raises `Conflict` if the store has changed since then, because nobody may accept what they have not seen.
    """
    if found.ledger is not None and not is_in_doubt(found.brakes):
        return Accepted(await _accept_ledger(store, who, why))
    move = accept_store(found.brakes, who, await store.clock.now(), why)
    if move.refusal:
        return Accepted(move)
    if await store.brakes.on() != found.brakes:
        raise _CHANGED
    entries, planned = tuple(map(worded, move.entries)), [*move.planned, Planned(LookAgain())]
    epoch = await store.continuity.accept(found.epoch, who.name, entries, planned)
    if epoch is None:
        raise _CHANGED
    await store.memory.forget_ledger()
    return Accepted(move, epoch)


async def _accept_ledger(store: Store, who: Operator, why: str) -> Move:
    """Accept a ledger that went back alone, as when the emergency process's host was restored. Recorded first, then
    forgotten."""
    now = await store.clock.now()
    move = accept_ledger(who, now, why)
    if not move.refusal:
        await store.requests.record(move.entries)
        await store.memory.forget_ledger()
        await store.outbox.plan(move.planned, now)
    return move


_CHANGED = Conflict("the store has changed since it was shown; run the command again")
