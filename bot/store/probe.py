"""Whether a decision could be stored at this moment."""

from bot.store import keys as names
from bot.store.keys import Keys
from bot.store.redis import Door
from bot.store.scripts import PROBE


class RedisProbe:
    """Writes a little the way a decision is written: by a script, and on as many servers as the address asks for."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._door = door
        self._key = keys.of(names.PROBE)

    async def can_write(self) -> None:
        """Return if it was stored; `Refused` where the server will not, `Unavailable` where nobody confirms it.

        A server that is full, that only follows another one, or that lacks replicas still answers what is read.
        """
        await self._door.durably(lambda redis: PROBE.run(redis, [self._key], {"seconds": names.PROBE.seconds}))
