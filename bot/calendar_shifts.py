"""Shifts out of an iCalendar feed (RFC 5545): whom its events name, and when.

Whoever may write to the calendar writes what is read here. What costs more than a calendar of people can is left out,
or is no calendar; what is slow all the same is up to whoever calls this, in a process that can be ended.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar import Calendar, Event, vCalAddress, vRecur

_DAY = timedelta(days=1)
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]]+@[^\s@,;:<>()\[\]]+")
_SEPARATORS = re.compile(r"[;/&+]")  # no comma: some directories write "Diaz, Dana"
_REPEATS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})  # a shift that comes every second only costs time
_NO_PERSON = frozenset({"ROOM", "RESOURCE"})

MOST_EVENTS = 5_000
"""Of a feed: ten a week for ten years."""

MOST_SHIFTS = 5_000
"""Of a feed, within the few days that are asked for."""

_MOST_OF_ONE = 500
"""Repetitions of one event within the same time: one an hour for three weeks."""

_MOST_STEPS = 50_000
"""Repetitions of one event that are walked through on the way to the present: a daily one for over a century."""

_LONGEST_TITLE, _LONGEST_NAME, _MOST_PEOPLE = 1_000, 320, 50
"""Characters of a title and of a name or an address (RFC 5321 allows 64 + 1 + 255), and people of one event."""

_PERIODS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
"""What repeats by a fixed time on the wall's clock, so that one can begin to count anywhere."""


class Unreadable(Exception):
    """This is no calendar."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From one moment up to another, in UTC, and whom the event names: their addresses, or what its title says."""

    start: datetime
    end: datetime
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The shifts of a feed, the one that began last first, and the id of each event that is left out, with why."""

    shifts: tuple[Shift, ...]
    unread: tuple[tuple[str, str], ...] = ()


def shifts(feed: str, zone: ZoneInfo, since: datetime, until: datetime) -> Reading:
    """Return every shift that touches this time; `Unreadable` if the feed is no calendar of people.

    `zone` is where a day begins for events that last whole days or name no zone. An event that cannot be read is left
    out.
    """
    events = list(_events(feed))
    moved = defaultdict[str, set[date]](set)
    for event in events:
        if at := _when(event, "RECURRENCE-ID"):
            moved[_uid(event)].add(_mark(at, zone))
    found: list[Shift] = []
    unread: list[tuple[str, str]] = []
    for event in events:
        try:
            found += tuple(_shifts_of(event, moved[_uid(event)], zone, since, until))
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            unread.append((_uid(event)[:100], type(error).__name__))
        if len(found) > MOST_SHIFTS:
            raise Unreadable(f"it names more than {MOST_SHIFTS} shifts in a few days")
    return Reading(tuple(sorted(found, key=lambda shift: shift.start, reverse=True)), tuple(unread))


def _events(feed: str) -> Iterator[Event]:
    if feed.upper().count("BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable(f"it has more than {MOST_EVENTS} events")
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
    people = tuple(islice((one for one in _people(event) if len(one) <= _LONGEST_NAME), _MOST_PEOPLE))
    for start in starts:
        if start.date() in skipped or start.astimezone(UTC) in skipped:
            continue
        end = (_wall(start) + length).replace(tzinfo=start.tzinfo)
        if max(start, since) < min(end, until):
            yield Shift(start.astimezone(UTC), end.astimezone(UTC), people)


def _repeated(event: Event, begin: datetime, zone: ZoneInfo, since: datetime, until: datetime) -> Iterable[datetime]:
    every = rruleset()
    for rule in event.rrules:
        text, near = _rule(rule, begin), _near(begin, rule, since)
        every.rrule(cast("rrule", rrulestr(text, dtstart=near)))  # one line is one rule
    if not event.rrules:
        every.rdate(begin)
    for added, _ in event.rdates:
        every.rdate(_moment(added, zone).astimezone(begin.tzinfo))
    return _between(every, since, until)


def _between(every: Iterable[datetime], since: datetime, until: datetime) -> Iterator[datetime]:
    found = 0
    for number, at in enumerate(every):
        if at > until:
            return
        found += at >= since
        if number >= _MOST_STEPS or found > _MOST_OF_ONE:
            raise ValueError("repeats too often")
        if at >= since:
            yield at


def _near(begin: datetime, rule: vRecur, since: datetime) -> datetime:
    """Return a beginning close before `since` from which the rule gives the same moments from then on.

    Only where that is exact: days and weeks go on alike for ever, as long as nobody counts them from the first one.
    """
    period = _PERIODS.get(rule["FREQ"][0].upper())
    if period is None or "COUNT" in rule:
        return begin
    step = period * int(rule.get("INTERVAL", [1])[0])
    behind = (_wall(since.astimezone(begin.tzinfo)) - _wall(begin)) // step
    return begin + step * max(behind - 1, 0)


def _rule(rule: vRecur, begin: datetime) -> str:
    """The rule with its end as a moment, as `dateutil` wants it; feeds write dates and times without a zone, too."""
    if rule["FREQ"][0].upper() not in _REPEATS:
        raise ValueError("repeats more often than daily")
    if int(rule.get("INTERVAL", [1])[0]) < 1:
        raise ValueError("repeats without end on one day")
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
    title = str(event.get("SUMMARY", ""))[:_LONGEST_TITLE]  # looking for addresses takes the square of its length
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
    return str(event.get("UID", ""))


def _demand_known_zone(event: Event) -> None:
    """A zone that is named and unknown is not ours; without this it would pass for it."""
    for name in ("DTSTART", "DTEND"):
        at = _when(event, name)
        if isinstance(at, datetime) and at.tzinfo is None and "TZID" in event[name].params:
            raise LookupError("unknown time zone")
