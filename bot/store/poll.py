"""The one poller's memory and its lease."""

from datetime import datetime, timedelta

from bot.store.keys import POLLER_LEASE, Keys
from bot.store.redis import Door
from bot.store.scripts import LEAD


class RedisPollState:
    """The port `PollState`. The lease runs on the server's own time, so a dead poller is replaced in any case."""

    def __init__(self, door: Door, keys: Keys, lease: timedelta = POLLER_LEASE) -> None:
        self._door = door
        self._keys = keys
        self._lease = lease

    async def lead(self, replica: str) -> bool:
        """Become or stay the one poller; false if another replica is."""
        lease = int(self._lease / timedelta(milliseconds=1))
        return bool(await self._door.run(LEAD, [self._keys.poller], [replica, lease]))

    async def watermark(self) -> datetime | None:
        """Up to where Intune was read; `None` before the very first poll."""
        text = await self._door.do("GET", self._keys.watermark)
        return datetime.fromisoformat(text) if text else None

    async def move_watermark(self, to: datetime) -> None:
        """Everything up to here was read."""
        await self._door.do("SET", self._keys.watermark, to.isoformat())
