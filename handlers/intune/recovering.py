"""Check everything again after another server answers for the store, or after the store went back.

What the store has lost cannot be restored. So Intune is read, every order is searched for there, every card is redrawn,
and people are told whose votes may be missing; only then do calls to Intune go on.
"""

from dataclasses import dataclass

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.brake import RECOVERY
from approvals.effects import LookAgain, NotificationKind, Planned, Recheck, RefreshCards, Reply, told
from approvals.filing import hold_back
from approvals.incident import Concern, Incident
from cards import words
from handlers.intune.looking_at_all import LookingAtAll
from handlers.ports.clock import Clock
from handlers.ports.continuity import Loss, Losses
from handlers.ports.errors import PortError
from handlers.ports.outbox import Outbox
from handlers.ports.requests import Requests
from handlers.storing.commits import Commits

MOST_NAMED = 20
"""Most requests that one line names; the log has all of them."""

_FOUND = "Intune was searched for every order, and calls to it go on."

_DELAYED = (
    "Intune, or what it takes to read it, does not answer now. Nothing is filed, approved or carried out there until "
    "every order was searched for."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovering:
    """Checks everything again, and allows calls once Intune has been read."""

    clock: Clock
    requests: Requests
    losses: Losses
    outbox: Outbox
    commits: Commits
    looking_at_all: LookingAtAll

    async def look_again(self) -> None:
        """Bring everything that is open in line with Intune; then report what was lost, if anything, and allow calls.

        Errors of neighbours are raised: no call is allowed before Intune has been read. One request that cannot be read
        stops nothing: it is looked at again before each of its own calls.
        """
        loss = await self.losses.loss()
        try:
            open_ids = await self.looking_at_all.look()
        except PortError:
            if loss is not None and not loss.told:
                await self._tell_of_delay(loss)
            raise
        now = await self.clock.now()
        await self.outbox.plan([Planned(RefreshCards(request_id)) for request_id in open_ids], now)
        if loss is not None:
            await self._go_on(loss)

    async def _tell_of_delay(self, loss: Loss) -> None:
        """Send one alarm about the loss before the search, which has to wait while a neighbour is unavailable."""
        now = await self.clock.now()
        why = f"{await self._told_of(loss)} {_DELAYED}"
        await self.outbox.plan(told(Incident.at_once(Concern.STORE, f"Alarm: {why}", now)), now)
        await self.losses.told()

    async def _go_on(self, loss: Loss) -> None:
        for request in await self.requests.open():
            if request.id in loss.ended:
                await self.commits.commit(request.id, hold_back)
        now = await self.clock.now()
        why = f"{await self._told_of(loss)} {_FOUND}"
        entry = AuditEntry(Kind.STORE_WENT_BACK, now, why=why, evidence={"requests": " ".join(loss.requests)})
        planned = [*told(Incident.at_once(Concern.STORE, f"Alarm: {why}", now)), Planned(Recheck(RECOVERY))]
        planned += [Planned(Reply(request_id, NotificationKind.STORE_WENT_BACK)) for request_id in loss.requests]
        if not await self.losses.recovered(loss, [entry], planned):
            await self.outbox.plan([Planned(LookAgain())], now)
            return
        log.error("store_recovered", entries=loss.entries, requests=loss.requests)

    async def _told_of(self, loss: Loss) -> str:
        named = [await self._named(request_id) for request_id in loss.requests[:MOST_NAMED]]
        entries = "1 entry" if loss.entries == 1 else f"{loss.entries} entries"
        more = f" and {len(loss.requests) - len(named)} more" if len(loss.requests) > len(named) else ""
        touched = (
            f"Requests that are touched: {'; '.join(named)}{more}." if named else "No request is known to be touched."
        )
        return (
            f"The store of Countersign went back and has lost {entries} that it had acknowledged. {touched} Votes on "
            "them may be missing, and what was withdrawn or called off may stand again: please look at their cards."
        )

    async def _named(self, request_id: str) -> str:
        request = await self.requests.load(request_id)
        return f"{words.title_of(request)} ({request_id})" if request else f"{request_id}, which is gone"
