"""Shifts out of an iCalendar feed (RFC 5545): whom its events name, and when."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import structlog
from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar import Calendar, Event, vCalAddress, vRecur

_DAY = timedelta(days=1)
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]]+@[^\s@,;:<>()\[\]]+")
_SEPARATORS = re.compile(r"[;/&+]")  # no comma: some directories write "Diaz, Dana"
_REPEATS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})  # a shift that comes every second only costs time
_NO_PERSON = frozenset({"ROOM", "RESOURCE"})

log = structlog.get_logger(__name__)


class Unreadable(Exception):
    """This is no calendar."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From one moment up to another, in UTC, and whom the event names: their addresses, or what its title says."""

    start: datetime
    end: datetime
    people: tuple[str, ...]


def shifts(feed: str, zone: ZoneInfo, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """Every shift that touches this time, the one that began last first; `Unreadable` if the feed is no calendar.

    `zone` is where a day begins for events that last whole days or name no zone. An event that cannot be read is left
    out and logged.
    """
    events = list(_events(feed))
    moved = defaultdict[str, set[date]](set)
    for event in events:
        if at := _when(event, "RECURRENCE-ID"):
            moved[_uid(event)].add(_mark(at, zone))
    found: list[Shift] = []
    for event in events:
        try:
            found += _shifts_of(event, moved[_uid(event)], zone, since, until)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            log.warning("calendar_event_unread", uid=_uid(event), why=type(error).__name__)
    return tuple(sorted(found, key=lambda shift: shift.start, reverse=True))


def _events(feed: str) -> Iterator[Event]:
    try:
        calendars = [one for one in Calendar.from_ical(feed, multiple=True) if one.name == "VCALENDAR"]
    except (ValueError, LookupError) as error:
        raise Unreadable("this is no calendar") from error
    if not calendars:
        raise Unreadable("this is no whole calendar")
    for calendar in calendars:
        yield from (part for part in calendar.walk("VEVENT") if isinstance(part, Event))


def _shifts_of(event: Event, moved: set[date], zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Shift]:
    """An event ends by the clock on the wall, as calendars draw it: so shifts that adjoin do so on every day."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    _demand_known_zone(event)
    begin = _moment(event.start, zone)
    length = _wall(_moment(event.end, zone).astimezone(begin.tzinfo)) - _wall(begin)
    single = "RECURRENCE-ID" in event
    starts = [begin] if single else _repeated(event, begin, zone, since - length - _DAY, until)
    skipped = set() if single else moved | {_mark(one, zone) for one in event.exdates}
    people = tuple(_people(event))
    for start in starts:
        if start.date() in skipped or start.astimezone(UTC) in skipped:
            continue
        end = (_wall(start) + length).replace(tzinfo=start.tzinfo)
        if max(start, since) < min(end, until):
            yield Shift(start.astimezone(UTC), end.astimezone(UTC), people)


def _repeated(event: Event, begin: datetime, zone: ZoneInfo, since: datetime, until: datetime) -> Iterable[datetime]:
    every = rruleset()
    for rule in event.rrules:
        every.rrule(cast("rrule", rrulestr(_rule(rule, begin), dtstart=begin)))  # one line is one rule
    if not event.rrules:
        every.rdate(begin)
    for added, _ in event.rdates:
        every.rdate(_moment(added, zone).astimezone(begin.tzinfo))
    return every.between(since, until, inc=True)


def _rule(rule: vRecur, begin: datetime) -> str:
    """The rule with its end as a moment, as `dateutil` wants it; feeds write dates and times without a zone, too."""
    if rule["FREQ"][0].upper() not in _REPEATS:
        raise ValueError("repeats more often than daily")
    ends = [one if isinstance(one, datetime) else datetime.combine(one, time.max) for one in rule.get("UNTIL", ())]
    last = [(end if end.tzinfo else end.replace(tzinfo=begin.tzinfo)).astimezone(UTC) for end in ends]
    written: bytes = vRecur({**rule, "UNTIL": last} if last else rule).to_ical()  # type: ignore[no-untyped-call]
    return written.decode()


def _people(event: Event) -> Iterator[str]:
    """Who is invited and has not declined; where nobody is, the addresses of the title, or else its names."""
    invited = [one for one in event.attendees if _may_come(one)]
    if invited:
        yield from (re.sub("^mailto:", "", one, flags=re.IGNORECASE).strip() for one in invited)
        return
    title = str(event.get("SUMMARY", ""))
    names = _SEPARATORS.split(title.rpartition(":")[2])
    yield from _ADDRESS.findall(title) or filter(None, (name.strip() for name in names))


def _may_come(invited: vCalAddress) -> bool:
    said = {name: str(invited.params.get(name, "")).upper() for name in ("PARTSTAT", "CUTYPE")}
    return said["PARTSTAT"] != "DECLINED" and said["CUTYPE"] not in _NO_PERSON


def _moment(value: date, zone: ZoneInfo) -> datetime:
    """A whole day begins at midnight; what names no zone is meant in ours."""
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _mark(value: date, zone: ZoneInfo) -> date:
    """How one of many repetitions is told: by its moment, or by its day."""
    return _moment(value, zone).astimezone(UTC) if isinstance(value, datetime) else value


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


def _when(event: Event, name: str) -> date | None:
    """A day or a moment that the event names; `None` where it is missing or cannot be read."""
    try:
        value = getattr(event.get(name), "dt", None)
    except ValueError:  # the library's answer to what it could not read
        return None
    return value if isinstance(value, date) else None


def _uid(event: Event) -> str:
    return str(event.get("UID", ""))[:100]


def _demand_known_zone(event: Event) -> None:
    """A zone that is named and unknown is not ours; without this it would pass for it."""
    for name in ("DTSTART", "DTEND"):
        at = _when(event, name)
        if isinstance(at, datetime) and at.tzinfo is None and "TZID" in event[name].params:
            raise LookupError("unknown time zone")
