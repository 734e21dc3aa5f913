"""The poller's lease and what it remembers."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from approvals.effects import Planned, effect_id
from bot.store import keys as names
from bot.store.clock import milliseconds
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import ALARM, LEAD, RELEASE, WATERMARK, LuaScript
from handlers.ports.clock import Clock
from handlers.ports.polling import Polling

LEASE = timedelta(seconds=20)
"""A dead poller is replaced after this time. A live one renews its lease every few seconds."""


class RedisPollState:
    """The port `PollState`. A replica whose configuration is not active never leads."""

    def __init__(
        self,
        connections: Connections,
        keys: Keys,
        config_digest: str,
        clock: Clock,
        read_up_to: Callable[[datetime], None] = lambda _watermark: None,
    ) -> None:
        self._read_up_to = read_up_to
        self._redis = connections.redis
        self._keys = keys
        self._config_digest = config_digest
        self._clock = clock

    async def lead(self, replica: str) -> bool:
        """Become or stay the poller; return false if another replica is the poller, or if this one stands back."""
        now, of = await self._clock.now(), self._keys.of
        call = {
            "replica": replica,
            "now": milliseconds(now),
            "lease_until": milliseconds(now + LEASE),
            "config": self._config_digest,
        }
        keys = [of(names.POLLER), of(names.CONFIG), of(names.STANDS_BACK, replica)]
        return bool(await LEAD.run(self._redis, keys, call))

    async def release(self, replica: str) -> None:
        """Give up polling, for the next replica that asks."""
        await self._release({"replica": replica})

    async def stand_back(self, replica: str, pause: timedelta) -> None:
        """Leave polling to the others for one lease plus this pause, so that any of them has time to take it."""
        back_at = milliseconds(await self._clock.now() + LEASE + pause)
        await self._release({"replica": replica, "back_at": back_at, "seconds": names.STANDS_BACK.seconds})

    async def watermark(self) -> datetime | None:
        """Return the time up to which Intune has been read; `None` before the first poll."""
        text = await self._redis.get(self._keys.of(names.WATERMARK))
        return datetime.fromisoformat(text) if text else None

    async def complete(self, to: datetime, recovered: Sequence[Planned] = ()) -> None:
        """Store that Intune has been read up to `to`. Changes nothing if another configuration became active during the
        poll."""
        of = self._keys.of
        keys = [of(names.WATERMARK), of(names.CONFIG), of(names.POLLING)]
        await self._tell(WATERMARK, keys, recovered, {"to": to.isoformat(), "config": self._config_digest})
        self._read_up_to(to)

    async def incomplete(self, stuck: Sequence[str]) -> None:
        """Store which rows could not be taken in."""
        await self._redis.hset(self._keys.of(names.POLLING), "stuck", json.dumps(list(stuck)))

    async def polling(self) -> Polling:
        """Return the state of polling for all replicas together. The first call starts the wait for the first poll."""
        key = self._keys.of(names.POLLING)
        known = await self._redis.hgetall(key)
        if "since" not in known:
            await self._redis.hsetnx(key, "since", (await self._clock.now()).isoformat())
            known = await self._redis.hgetall(key)
        return Polling(
            wanted_since=datetime.fromisoformat(known["since"]),
            complete_at=_moment(known.get("complete")),
            alarmed="alarmed" in known,
            stuck=tuple(json.loads(known.get("stuck", "[]"))),
            beaten_at=_moment(known.get("beaten")),
        )

    async def alarm(self, seen: Polling, planned: Sequence[Planned]) -> bool:
        """Alarm that no poll is complete. Return false, and do nothing, if that was done or a poll completed
        meanwhile."""
        complete = seen.complete_at.isoformat() if seen.complete_at else ""
        return bool(await self._tell(ALARM, [self._keys.of(names.POLLING)], planned, {"complete": complete}))

    async def beaten(self) -> None:
        """Store that a heartbeat was sent now."""
        await self._redis.hset(self._keys.of(names.POLLING), "beaten", (await self._clock.now()).isoformat())

    async def _release(self, call: dict[str, Any]) -> None:
        keys = [self._keys.of(names.POLLER), self._keys.of(names.STANDS_BACK, call["replica"])]
        await RELEASE.run(self._redis, keys, call)

    async def _tell(self, script: LuaScript, keys: list[str], planned: Sequence[Planned], call: dict[str, Any]) -> Any:
        now, of = await self._clock.now(), self._keys.of
        effects = [of(names.EFFECT, effect_id(one.effect)) for one in planned]
        every = [self._keys.new_answer(), *keys, of(names.DUE), of(names.FENCE), of(names.BELL), *effects]
        call |= {"at": now.isoformat(), "planned": [as_call(one, now) for one in planned]}
        return await script.run(self._redis, every, call)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
