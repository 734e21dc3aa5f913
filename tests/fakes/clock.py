"""The time in tests, which only a test moves."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday."""


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, time: datetime = MORNING) -> None:
        self.time = time

    async def now(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        """Let time pass: `advance(minutes=5)`."""
        self.time += timedelta(**span)
