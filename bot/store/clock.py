"""The production clock: the server's time, so that all replicas agree whatever their hosts believe."""

from datetime import UTC, datetime, timedelta

from bot.store.keys import DUE, Keys
from bot.store.redis import Commands
from bot.store.scripts import TIME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class RedisClock:
    """Redis `TIME` on the node that holds the tenant."""

    def __init__(self, redis: Commands, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def now(self) -> datetime:
        """The present, aware, in UTC; `Unavailable` without a server."""
        seconds, microseconds = await TIME.run(self._redis, [self._keys.of(DUE)], {})
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(microseconds))


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 that have passed."""
    return (moment - _EPOCH) // _MILLISECOND


def due_milliseconds(moment: datetime) -> int:
    """The first whole millisecond that is not before this moment, so that nothing is ever done too early."""
    return -((_EPOCH - moment) // _MILLISECOND)
