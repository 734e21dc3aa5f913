"""Series of events: one that repeats, and those that stand for one of it, or for one and all that follow.

RFC 5545 tells both by the same id and a RECURRENCE-ID (3.8.4.4). With RANGE=THISANDFUTURE (3.2.13) all that follow are
moved by the same time and have what that event says. Readers are known to take it for one alone
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
"""From when to when, and whom the event names."""


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it was understood. `at` tells which one of its series it stands for; nothing where it is the series.

    `onwards`: for that one and all that follow it.
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
        """Whether it says itself when it is again; what stands for one alone never does, whatever it has copied."""
        return self.at is None or (self.onwards and bool(self.event.rrules or self.event.rdates))

    def starts(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """When it is again within this time, but for the days that it takes out."""
        taken_out = {mark(value, self.zone) for value in self.event.exdates}
        every = repeated(self.event, self.begin, self.zone, since, until)
        return (start for start in every if not _is_one_of(start, taken_out))

    def span(self, start: datetime) -> Span:
        """What it gives when it begins then; it ends by the clock on the wall, too."""
        return start, (wall(start) + self.length).replace(tzinfo=start.tzinfo), self.named

    def holds_from(self, start: datetime) -> bool:
        """Whether that one of the series is the one that it stands for, or follows it."""
        return isinstance(self.at, date) and (
            start >= self.at if isinstance(self.at, datetime) else start.date() >= self.at
        )

    def moved_by(self, whole: "Written") -> timedelta:
        """By how much it was moved, by the clock on the wall of its series; a day is meant at the series' time."""
        if self.at is None or isinstance(self.at, datetime):
            stood = wall((self.at or self.begin).astimezone(whole.begin.tzinfo))
        else:
            stood = datetime.combine(self.at, wall(whole.begin).time())
        return wall(self.begin.astimezone(whole.begin.tzinfo)) - stood


def understood(event: Event, zone: tzinfo | None) -> Written:
    """The event, if all of it can be read but its repetitions; else what the library and Python raise for that."""
    demand_known_zones(event)
    at = _stands_for(event, zone)
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    begin, length = (_never(at), timedelta()) if cancelled else span(event, zone)
    return Written(event, zone, begin, length, naming(event), cancelled, at, at is not None and _is_onwards(event))


def _never(at: date | None) -> datetime:
    """A moment for what never happens."""
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
        raise ValueError("unknown range")  # THISANDPRIOR is not to be written any more (RFC 5545, 3.2.13)
    return bool(reach)


class Series:
    """All that a feed says about the events of one id."""

    def __init__(self) -> None:
        self._wholes: list[Written] = []
        self._singles: dict[date, Written] = {}
        self._onwards: list[Written] = []

    def add(self, one: Written) -> None:
        """One more event of this id."""
        if one.at is None:
            self._wholes.append(one)
        elif one.onwards:
            self._onwards.append(one)
        else:
            self._singles[one.at] = one

    def spans(self, one: Written, since: datetime, until: datetime) -> Iterator[Span]:
        """What this event of the series gives around this time, but for what another one of it says better."""
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
        """Whether it stands for more than one of a series of which the feed says nothing."""
        return one.onwards and not (one.cancelled or one.repeats or self._wholes)

    def _repeated(self, one: Written, since: datetime, until: datetime) -> Iterator[Span]:
        """Those of its repetitions that no later change takes over; a change has given its first one already."""
        known, mine = (one.begin, one) if one.onwards else (None, None)
        for start in self._open(one, since - one.length - _DAY, until):
            if start != known and self._change(start) is mine:
                yield one.span(start)

    def _changed(self, whole: Written, change: Written, since: datetime, until: datetime) -> Iterator[Span]:
        """Those of the series that follow a change: moved as it was, with the people whom it names."""
        if change.cancelled or change.repeats:
            return
        by = change.moved_by(whole)
        for start in self._open(whole, since - change.length - _DAY - by, until + _DAY - by):
            if self._change(start) is change and not _is_one_of(start, {change.at}):
                yield change.span((wall(start) + by).replace(tzinfo=start.tzinfo))

    def _open(self, one: Written, since: datetime, until: datetime) -> Iterator[datetime]:
        """When it is again, but for those for which another event stands alone."""
        return (start for start in one.starts(since, until) if not _is_one_of(start, self._singles))

    def _change(self, start: datetime) -> Written | None:
        """The last change that holds from that one of the series, or from an earlier one, onwards."""
        changes = [one for one in self._onwards if one.holds_from(start)]
        return max(changes, key=lambda one: moment(one.at or start, start.tzinfo), default=None)


def _is_one_of(start: datetime, marks: Container[date | None]) -> bool:
    return start.date() in marks or start.astimezone(UTC) in marks
