"""Checks whether a decision could be stored now."""

from bot.store import keys as names
from bot.store.keys import Keys
from bot.store.redis import Connections
from bot.store.scripts import PROBE


class RedisProbe:
    """Writes a small value as a decision is written: by a script, to as many servers as the address asks for."""

    def __init__(self, connections: Connections, keys: Keys) -> None:
        self._connections = connections
        self._key = keys.of(names.PROBE)

    async def can_write(self) -> None:
        """Write the value. Raises `Refused` if the server refuses, `Unavailable` if no server confirms.

        A server that is full, read-only or without replicas still answers reads.
        """
        await self._connections.durably(lambda redis: PROBE.run(redis, [self._key], {"seconds": names.PROBE.seconds}))
