"""Effects that wait to be carried out, in memory."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from approvals.effects import Effect, Planned, effect_id
from handlers.ports.outbox import Leased
from tests.fakes.shared import Shared

MOST_EXCUSED = 300


@dataclass
class Work:
    """One effect that waits to be carried out. While a replica has leased it, `due` is when the lease ends."""

    effect: Effect
    due: datetime
    token: str
    attempt: int = 0
    excused: int = 0

    @property
    def in_vain(self) -> int:
        """Number of attempts that failed and are not excused."""
        return self.attempt - self.excused


class Outbox:
    """Keeps effects by their id, until they are done or given up."""

    def __init__(self, shared: Shared, lease: timedelta, most_attempts: int) -> None:
        self.work: dict[str, Work] = {}
        self.dead: dict[str, Mapping[str, str]] = {}
        self._buried: dict[str, Effect] = {}
        self._shared = shared
        self._lease = lease
        self._most_attempts = most_attempts
        self._tokens = count(1)
        self._bell, self._rung, self._heard = asyncio.Event(), 0, 0

    @property
    def effects(self) -> list[Effect]:
        """The effects that wait, the first that is due first. For tests to look at."""
        return [self.work[identity].effect for identity in self._by_time()]

    def add(self, planned: Sequence[Planned], at: datetime) -> None:
        """Plan these effects in the same step as the rest of the write. An effect without a due time is due at `at`."""
        for one in planned:
            self.work[effect_id(one.effect)] = Work(one.effect, one.due or at, str(next(self._tokens)))
        if planned:
            self._ring()

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        self.add(planned, at)

    async def lease(self, limit: int) -> Sequence[Leased]:
        now = self._shared.clock.time
        due = [identity for identity in self._by_time() if self.work[identity].due <= now]
        taken = [] if self._shared.superseded else [self._take(identity) for identity in due[:limit]]
        return [one for one in taken if one is not None]

    async def done(self, leased: Leased) -> bool:
        if self._held(leased) is None:
            return False
        del self.work[leased.id]
        self.dead.pop(leased.id, None)
        return True

    async def again(self, leased: Leased, at: datetime, why: str, *, excused: bool = False) -> bool:
        work = self._held(leased)
        if work is None:
            return False
        if excused and work.excused < MOST_EXCUSED:
            work.excused += 1
        if work.in_vain >= self._most_attempts:
            self._bury(leased.id, why)
            return True
        work.due = at
        self._ring()
        return True

    async def first_due(self) -> datetime | None:
        return min((work.due for work in self.work.values()), default=None)

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        return list(self.dead.values())

    async def given_up(self) -> Mapping[str, Effect]:
        return {identity: self._buried[identity] for identity in self.dead}

    async def retry(self, ids: Collection[str], at: datetime) -> None:
        for identity in self.dead.keys() & set(ids):
            self.work[identity] = Work(self._buried[identity], at, str(next(self._tokens)))
        self._ring()

    async def wait(self, timeout: float) -> None:
        first = await self.first_due()
        if first is not None:
            timeout = min(timeout, max((first - self._shared.clock.time).total_seconds(), 0.0))
        if self._heard == self._rung:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), timeout)
        self._heard = self._rung

    def _by_time(self) -> list[str]:
        return sorted(self.work, key=lambda identity: (self.work[identity].due, identity))

    def _take(self, identity: str) -> Leased | None:
        work = self.work[identity]
        if work.in_vain >= self._most_attempts:
            self._bury(identity, f"begun {self._most_attempts} times and never finished")
            return None
        work.due, work.token = self._shared.clock.time + self._lease, str(next(self._tokens))
        work.attempt += 1
        return Leased(identity, work.effect, work.attempt, work.token)

    def _held(self, leased: Leased) -> Work | None:
        """Return the leased work; None if the lease was lost, or if the effect was planned anew in the meantime."""
        work = self.work.get(leased.id)
        fenced = work is None or work.token != leased.token or self._shared.superseded
        return None if fenced else work

    def _bury(self, identity: str, why: str) -> None:
        self._buried[identity] = self.work.pop(identity).effect
        self.dead[identity] = {"id": identity, "why": why, "since": self._shared.clock.time.isoformat()}

    def _ring(self) -> None:
        self._rung += 1
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()
