"""What is due, leased to one replica at a time."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from approvals.effects import Planned, effect_id
from bot.store import codec
from bot.store.clock import milliseconds
from bot.store.keys import Keys
from bot.store.redis import Door
from bot.store.requests import due_parts
from bot.store.scripts import CLAIM, FINISH, PLAN
from handlers.ports import Claimed, Clock

log = structlog.get_logger(__name__)


class RedisOutbox:
    """The port `Outbox`. An effect that fails `most_attempts` times becomes a dead letter."""

    def __init__(self, door: Door, keys: Keys, clock: Clock, lease: timedelta, most_attempts: int) -> None:
        self._door = door
        self._keys = keys
        self._clock = clock
        self._lease = lease
        self._most_attempts = most_attempts

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Have this done although no decision asks for it."""
        effects = [self._keys.effect(effect_id(one.effect)) for one in planned]
        args = [part for one in planned for part in due_parts(one, milliseconds(at))]
        await self._door.run(PLAN, [self._keys.due, self._keys.bell, *effects], args)

    async def claim(self, limit: int) -> Sequence[Claimed]:
        """Effects that are due now; each stays ours for one lease."""
        now = milliseconds(await self._clock.now())
        lease = int(self._lease / timedelta(milliseconds=1))
        rows = await self._door.run(CLAIM, [self._keys.due], [now, lease, limit, self._keys.effect("")])
        claimed = [await self._read(*row) for row in rows]
        return [one for one in claimed if one is not None]

    async def done(self, claimed: Claimed) -> bool:
        """Forget it; false if the lease was lost or it was planned anew meanwhile."""
        return await self._finish(claimed.id, claimed.token, "done")

    async def again(self, claimed: Claimed, at: datetime, why: str) -> bool:
        """Try later; after the last attempt it becomes a dead letter."""
        return await self._finish(claimed.id, claimed.token, milliseconds(at), why=why)

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        """What was given up: `id`, `why`, `since`."""
        return [json.loads(text) for text in await self._door.do("HVALS", self._keys.dead)]

    async def wait(self, timeout: float) -> None:
        """Return when something may be due, after `timeout` seconds at the latest."""
        first = await self._door.do("ZRANGE", self._keys.due, 0, 0, "WITHSCORES")
        if first:
            score = first[0][1] if isinstance(first[0], (list, tuple)) else first[1]
            until = (float(score) - milliseconds(await self._clock.now())) / 1000
            timeout = min(timeout, max(until, 0.0))
        if timeout > 0:
            await self._door.pop(self._keys.bell, timeout)

    async def _read(self, identity: str, body: str, attempt: int, token: str) -> Claimed | None:
        """What was claimed; a body that cannot be read is given up at once, where an operator sees it."""
        try:
            return Claimed(identity, codec.read_effect(body), attempt, token)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.error("effect_unreadable", effect=identity, error=str(error))
            await self._finish(identity, token, 0, most_attempts=0, why=f"cannot be read: {error}")
            return None

    async def _finish(
        self, identity: str, token: str, result: str | int, *, most_attempts: int | None = None, why: str = ""
    ) -> bool:
        keys = [self._keys.due, self._keys.effect(identity), self._keys.dead]
        most = self._most_attempts if most_attempts is None else most_attempts
        now = (await self._clock.now()).isoformat()
        return bool(await self._door.run(FINISH, keys, [identity, token, result, most, why, now]))
