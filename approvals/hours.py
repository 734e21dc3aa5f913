"""Business hours: when people are at work, in their own time zone."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_FAR = 400
"""Days to look ahead; more than any holiday calendar closes in a row."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on these weekdays (0 is Monday) from `opens` to `closes`, local time of `zone`, except on holidays.

    If `closes` is not after `opens`, the hours run over midnight and belong to the day on which they began. Moments are
    aware. The configuration reader creates the zone, because that reads files.
    """

    zone: ZoneInfo
    days: frozenset[int]
    opens: time
    closes: time
    holidays: frozenset[date] = field(default_factory=frozenset)

    def is_open(self, at: datetime) -> bool:
        """Return whether people are at work then."""
        today = self._day(at)
        spans = (self._span(today - _DAY), self._span(today))
        return any(span is not None and span[0] <= at < span[1] for span in spans)

    def next_opening(self, at: datetime) -> datetime | None:
        """Return `at` itself if it is open, otherwise the next opening; nothing if there is none."""
        if self.is_open(at):
            return at
        spans = (self._span(self._day(at) + ahead * _DAY) for ahead in range(_FAR))
        return next((span[0] for span in spans if span is not None and span[0] >= at), None)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the opening and closing of the hours that begin on this day, or nothing."""
        if day.weekday() not in self.days or day in self.holidays:
            return None
        last = day if self.closes > self.opens else day + _DAY
        return self._moment(day, self.opens), self._moment(last, self.closes)  # a clock change may skip all of it

    def _moment(self, day: date, wall: time) -> datetime:
        """Return the moment of a local time. If clocks show it twice, use the first; if they skip it, shift it by the
        jump.

        Opening and closing times are read alike, so that adjoining hours adjoin on every day.
        """
        return datetime.combine(day, wall, self.zone).astimezone(UTC)
