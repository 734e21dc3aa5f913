"""Who stands in for a person who is away, and from when until when."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from approvals.delegation import absence, stand_ins, zone_of
from approvals.hours import Hours
from approvals.ladder import Ladder
from approvals.people import Person
from approvals.policy import Workflow
from tests.approvals.builders import ALEX, CORA, NOW, RITA, person, workflow

TODAY = NOW.date()
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([None, BERLIN, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")])
DAYS = st.none() | st.dates() | st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3))


def at(day: int, hour: int) -> datetime:
    """Return a time in November 2026, in UTC."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "zone", "days"),
    [
        (None, date(2026, 11, 24), None, (NOW, at(25, 0))),
        (None, TODAY, None, (NOW, at(24, 0))),
        (date(2026, 11, 1), TODAY, None, (NOW, at(24, 0))),
        (date(2026, 11, 25), date(2026, 11, 26), None, (at(25, 0), at(27, 0))),
        (date(2026, 11, 25), date(2026, 11, 26), BERLIN, (at(24, 23), at(26, 23))),
        (None, date(2026, 11, 22), None, None),
        (date(2026, 11, 26), date(2026, 11, 25), None, None),
        (None, None, None, None),
        (TODAY, None, None, None),
    ],
)
def test_both_days_are_away_as_a_whole(
    first: date | None, last: date | None, zone: ZoneInfo | None, days: tuple[datetime, datetime] | None
) -> None:
    """First and last day are whole days in the zone of the business hours; past or reversed days give no absence."""
    assert absence(first, last, zone, NOW) == days


def test_a_day_on_which_the_clocks_change_is_away_as_a_whole() -> None:
    """A day on which the clocks change is a whole day of twenty-five hours."""
    days = absence(date(2027, 10, 31), date(2027, 10, 31), BERLIN, NOW)
    assert days == (datetime(2027, 10, 30, 22, tzinfo=UTC), datetime(2027, 10, 31, 23, tzinfo=UTC))


@given(DAYS, DAYS, ZONES)
@example(None, date.max, None)
@example(date.min, date.max, ZoneInfo("Pacific/Kiritimati"))
@example(date.min, date.max, ZoneInfo("Pacific/Pago_Pago"))
def test_it_begins_now_at_the_earliest_and_never_ends_before_it_begins(
    first: date | None, last: date | None, zone: ZoneInfo | None
) -> None:
    """For any days, even the first and last ones possible, an absence starts now or later and ends after its start."""
    days = absence(first, last, zone, NOW)
    if days is None:
        return
    start, end = days
    assert NOW <= start < end
    assert start == NOW or start.astimezone(zone or UTC).time() == time()
    assert end.astimezone(zone or UTC).time() == time()


def test_days_are_those_of_the_first_business_hours() -> None:
    """Days are counted in the zone of the first workflow that has business hours."""
    hours = Hours(BERLIN, frozenset(range(5)), time(9), time(17))
    flows = [workflow(), workflow(ladder=Ladder()), workflow(ladder=Ladder(hours=hours))]
    later: Workflow = workflow(ladder=Ladder(hours=replace(hours, zone=ZoneInfo("UTC"))))
    assert zone_of([*flows, later]) == BERLIN
    assert zone_of(flows[:2]) is None


@pytest.mark.parametrize(
    ("name", "user", "found"),
    [
        ("Cora", None, [CORA]),
        ("cora", None, [CORA]),
        ("Dana", None, []),
        ("Rita", None, []),
        ("cora@example.com", CORA, [CORA]),
        ("cora@example.com", None, []),
        ("nobody@example.com", person("dana"), []),
        ("rita-admin@example.com", person("rita-admin", "rita"), []),
    ],
)
def test_who_is_called_so(name: str, user: Person | None, found: list[Person]) -> None:
    """A stand-in is found by name in any case or by user name; a person cannot stand in for themselves."""
    members = [RITA, person("rita-admin", "rita"), ALEX, CORA]
    assert stand_ins(members, RITA, name, user) == found


def test_two_people_of_one_name_are_both_found() -> None:
    """If two people have the same name, both are returned and neither is chosen."""
    other = replace(CORA, account="cora-2", accounts=frozenset({"cora-2"}))
    assert stand_ins([CORA, other], RITA, "Cora") == [CORA, other]
