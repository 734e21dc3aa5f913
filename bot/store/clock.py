"""The production clock: the server's time, so that all replicas agree whatever their hosts believe."""

from datetime import UTC, datetime, timedelta

from bot.store.redis import Door

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RedisClock:
    """Redis `TIME`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def now(self) -> datetime:
        """The present, aware, in UTC; `Unavailable` without a server."""
        seconds, microseconds = await self._door.do("TIME")
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(microseconds))


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970, as the outbox sorts them."""
    return int((moment - _EPOCH) / timedelta(milliseconds=1))
