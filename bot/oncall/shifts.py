"""Shifts out of an iCalendar feed (RFC 5545): whom its events name, and when.

Whoever may write to the calendar writes what is read here. What costs more than a calendar of people can is left out,
or is no calendar; what is slow all the same is up to whoever calls this, in a process that can be ended.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event
from icalendar.timezone import tzp

from bot.oncall.series import Series, Written, understood

MOST_EVENTS = 5_000
"""Of a feed: ten a week for ten years."""

MOST_SHIFTS = 5_000
"""Of a feed, within the few days that are asked for."""

_LONGEST_ID = 255
"""Characters of an id that operators are told; RFC 7986, 5.3 has ids stay below. They are compared whole."""

_WRONG = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


class Unreadable(Exception):
    """This is no calendar."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From one moment up to another, in UTC, and whom the event names: people, or a title that may name some."""

    start: datetime
    end: datetime
    people: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The shifts of a feed, the one that began last first, and each event that is not wholly read: its id, and why."""

    shifts: tuple[Shift, ...]
    unread: tuple[tuple[str, str], ...] = ()


def shifts(feed: str, zone: ZoneInfo, since: datetime, until: datetime) -> Reading:
    """Return every shift that touches this time; `Unreadable` if the feed is no calendar of people.

    `zone` is where a day begins for events that last whole days or name no zone, unless the calendar names its own. An
    event that cannot be read is left out; where it stands for one of a series, that one stays as it was.
    """
    unread: list[tuple[str, str]] = []
    found: list[Shift] = []
    for one, series in _in_series(feed, zone, unread):
        try:
            found += tuple(_shifts_of(one, series, since, until))
        except _WRONG as error:
            unread.append((_told(one.event), type(error).__name__))
        if len(found) > MOST_SHIFTS:
            raise Unreadable(f"it names more than {MOST_SHIFTS} shifts in a few days")
        if series.lacks_its_whole(one):
            unread.append((_told(one.event), "its series is missing"))
    return Reading(tuple(sorted(found, key=lambda shift: shift.start, reverse=True)), tuple(unread))


def _in_series(feed: str, zone: ZoneInfo, unread: list[tuple[str, str]]) -> list[tuple[Written, Series]]:
    """Every event with all that has the same id. The whole of it counts: those that Exchange makes of the ids of others
    share their first 104 characters ([MS-OXCICAL] 2.1.3.1.1.20.26, [MS-OXOCAL] 2.2.1.27)."""
    by_id = defaultdict[str, Series](Series)
    found: list[tuple[Written, Series]] = []
    for event, its_zone in _events(feed, zone):
        try:
            one = understood(event, its_zone)
        except _WRONG as error:
            unread.append((_told(event), type(error).__name__))
            continue
        uid = str(event.get("UID", ""))
        series = by_id[uid] if uid else Series()  # what has no id belongs to nothing
        series.add(one)
        found.append((one, series))
    return found


def _events(feed: str, zone: ZoneInfo) -> Iterator[tuple[Event, tzinfo | None]]:
    """Every event, and where it is when it does not say so."""
    if feed.upper().count("BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable(f"it has more than {MOST_EVENTS} events")
    try:
        calendars = [one for one in Calendar.from_ical(feed, multiple=True) if one.name == "VCALENDAR"]
    except (ValueError, LookupError) as error:
        raise Unreadable("this is no calendar") from error
    if not calendars:
        raise Unreadable("this is no whole calendar")
    for calendar in calendars:
        own_zone = _zone_of(calendar, zone)
        yield from ((part, own_zone) for part in calendar.walk("VEVENT") if isinstance(part, Event))


def _zone_of(calendar: Component, zone: ZoneInfo) -> tzinfo | None:
    """Where events without a zone are: where the calendar says that it is (X-WR-TIMEZONE), else in the given zone.

    `None` where what it says is unknown; that is not ours.
    """
    named = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    return tzp.timezone(named) if named else zone


def _shifts_of(one: Written, series: Series, since: datetime, until: datetime) -> Iterator[Shift]:
    for start, end, named in series.spans(one, since, until):
        if max(start, since) < min(end, until):
            yield Shift(start.astimezone(UTC), end.astimezone(UTC), named.people, named.title)


def _told(event: Event) -> str:
    return str(event.get("UID", ""))[:_LONGEST_ID]
