"""The tenant's time: set by tests, the real time in the demo."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that stands still until it is moved; only `jump` can move it back."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the tenant's current time, aware, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; raises `ValueError` for a negative duration."""
        if by < timedelta():
            raise ValueError("time passes forwards; use jump() for a broken clock")
        self._now += by

    def jump(self, to: datetime) -> None:
        """Set the clock to any time, as on a host with a wrong clock."""
        self._now = to.astimezone(UTC)


class WallClock(Clock):
    """The real time, shifted by `advance` and `jump`; for a tenant that a person uses."""

    def __init__(self) -> None:
        super().__init__(wall_time())
        self._shift = timedelta()

    def now(self) -> datetime:
        return wall_time() + self._shift

    def advance(self, by: timedelta) -> None:
        self._shift += by

    def jump(self, to: datetime) -> None:
        self._shift = to.astimezone(UTC) - wall_time()


def wall_time() -> datetime:
    """Return the host's time. Token lifetimes use it, because msal's cache does too."""
    return datetime.now(UTC)  # noqa: TID251  the one place in the simulator that reads the host's clock
