"""Business hours: what people mean by them, also when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from approvals.hours import Hours

WEEKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")  # in 2026 an hour ahead of UTC, two from 29 March 01:00 to 25 October 01:00 UTC
OFFICE = Hours(BERLIN, WEEKDAYS, time(8), time(18), frozenset({date(2026, 12, 25)}))
NIGHT = Hours(BERLIN, WEEKDAYS, time(22), time(6), frozenset({date(2026, 12, 24)}))


def utc(written: str) -> datetime:
    """Return a time in 2026 from text like "11-23 07:00", in UTC."""
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "at", "is_open"),
    [
        (OFFICE, "11-23 06:59", False),
        (OFFICE, "11-23 07:00", True),
        (OFFICE, "11-23 16:59", True),
        (OFFICE, "11-23 17:00", False),
        (OFFICE, "11-21 12:00", False),  # a Saturday
        (OFFICE, "12-25 12:00", False),  # a holiday
        (OFFICE, "07-01 06:00", True),  # summer
        (OFFICE, "07-01 16:00", False),
        (NIGHT, "11-23 20:59", False),
        (NIGHT, "11-23 21:00", True),
        (NIGHT, "11-24 04:59", True),
        (NIGHT, "11-24 05:00", False),
        (NIGHT, "11-28 04:00", True),  # Saturday morning is the end of Friday night
        (NIGHT, "11-28 22:00", False),
        (NIGHT, "11-30 04:00", False),  # Monday morning belongs to no working night
        (NIGHT, "12-24 02:00", True),  # the night before the holiday
        (NIGHT, "12-24 22:00", False),  # the night that begins on the holiday
        (NIGHT, "12-25 02:00", False),
    ],
)
def test_open(hours: Hours, at: str, *, is_open: bool) -> None:
    """Hours are open from the opening minute until the closing minute, local time; a night belongs to its first day."""
    assert hours.is_open(utc(at)) is is_open


@pytest.mark.parametrize(
    ("hours", "at", "opening"),
    [
        (OFFICE, "11-23 09:00", "11-23 09:00"),  # the hours are open
        (OFFICE, "11-23 05:00", "11-23 07:00"),
        (OFFICE, "11-20 18:00", "11-23 07:00"),  # from Friday evening to Monday
        (OFFICE, "12-24 20:00", "12-28 07:00"),  # past a holiday and a weekend
        (OFFICE, "10-23 17:00", "10-26 07:00"),  # the clocks were put back meanwhile
        (NIGHT, "11-24 05:00", "11-24 21:00"),
    ],
)
def test_when_people_are_back(hours: Hours, at: str, opening: str) -> None:
    """People are back now if the hours are open, else at the next opening."""
    assert hours.next_opening(utc(at)) == utc(opening)


def test_where_it_never_opens() -> None:
    """A calendar without a working day has no next opening."""
    assert Hours(BERLIN, frozenset(), time(8), time(18)).next_opening(utc("11-23 09:00")) is None


@pytest.mark.parametrize(
    ("opens", "closes", "opening", "closing"),
    [
        (time(22), time(6), "03-28 21:00", "03-29 04:00"),  # a night of seven hours
        (time(22), time(6), "10-24 20:00", "10-25 05:00"),  # a night of nine hours
        (time(2, 30), time(8), "03-29 01:30", "03-29 06:00"),  # half past two is skipped on this day
        (time(1), time(2, 30), "03-29 00:00", "03-29 01:30"),
        (time(2, 30), time(8), "10-25 00:30", "10-25 07:00"),  # half past two comes twice; the first one counts
        (time(1), time(2, 30), "10-24 23:00", "10-25 00:30"),
        (time(2, 30), time(3, 15), "03-30 00:30", "03-30 01:15"),  # on the day before, these hours were skipped
    ],
)
def test_when_the_clocks_change(opens: time, closes: time, opening: str, closing: str) -> None:
    """Hours follow the local clock: a skipped time counts as the time after the jump, a repeated time counts once."""
    hours = Hours(BERLIN, EVERY_DAY, opens, closes)
    assert not hours.is_open(utc(opening) - MINUTE)
    assert hours.is_open(utc(opening))
    assert hours.is_open(utc(closing) - MINUTE)
    assert not hours.is_open(utc(closing))


def test_hours_that_are_skipped_are_no_hours() -> None:
    """Hours from half past two to a quarter past three never open on a day when the clocks jump from two to three."""
    hours = Hours(BERLIN, EVERY_DAY, time(2, 30), time(3, 15))
    assert not any(hours.is_open(utc("03-29 00:00") + n * MINUTE) for n in range(180))


def test_a_day_of_24_hours() -> None:
    """Hours that close when the next day opens do not close at night; without working days they never open."""
    around_the_clock = Hours(ZoneInfo("UTC"), WEEKDAYS, time(0), time(0))
    assert all(around_the_clock.is_open(utc(at)) for at in ("11-23 12:00", "11-24 00:00", "11-27 23:59"))
    assert not around_the_clock.is_open(utc("11-28 00:00"))
    assert Hours(ZoneInfo("UTC"), EVERY_DAY, time(8), time(8)).is_open(utc("11-28 08:00"))
    assert not Hours(ZoneInfo("UTC"), frozenset(), time(8), time(18)).is_open(utc("11-23 12:00"))


ANY_HOURS = st.builds(
    Hours,
    # Zones whose clocks change by half an hour, at midnight, or not at all are among them.
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC"]
    ).map(ZoneInfo),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(ANY_HOURS, MOMENTS)
def test_the_clock_on_the_wall_decides(hours: Hours, at: datetime) -> None:
    """On a day without a change of clocks, the local time alone decides whether the hours are open."""
    zoned = at.astimezone(hours.zone)
    assume(len({(zoned + timedelta(hours=n)).utcoffset() for n in range(-50, 51, 2)}) == 1)
    wall, today, yesterday = zoned.time(), zoned.date(), zoned.date() - timedelta(days=1)

    def works(day: date) -> bool:
        return day.weekday() in hours.days and day not in hours.holidays

    if hours.closes > hours.opens:
        expected = works(today) and hours.opens <= wall < hours.closes
    else:
        expected = (works(today) and wall >= hours.opens) or (works(yesterday) and wall < hours.closes)
    assert hours.is_open(at) is expected
