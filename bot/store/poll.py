"""The one poller's memory and its lease."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.store import keys as names
from bot.store.clock import milliseconds
from bot.store.keys import Keys
from bot.store.redis import Door
from bot.store.scripts import LEAD, WATERMARK
from handlers.ports import Clock

LEASE = timedelta(seconds=20)
"""A dead poller is replaced after this; a living one asks for it every few seconds and keeps it."""


class RedisPollState:
    """The port `PollState`. A replica whose configuration is not the active one never leads."""

    def __init__(
        self,
        door: Door,
        keys: Keys,
        config_digest: str,
        clock: Clock,
        read_up_to: Callable[[datetime], None] = lambda _watermark: None,
    ) -> None:
        self._read_up_to = read_up_to
        self._redis = door.redis
        self._keys = keys
        self._config_digest = config_digest
        self._clock = clock

    async def lead(self, replica: str) -> bool:
        """Become or stay the one poller; false if another replica is."""
        now = await self._clock.now()
        call = {
            "replica": replica,
            "now": milliseconds(now),
            "lease_until": milliseconds(now + LEASE),
            "config": self._config_digest,
        }
        return bool(await LEAD.run(self._redis, [self._keys.of(names.POLLER), self._keys.of(names.CONFIG)], call))

    async def watermark(self) -> datetime | None:
        """Up to where Intune was read; `None` before the very first poll."""
        text = await self._redis.get(self._keys.of(names.WATERMARK))
        return datetime.fromisoformat(text) if text else None

    async def move_watermark(self, to: datetime) -> None:
        """Everything up to here was read. Nothing moves if another configuration became active during the poll."""
        keys = [self._keys.of(names.WATERMARK), self._keys.of(names.CONFIG)]
        await WATERMARK.run(self._redis, keys, {"to": to.isoformat(), "config": self._config_digest})
        self._read_up_to(to)
