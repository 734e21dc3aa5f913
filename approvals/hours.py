"""Business hours: when people are at work, in their own time zone."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_LONGEST_CLOSED = 400
"""Days to look ahead for an opening; more than any holiday calendar closes in a row."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on these weekdays (0 is Monday) from `opens` to `closes`, local time of `zone`, except on holidays.

    Who closes at or before the time of opening works over midnight. Moments are aware; answers are in UTC.
    """

    zone: str
    days: frozenset[int]
    opens: time
    closes: time
    holidays: frozenset[date] = field(default_factory=frozenset)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at work then."""
        today = at.astimezone(ZoneInfo(self.zone)).date()
        return any(opening <= at < closing for opening, closing in map(self._span, (today - _DAY, today)) if closing)

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself if it is open, else when it opens next; `ValueError` where it never does."""
        if self.is_open(at):
            return at.astimezone(UTC)
        today = at.astimezone(ZoneInfo(self.zone)).date()
        for ahead in range(_LONGEST_CLOSED):
            opening, closing = self._span(today + ahead * _DAY)
            if closing and opening >= at:
                return opening
        raise ValueError("these hours never open")

    def next_closing(self, at: datetime) -> datetime:
        """When it closes, of the hours that `at` is in or that come next."""
        opening = self.next_opening(at)
        today = opening.astimezone(ZoneInfo(self.zone)).date()
        return next(
            closing
            for begun, closing in map(self._span, (today - _DAY, today))
            if closing and opening < closing and begun <= opening
        )

    def _span(self, day: date) -> tuple[datetime, datetime | None]:
        """From when to when it is open; without an end on days when it is closed.

        A wall-clock time that daylight saving skips or repeats is read as Python does: the first of the two.
        """
        zone = ZoneInfo(self.zone)
        opening = datetime.combine(day, self.opens, zone).astimezone(UTC)
        if day.weekday() not in self.days or day in self.holidays:
            return opening, None
        last = day if self.closes > self.opens else day + _DAY
        return opening, datetime.combine(last, self.closes, zone).astimezone(UTC)
