"""The production clock: the server's time, so that all replicas agree even if their hosts' clocks differ."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.store.keys import DUE, Keys
from bot.store.redis import RedisCommands
from bot.store.scripts import TIME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


BELIEVED_SECONDS = 1.0
"""How long the local monotonic clock continues the server's last answer. In that time they differ by microseconds
only."""


class RedisClock:
    """Redis `TIME` of the node that holds the tenant, asked once a second. The host's own time is never used."""

    def __init__(self, redis: RedisCommands, keys: Keys, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._keys = keys
        self._monotonic = monotonic
        self._told, self._asked_at = _EPOCH, float("-inf")

    async def now(self) -> datetime:
        """Return the current time, aware, in UTC. Raises `Unavailable` without a server."""
        if self._monotonic() - self._asked_at >= BELIEVED_SECONDS:
            seconds, microseconds = await TIME.run(self._redis, [self._keys.of(DUE)], {})
            self._told = _EPOCH + timedelta(seconds=int(seconds), microseconds=int(microseconds))
            self._asked_at = self._monotonic()
        return self._told + timedelta(seconds=self._monotonic() - self._asked_at)


def milliseconds(moment: datetime) -> int:
    """Return the number of whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def due_milliseconds(moment: datetime) -> int:
    """Return the milliseconds since 1970, rounded up, so that nothing is done too early."""
    return -((_EPOCH - moment) // _MILLISECOND)
