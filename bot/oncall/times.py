"""The times of an event: its start, its length, and its recurrence (RFC 5545)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import cast

from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar import Event, vRecur

_REPEATS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})  # more frequent shifts only cost time

_MOST_OF_ONE = 500
"""Occurrences of one event within the same time: one an hour for three weeks."""

_MOST_STEPS = 50_000
"""Occurrences of one event that are skipped before the present: a daily one for over a century."""

_PERIODS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
"""Recurrence with a fixed period in local time, for which counting can start anywhere."""

_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")


def moment(value: date, zone: tzinfo | None) -> datetime:
    """Return the time: midnight for a whole day, in this zone if none is named. Raises `LookupError` if unknown."""
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    if at.tzinfo:
        return at
    if zone is None:
        raise LookupError("unknown time zone")
    return at.replace(tzinfo=zone)


def mark(value: date, zone: tzinfo | None) -> date:
    """Return the key of an occurrence: its time in UTC, or its day."""
    return moment(value, zone).astimezone(UTC) if isinstance(value, datetime) else value


def wall(at: datetime) -> datetime:
    """Return the local time, without its zone."""
    return at.replace(tzinfo=None)


def span(event: Event, zone: tzinfo | None) -> tuple[datetime, timedelta]:
    """Return the start of an event, and its length in local time, as calendars draw it.

    So adjoining shifts adjoin on every day.
    """
    begin = moment(event.start, zone)
    return begin, wall(moment(event.end, zone).astimezone(begin.tzinfo)) - wall(begin)


def repeated(
    event: Event, begin: datetime, zone: tzinfo | None, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield every start within this time. Raises `ValueError` if the event repeats too often to be a shift."""
    every = rruleset()
    for rule in event.rrules:
        text, near = _rule(rule, begin), _near(begin, rule, since)
        every.rrule(cast("rrule", rrulestr(text, dtstart=near)))  # one line is one rule
    if not event.rrules:
        every.rdate(begin)
    for added, _ in event.rdates:
        every.rdate(moment(added, zone).astimezone(begin.tzinfo))
    return _between(every, since, until)


def demand_known_zones(event: Event) -> None:
    """Raise `LookupError` for a named but unknown zone: otherwise it would be treated as ours."""
    for name in _TIMES:
        written = event.get(name, ())
        for value in written if isinstance(written, list) else [written]:
            if "TZID" in getattr(value, "params", ()) and any(_is_floating(at) for at in _values(value)):
                raise LookupError("unknown time zone")


def when(event: Event, name: str) -> date | None:
    """Return a day or a time of the event; `None` if it is missing or unreadable."""
    try:
        value = getattr(event.get(name), "dt", None)
    except ValueError:  # the library raises this for a value that it could not read
        return None
    return value if isinstance(value, date) else None


def _values(value: object) -> Iterator[object]:
    inner = getattr(value, "dts", None)
    yield from (getattr(one, "dt", None) for one in ([value] if inner is None else inner))


def _is_floating(value: object) -> bool:
    at = value[0] if isinstance(value, tuple) else value
    return isinstance(at, datetime) and at.tzinfo is None


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
    """Return a start shortly before `since` from which the rule gives the same times from then on.

    This is exact only for daily and weekly rules without a COUNT; for others, `begin` is returned.
    """
    period = _PERIODS.get(rule["FREQ"][0].upper())
    if period is None or "COUNT" in rule:
        return begin
    step = period * int(rule.get("INTERVAL", [1])[0])
    behind = (wall(since.astimezone(begin.tzinfo)) - wall(begin)) // step
    return begin + step * max(behind - 1, 0)


def _rule(rule: vRecur, begin: datetime) -> str:
    """Return the rule with its end as a time with a zone, for `dateutil`. Feeds also write dates and local times."""
    if rule["FREQ"][0].upper() not in _REPEATS:
        raise ValueError("repeats more often than daily")
    if int(rule.get("INTERVAL", [1])[0]) < 1:
        raise ValueError("repeats without end on one day")
    ends = [one if isinstance(one, datetime) else datetime.combine(one, time.max) for one in rule.get("UNTIL", ())]
    last = [(end if end.tzinfo else end.replace(tzinfo=begin.tzinfo)).astimezone(UTC) for end in ends]
    written: bytes = vRecur({**rule, "UNTIL": last} if last else rule).to_ical()  # type: ignore[no-untyped-call]
    return written.decode()
