"""The production clock: the server's time, so that all replicas agree whatever their hosts believe."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.store.keys import DUE, Keys
from bot.store.redis import Commands
from bot.store.scripts import TIME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


BELIEVED_SECONDS = 1.0
"""How long an answer of the server is carried on by our own stopwatch; two clocks drift apart by microseconds in it."""


class RedisClock:
    """Redis `TIME` on the node that holds the tenant, asked once a second. Our host's own time never counts."""

    def __init__(self, redis: Commands, keys: Keys, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._keys = keys
        self._monotonic = monotonic
        self._told, self._asked_at = _EPOCH, float("-inf")

    async def now(self) -> datetime:
        """The present, aware, in UTC; `Unavailable` without a server."""
        if self._monotonic() - self._asked_at >= BELIEVED_SECONDS:
            seconds, microseconds = await TIME.run(self._redis, [self._keys.of(DUE)], {})
            self._told = _EPOCH + timedelta(seconds=int(seconds), microseconds=int(microseconds))
            self._asked_at = self._monotonic()
        return self._told + timedelta(seconds=self._monotonic() - self._asked_at)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 that have passed."""
    return (moment - _EPOCH) // _MILLISECOND


def due_milliseconds(moment: datetime) -> int:
    """The first whole millisecond that is not before this moment, so that nothing is ever done too early."""
    return -((_EPOCH - moment) // _MILLISECOND)
