"""Who stands in for somebody who is away, and for how long. It gives nobody a right."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from approvals.naming import is_name
from approvals.people import Person
from approvals.policy import Workflow

_DAY = timedelta(days=1)
_FIRST_DAY, _LAST_DAY = date.min + _DAY, date.max - _DAY
"""Beyond these a day has no midnight in every zone."""


def zone_of(workflows: Iterable[Workflow]) -> ZoneInfo | None:
    """In whose time days are counted: of the first business hours that are configured; nothing without any."""
    hours = (flow.ladder.hours for flow in workflows if flow.ladder is not None)
    return next((one.zone for one in hours if one is not None), None)


def absence(
    first: date | None, last: date | None, zone: ZoneInfo | None, now: datetime
) -> tuple[datetime, datetime] | None:
    """From when until when somebody is away who says these days; nothing if no moment of that is left.

    Both days are away as a whole, in this zone or in UTC. It begins now where no first day is said, or that is past.
    """
    start = max(_midnight(first, zone), now) if first else now
    end = _midnight(min(last, _LAST_DAY) + _DAY, zone) if last else start
    return (start, end) if start < end else None


def stand_ins(members: Iterable[Person], away: Person, name: str, user: Person | None = None) -> list[Person]:
    """Which of these people are called so; never the one who is away, under whichever account.

    A name with an @ is a user name: `user` is whom the directory knows by it, if anybody.
    """
    if "@" in name:
        called = [person for person in members if user is not None and person.account == user.account]
    else:
        called = [person for person in members if is_name(name, person.name)]
    return [person for person in called if not person.is_same_as(away)]


def _midnight(day: date, zone: ZoneInfo | None) -> datetime:
    within = min(max(day, _FIRST_DAY), _LAST_DAY)
    return datetime.combine(within, time(), zone or UTC).astimezone(UTC)
