"""Shifts from an iCalendar feed (RFC 5545): the people whom its events name, and when.

Anyone with write access to the calendar controls this input. Anything more expensive than a real calendar of people is
left out or refused. The caller has to limit what is still slow, by a process that can be killed.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event
from icalendar.timezone import tzp

from bot.oncall.series import Series, Written, understood

MOST_EVENTS = 5_000
"""Maximum number of events in a feed: ten a week for ten years."""

MOST_SHIFTS = 5_000
"""Maximum number of shifts in a feed, within the few days that are asked for."""

_LONGEST_ID = 255
"""Characters of an id in the log; RFC 7986, 5.3 has ids stay below. They are compared in full."""

_WRONG = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


class UnreadableCalendar(Exception):
    """The feed is not a readable calendar."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Start and end in UTC, and whom the event names: people, or a title that may contain some."""

    start: datetime
    end: datetime
    people: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The shifts of a feed, the latest start first, and each event that was not fully read: its id and the reason."""

    shifts: tuple[Shift, ...]
    unread: tuple[tuple[str, str], ...] = ()


def shifts(feed: str, zone: ZoneInfo, since: datetime, until: datetime) -> Reading:
    """Return every shift that overlaps this time. Raises `UnreadableCalendar` if the feed is no calendar of people.

    `zone` applies to events that last whole days or name no zone, unless the calendar names its own. An unreadable
    event is left out; if it replaces one occurrence of a series, that occurrence stays unchanged.
    """
    unread: list[tuple[str, str]] = []
    found: list[Shift] = []
    for one, series in _in_series(feed, zone, unread):
        try:
            found += tuple(_shifts_of(one, series, since, until))
        except _WRONG as error:
            unread.append((_told(one.event), type(error).__name__))
        if len(found) > MOST_SHIFTS:
            raise UnreadableCalendar(f"it names more than {MOST_SHIFTS} shifts in a few days")
        if series.lacks_its_whole(one):
            unread.append((_told(one.event), "its series is missing"))
    return Reading(tuple(sorted(found, key=lambda shift: shift.start, reverse=True)), tuple(unread))


def _in_series(feed: str, zone: ZoneInfo, unread: list[tuple[str, str]]) -> list[tuple[Written, Series]]:
    """Group the events by id. The whole id counts: ids that Exchange derives from foreign ones share their first 104
    characters ([MS-OXCICAL] 2.1.3.1.1.20.26, [MS-OXOCAL] 2.2.1.27)."""
    by_id = defaultdict[str, Series](Series)
    found: list[tuple[Written, Series]] = []
    for event, its_zone in _events(feed, zone):
        try:
            one = understood(event, its_zone)
        except _WRONG as error:
            unread.append((_told(event), type(error).__name__))
            continue
        uid = str(event.get("UID", ""))
        series = by_id[uid] if uid else Series()  # an event without an id belongs to no series
        series.add(one)
        found.append((one, series))
    return found


_ALARM = re.compile(r"^BEGIN:VALARM\r?$.*?^END:VALARM\r?\n", re.IGNORECASE | re.MULTILINE | re.DOTALL)
"""A reminder of the calendar's own. Nobody uses it here, and a broken one would make the whole calendar unreadable."""


def _events(feed: str, zone: ZoneInfo) -> Iterator[tuple[Event, tzinfo | None]]:
    """Yield every event with the default zone of its calendar."""
    if feed.upper().count("BEGIN:VEVENT") > MOST_EVENTS:
        raise UnreadableCalendar(f"it has more than {MOST_EVENTS} events")
    try:
        wanted = _ALARM.sub("", feed)
        calendars = [one for one in Calendar.from_ical(wanted, multiple=True) if one.name == "VCALENDAR"]
    except (ValueError, LookupError) as error:
        raise UnreadableCalendar("this is no calendar") from error
    if not calendars:
        raise UnreadableCalendar("this is no whole calendar")
    for calendar in calendars:
        own_zone = _zone_of(calendar, zone)
        yield from ((part, own_zone) for part in calendar.walk("VEVENT") if isinstance(part, Event))


def _zone_of(calendar: Component, zone: ZoneInfo) -> tzinfo | None:
    """Return the zone for events without one: the calendar's own (X-WR-TIMEZONE), else the given one.

    `None` if the calendar's zone is unknown, because then the given one does not apply.
    """
    named = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    return tzp.timezone(named) if named else zone


def _shifts_of(one: Written, series: Series, since: datetime, until: datetime) -> Iterator[Shift]:
    for start, end, named in series.spans(one, since, until):
        if max(start, since) < min(end, until):
            yield Shift(start.astimezone(UTC), end.astimezone(UTC), named.people, named.title)


def _told(event: Event) -> str:
    return str(event.get("UID", ""))[:_LONGEST_ID]
