"""The tenant's time: driven by tests, following the wall clock in the demo."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that stands still until somebody moves it; never backwards unless told to `jump`."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The tenant's present, aware, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        if by < timedelta():
            raise ValueError("time passes forwards; use jump() for a broken clock")
        self._now += by

    def jump(self, to: datetime) -> None:
        """Set the clock anywhere, as a badly kept host would."""
        self._now = to.astimezone(UTC)


class WallClock(Clock):
    """The real time, shifted by whatever was advanced: for a tenant that a person clicks through."""

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
    """The host's time. Token lifetimes stay on it, because msal's cache reads it too."""
    return datetime.now(UTC)  # noqa: TID251  the one place in the simulator that reads the host's clock
