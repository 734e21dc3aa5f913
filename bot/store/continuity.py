"""Detects a store that lost data: a failover that lost writes, a restored backup, a reset. docs/adr/0012 says why.

Each process remembers the store's epoch and the highest audit number that it has acknowledged. Every commit compares
both in its own atomic step. The bot recovers by itself from a small loss that a witness can name. Otherwise it stops
all calls to Intune until an operator accepts the store.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.brake import RECOVERY, STORE, Brake, recovery_brake, store_brake
from approvals.effects import LookAgain, Planned, Recheck, effect_id, told
from approvals.incident import Concern, Incident
from bot.store import keys as names
from bot.store import vouching
from bot.store.brakes import BRAKE
from bot.store.codec import SCHEMA, Codec
from bot.store.epoch import Epoch, Remembered
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import RECOVER, STATE, TURN_EPOCH
from cards.brakes import pulled
from handlers.ports.clock import Clock
from handlers.ports.errors import Unavailable

MOST_MADE_UP_FOR = 10_000
"""Lost entries. More is not a failover's last second but an old backup, which a person has to look at."""

MOST_TRIES = 10
"""After each lost race, another replica has mended the store."""

EPOCH = Codec(Epoch)
_ENTRY = Codec(AuditEntry)
_GONE = "The store went back. What was recorded under this number is lost."

log = structlog.get_logger(__name__)


class RedisContinuity:
    """What this process remembers of the store, and what it does when the store has lost some of it.

    `config` is the configuration as the scripts compare it. Before `begin` it remembers and compares nothing: a shell
    uses it like that, to look at a store as it is.
    """

    def __init__(self, connections: Connections, keys: Keys, config: str, clock: Clock) -> None:
        self._connections = connections
        self._redis = connections.redis
        self._keys = keys
        self._config = config
        self._clock = clock
        self._written = ""
        self._mine = Remembered(0)
        self._process = secrets.token_hex(8)
        self._mark = 0
        self._fence = 0
        self._watermark: datetime | None = None
        self._servers: frozenset[str] = frozenset()

    async def begin(self, witnesses: Iterable[Remembered] = ()) -> None:
        """Compare the store with every witness, then start to remember it.

        An empty store that no witness knows belongs to a new installation.
        """
        known = [one for one in witnesses if one.number or one.epoch]
        for _ in range(MOST_TRIES):
            written, number = await self.state()
            if not (written or known):
                await self._turn("", Epoch.first(), 0)
                continue  # then read it back: another replica may have been first
            why = vouching.why_not_vouched(_read(written), number, known)
            if not why:
                self._take_over(written, number)
                return
            await self._mend_by(vouching.best(known, _read(written)), written, number, why)
            known = []
        raise _NEVER_AT_REST

    async def check(self) -> bool:
        """Compare now, and mend the store if it lost data. For a process that writes nothing at the moment.

        Return whether another server answers than the last time: a failover, or a restart.
        """
        written, number, mark = await self._state()
        if self._written and (written != self._written or number < self._mine.number or mark < self._mark):
            await self.mend()
        before, self._servers = self._servers, await self._connections.answering()
        return bool(before) and before != self._servers

    async def mend(self) -> None:
        """Recover from a loss that we can name. Otherwise stop calls to Intune until an operator accepts the store."""
        for _ in range(MOST_TRIES):
            written, number, mark = await self._state()
            found, mine = _read(written), self._mine.epoch
            if mine is not None and found is not None and found.number > mine.number:
                self._take_over(written, number)  # a later epoch has begun
                return
            if written == self._written and mark < self._mark:
                # Others wrote on without noticing the loss. What this process wrote after the stored mark (all of it if
                # there is none) is lost.
                number = min(number, max(mark, self._mine.since))
            elif written == self._written and number >= self._mine.number:
                return
            why = (vouching.OLDER if written == self._written else vouching.REPLACED) if written else vouching.EMPTY
            await self._mend_by(self._mine, written, number, why)
        raise _NEVER_AT_REST

    async def doubt(self, why: str) -> None:
        """Stop calls to Intune until an operator accepts the store, for a reason found outside the store."""
        if any(name == STORE for name in await self._redis.hkeys(self._keys.of(names.BRAKES))):
            return
        written, _ = await self.state()
        await self._disown(written, self._mine, why)
        self._take_over(*await self.state())

    def acknowledged(self, number: int, request_id: str = "", *, ended: bool = False, pulled: bool = False) -> None:
        """Remember an acknowledged audit number, its request, whether that `ended` without an approval, and whether a
        brake was `pulled`.

        Answers may arrive in another order than the numbers were given.
        """
        self._mine = self._mine.acknowledging(number, request_id, ended=ended, pulled=pulled)

    def marked(self, number: int) -> None:
        """Remember the number that the store holds as this process's mark."""
        self._mark = max(self._mark, number)

    async def leave(self) -> None:
        """Remove this process's mark before it stops: nobody will compare it again."""
        await self._redis.hdel(self._keys.of(names.MARKS), self._process)
        self._mark = 0

    def gave_token(self, token: str) -> None:
        """Remember the highest fencing token given for an effect."""
        self._fence = max(self._fence, int(token))

    def read_up_to(self, watermark: datetime) -> None:
        """Remember the time up to which Intune has been read."""
        self._watermark = watermark

    def compared(self) -> dict[str, Any]:
        """Return what a commit compares in its own atomic step."""
        mine = {"number": self._mine.number, "process": self._process, "mark": self._mark}
        return {"remembered": {"epoch": self._written, **mine}} if self._written else {}

    def remembered(self) -> Remembered:
        """Return what the next process should know."""
        return self._mine

    async def state(self) -> tuple[str, int]:
        """Return the epoch as stored (empty if there is none) and the last audit number."""
        written, number, _ = await self._state()
        return written, number

    async def _state(self) -> tuple[str, int, int]:
        keys = self._keys.all_of(names.EPOCH, names.AUDIT_NUMBER, names.MARKS)
        written, number, mark = await STATE.run(self._redis, keys, {"process": self._process})
        return str(written), int(number), int(mark)

    async def found(self) -> tuple[Epoch | None, int]:
        """Return the store's epoch and the last audit number."""
        written, number = await self.state()
        return _read(written), number

    async def accept(
        self, found: Epoch | None, by: str, entries: Sequence[AuditEntry], planned: Sequence[Planned]
    ) -> Epoch | None:
        """Start a new epoch after `found`, in an operator's name, and lift the brakes; return `None` if the epoch has
        changed meanwhile."""
        written, _ = await self.state()
        if _read(written) != found:
            return None
        after = found.next(by) if found else Epoch.first()
        both = [STORE, RECOVERY]
        follows = [*planned, *(Planned(Recheck(brake)) for brake in both)]
        return after if await self._turn(written, after, 0, entries, follows, lifts=both) else None

    async def _mend_by(self, witness: Remembered, written: str, number: int, why: str) -> None:
        """Recover what the witness can name, or let an operator decide.

        A lost brake needs an operator: to continue without it would be to lift it.
        """
        found = _read(written)
        same = found is not None and witness.epoch == found
        if same and witness.pulled > number:
            await self._disown(written, witness, vouching.UNBRAKED)
        elif same and witness.names_all_after(number) and witness.number - number <= MOST_MADE_UP_FOR:
            await self._recover(witness, written, number)
        else:
            await self._disown(written, witness, why)

    async def _recover(self, witness: Remembered, written: str, number: int) -> None:
        """Fill the gap in the audit numbers, stop calls, and plan a check of the lost requests."""
        now = await self._clock.now()
        touched, ended = witness.touched_after(number), witness.ended_after(number)
        planned = [Planned(LookAgain()), Planned(Recheck(RECOVERY))]
        keys = [
            self._keys.new_answer(),
            *self._keys.all_of(names.EPOCH, names.AUDIT, names.AUDIT_NUMBER, names.BRAKES, names.LOST, names.MARKS),
            *self._keys.all_of(names.DUE, names.FENCE, names.BELL),
            *(self._keys.of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        call = {
            "epoch": written,
            "number": witness.number,
            "known": witness.known_after(number),
            "process": self._process,
            "mark": self._mark,
            "fence": self._fence,
            "entry": _ENTRY.write(AuditEntry(Kind.ENTRY_LOST, now, why=_GONE)),
            "pulls": _pulls(recovery_brake(now)),
            "requests": touched,
            "ended": ended,
            "planned": [as_call(one, now) for one in planned],
        }
        became = await RECOVER.run(self._redis, keys, call)
        log.error("store_went_back", became=became, entries=witness.number - number, requests=touched)

    async def _disown(self, written: str, witness: Remembered, why: str) -> None:
        """Start an epoch that no operator has accepted: the store differs from what is remembered."""
        now = await self._clock.now()
        found, mine = _read(written), witness.epoch
        after, brake = vouching.unaccepted(found, mine), store_brake(why, now)
        entry = AuditEntry(
            Kind.STORE_WENT_BACK,
            now,
            before=f"epoch {mine.number}" if mine else "",
            after=f"epoch {after.number}",
            why=why,
            evidence={"found": found.id if found else "none", "remembered": mine.id if mine else "none"},
        )
        incident = Incident.at_once(Concern.STORE, pulled(brake), now)
        planned = [*told(incident), Planned(LookAgain()), Planned(Recheck(STORE))]
        disowned = await self._turn(written, after, witness.number, [entry], planned, pulls=brake)
        log.error("store_not_vouched_for", disowned=disowned, epoch=after.number, why=why)

    async def _turn(
        self,
        before: str,
        after: Epoch,
        number: int,
        entries: Sequence[AuditEntry] = (),
        planned: Sequence[Planned] = (),
        *,
        pulls: Brake | None = None,
        lifts: Sequence[str] = (),
    ) -> bool:
        keys = [
            self._keys.new_answer(),
            *self._keys.all_of(
                names.EPOCH, names.AUDIT, names.AUDIT_NUMBER, names.BRAKES, names.CONFIG, names.WATERMARK
            ),
            *self._keys.all_of(names.LOST, names.SCHEMA, names.DUE, names.FENCE, names.BELL),
            *(self._keys.of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        optional = {
            "config": self._config if self._written else "",  # at the start it becomes active only later
            "watermark": self._watermark.isoformat() if self._watermark else "",
            "pulls": _pulls(pulls) if pulls else None,
        }
        call = {
            "before": before,
            "schema": str(SCHEMA),
            "lifts": list(lifts),
            "after": EPOCH.write(after),
            "number": number,
            "fence": self._fence,
            "entries": [_ENTRY.write(entry) for entry in entries],
            "planned": [as_call(one, await self._clock.now()) for one in planned],
            **{name: value for name, value in optional.items() if value},
        }
        return bool(await TURN_EPOCH.run(self._redis, keys, call))

    def _take_over(self, written: str, number: int) -> None:
        """Remember this epoch and number as the store's state."""
        if self._written:
            log.warning("store_taken_over", epoch=written, number=number)
        self._written, self._mine, self._mark = written, Remembered(number, _read(written), since=number), 0


_NEVER_AT_REST = Unavailable("the store kept changing")


def _read(written: str) -> Epoch | None:
    return EPOCH.read(written) if written else None


def _pulls(brake: Brake) -> dict[str, str]:
    return {"name": brake.name, "brake": BRAKE.write(brake)}
