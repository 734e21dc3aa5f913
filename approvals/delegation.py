"""Delegation: who stands in for a person who is away, and for how long. It grants no rights."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from approvals.naming import is_name
from approvals.people import Person
from approvals.policy import Workflow

_DAY = timedelta(days=1)
_FIRST_DAY, _LAST_DAY = date.min + _DAY, date.max - _DAY
"""Days outside this range have no midnight in some time zones."""


def zone_of(workflows: Iterable[Workflow]) -> ZoneInfo | None:
    """Return the time zone in which days are counted: that of the first configured business hours, or nothing."""
    hours = (flow.ladder.hours for flow in workflows if flow.ladder is not None)
    return next((one.zone for one in hours if one is not None), None)


def absence(
    first: date | None, last: date | None, zone: ZoneInfo | None, now: datetime
) -> tuple[datetime, datetime] | None:
    """Return start and end of an absence on these days; nothing if none of it is left.

    Both days count in full, in this zone or in UTC. The absence starts now if no first day is given, or if it is past.
    """
    start = max(_midnight(first, zone), now) if first else now
    end = _midnight(min(last, _LAST_DAY) + _DAY, zone) if last else start
    return (start, end) if start < end else None


def stand_ins(members: Iterable[Person], away: Person, name: str, user: Person | None = None) -> list[Person]:
    """Return the people with this name; never the one who is away, under any account.

    A name with an @ is a user name: `user` is the person whom the directory finds by it, if any.
    """
    if "@" in name:
        called = [person for person in members if user is not None and person.account == user.account]
    else:
        called = [person for person in members if is_name(name, person.name)]
    return [person for person in called if not person.is_same_as(away)]


def _midnight(day: date, zone: ZoneInfo | None) -> datetime:
    within = min(max(day, _FIRST_DAY), _LAST_DAY)
    return datetime.combine(within, time(), zone or UTC).astimezone(UTC)
