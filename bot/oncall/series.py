"""Series of events: a recurring event, and events that replace one occurrence, or one and all that follow.

RFC 5545 links them by the same id and a RECURRENCE-ID (3.8.4.4). With RANGE=THISANDFUTURE (3.2.13) all following
occurrences are moved by the same time and have the content of that event. Some readers apply it to one occurrence only
(niccokunzmann/python-recurring-ical-events#75): then the wrong person is called from the second week on.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from icalendar import Event

from bot.oncall.attendees import Naming, naming
from bot.oncall.times import demand_known_zones, mark, moment, repeated, span, wall, when

_DAY = timedelta(days=1)

Span = tuple[datetime, datetime, Naming]
"""Start and end, and the people whom the event names."""


@dataclass(frozen=True, slots=True)
class Written:
    """A parsed event. `at` is the occurrence of the series that it replaces; `None` for the series itself.

    `onwards`: it replaces that occurrence and all that follow.
    """

    event: Event
    zone: tzinfo | None
    begin: datetime
    length: timedelta
    named: Naming
    cancelled: bool
    at: date | None
    onwards: bool

    @property
    def repeats(self) -> bool:
        """True if it recurs by its own rules. An event for one occurrence never does, whatever rules it has copied."""
        return self.at is None or (self.onwards and bool(self.event.rrules or self.event.rdates))

    def starts(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield its starts within this time, without the excluded days."""
        taken_out = {mark(value, self.zone) for value in self.event.exdates}
        every = repeated(self.event, self.begin, self.zone, since, until)
        return (start for start in every if not _is_one_of(start, taken_out))

    def span(self, start: datetime) -> Span:
        """Return the span of the occurrence with this start. Its length is kept in local time."""
        return start, (wall(start) + self.length).replace(tzinfo=start.tzinfo), self.named

    def holds_from(self, start: datetime) -> bool:
        """Return whether this occurrence of the series is the one that it replaces, or follows it."""
        return isinstance(self.at, date) and (
            start >= self.at if isinstance(self.at, datetime) else start.date() >= self.at
        )

    def moved_by(self, whole: "Written") -> timedelta:
        """Return by how much it was moved, in its series' local time. A day stands for the series' time on that day."""
        if self.at is None or isinstance(self.at, datetime):
            stood = wall((self.at or self.begin).astimezone(whole.begin.tzinfo))
        else:
            stood = datetime.combine(self.at, wall(whole.begin).time())
        return wall(self.begin.astimezone(whole.begin.tzinfo)) - stood


def understood(event: Event, zone: tzinfo | None) -> Written:
    """Parse an event except for its recurrence. Raises what the library and Python raise for that."""
    demand_known_zones(event)
    at = _stands_for(event, zone)
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    begin, length = (_never(at), timedelta()) if cancelled else span(event, zone)
    return Written(event, zone, begin, length, naming(event), cancelled, at, at is not None and _is_onwards(event))


def _never(at: date | None) -> datetime:
    """Return a placeholder time for a cancelled event."""
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.min.replace(tzinfo=UTC)


def _stands_for(event: Event, zone: tzinfo | None) -> date | None:
    if "RECURRENCE-ID" not in event:
        return None
    at = when(event, "RECURRENCE-ID")
    if at is None:
        raise ValueError("it stands for one of a series that cannot be told")
    return mark(at, zone)


def _is_onwards(event: Event) -> bool:
    reach = str(event["RECURRENCE-ID"].params.get("RANGE", "")).upper()
    if reach not in {"", "THISANDFUTURE"}:
        raise ValueError("unknown range")  # THISANDPRIOR must not be written any more (RFC 5545, 3.2.13)
    return bool(reach)


class Series:
    """All events of a feed with the same id."""

    def __init__(self) -> None:
        self._wholes: list[Written] = []
        self._singles: dict[date, Written] = {}
        self._onwards: list[Written] = []

    def add(self, one: Written) -> None:
        """Add an event of this id."""
        if one.at is None:
            self._wholes.append(one)
        elif one.onwards:
            self._onwards.append(one)
        else:
            self._singles[one.at] = one

    def spans(self, one: Written, since: datetime, until: datetime) -> Iterator[Span]:
        """Yield the spans of this event around this time, except where another event of the series replaces it."""
        if one.cancelled:
            return
        if one.at is not None and not (one.onwards and one.at in self._singles):
            yield one.span(one.begin)
        if one.repeats:
            yield from self._repeated(one, since, until)
        if one.at is None:
            for change in self._onwards:
                yield from self._changed(one, change, since, until)

    def lacks_its_whole(self, one: Written) -> bool:
        """Return whether it replaces several occurrences of a series that the feed does not contain."""
        return one.onwards and not (one.cancelled or one.repeats or self._wholes)

    def _repeated(self, one: Written, since: datetime, until: datetime) -> Iterator[Span]:
        """Yield its occurrences that no later change replaces. The first one of a change is already known."""
        known, mine = (one.begin, one) if one.onwards else (None, None)
        for start in self._open(one, since - one.length - _DAY, until):
            if start != known and self._change(start) is mine:
                yield one.span(start)

    def _changed(self, whole: Written, change: Written, since: datetime, until: datetime) -> Iterator[Span]:
        """Yield the occurrences that follow a change: moved as it was, with the people whom it names."""
        if change.cancelled or change.repeats:
            return
        by = change.moved_by(whole)
        for start in self._open(whole, since - change.length - _DAY - by, until + _DAY - by):
            if self._change(start) is change and not _is_one_of(start, {change.at}):
                yield change.span((wall(start) + by).replace(tzinfo=start.tzinfo))

    def _open(self, one: Written, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield its starts, except for occurrences that are replaced by a single event."""
        return (start for start in one.starts(since, until) if not _is_one_of(start, self._singles))

    def _change(self, start: datetime) -> Written | None:
        """Return the latest change that applies from this occurrence, or from an earlier one, onwards."""
        changes = [one for one in self._onwards if one.holds_from(start)]
        return max(changes, key=lambda one: moment(one.at or start, start.tzinfo), default=None)


def _is_one_of(start: datetime, marks: Container[date | None]) -> bool:
    return start.date() in marks or start.astimezone(UTC) in marks
