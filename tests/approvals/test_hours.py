"""Business hours: what people mean by them, also when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from approvals.hours import Hours

WEEKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
BERLIN = "Europe/Berlin"  # in 2026 an hour ahead of UTC, two from 29 March 01:00 to 25 October 01:00 UTC
OFFICE = Hours(BERLIN, WEEKDAYS, time(8), time(18), frozenset({date(2026, 12, 25)}))
NIGHT = Hours(BERLIN, WEEKDAYS, time(22), time(6), frozenset({date(2026, 12, 24)}))


def utc(written: str) -> datetime:
    """2026, as "11-23 07:00"."""
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
        (NIGHT, "11-30 04:00", False),  # and Monday morning the end of none
        (NIGHT, "12-24 02:00", True),  # the night before the holiday
        (NIGHT, "12-24 22:00", False),  # the holiday's own
        (NIGHT, "12-25 02:00", False),
    ],
)
def test_open(hours: Hours, at: str, *, is_open: bool) -> None:
    """From the minute of opening up to the minute of closing, local time; a night belongs to the day it begins on."""
    assert hours.is_open(utc(at)) is is_open


@pytest.mark.parametrize(
    ("hours", "at", "opening", "closing"),
    [
        (OFFICE, "11-23 06:00", "11-23 07:00", "11-23 17:00"),
        (OFFICE, "11-23 12:00", "11-23 12:00", "11-23 17:00"),
        (OFFICE, "11-23 17:00", "11-24 07:00", "11-24 17:00"),
        (OFFICE, "11-20 17:00", "11-23 07:00", "11-23 17:00"),  # over the weekend
        (OFFICE, "12-24 20:00", "12-28 07:00", "12-28 17:00"),  # over a holiday and the weekend
        (OFFICE, "03-27 20:00", "03-30 06:00", "03-30 16:00"),  # over the change to summer time
        (OFFICE, "10-23 20:00", "10-26 07:00", "10-26 17:00"),  # and back
        (NIGHT, "11-27 23:00", "11-27 23:00", "11-28 05:00"),
        (NIGHT, "11-28 05:00", "11-30 21:00", "12-01 05:00"),
    ],
)
def test_next(hours: Hours, at: str, opening: str, closing: str) -> None:
    """When it opens next, or that it is open; and when it then closes."""
    assert hours.next_opening(utc(at)) == utc(opening)
    assert hours.next_closing(utc(at)) == utc(closing)


@pytest.mark.parametrize(
    ("opens", "closes", "day", "opening", "closing"),
    [
        (time(22), time(6), "03-28 12:00", "03-28 21:00", "03-29 04:00"),  # a night of seven hours
        (time(22), time(6), "10-24 12:00", "10-24 20:00", "10-25 05:00"),  # and one of nine
        (time(2, 30), time(8), "03-29 00:00", "03-29 01:30", "03-29 06:00"),  # there is no half past two
        (time(1), time(2, 30), "03-28 12:00", "03-29 00:00", "03-29 01:30"),
        (time(2, 30), time(8), "10-24 12:00", "10-25 00:30", "10-25 07:00"),  # there are two: the first
        (time(1), time(2, 30), "10-24 12:00", "10-24 23:00", "10-25 00:30"),
        (time(2, 30), time(3, 15), "03-28 12:00", "03-30 00:30", "03-30 01:15"),  # all of it is skipped
    ],
)
def test_when_the_clocks_change(opens: time, closes: time, day: str, opening: str, closing: str) -> None:
    """Hours follow the clock on the wall; a time that is skipped comes after the jump, one that is repeated once."""
    hours = Hours(BERLIN, EVERY_DAY, opens, closes)
    assert hours.next_opening(utc(day)) == utc(opening)
    assert hours.next_closing(utc(opening)) == utc(closing)


def test_a_day_of_24_hours() -> None:
    """Who closes when the next day opens does not close; some never do, and some never open."""
    assert Hours("UTC", WEEKDAYS, time(0), time(0)).next_closing(utc("11-23 12:00")) == utc("11-28 00:00")
    with pytest.raises(ValueError, match="never close"):
        Hours("UTC", EVERY_DAY, time(8), time(8)).next_closing(utc("11-23 12:00"))
    with pytest.raises(ValueError, match="never open"):
        Hours("UTC", frozenset(), time(8), time(18)).next_opening(utc("11-23 12:00"))


ANY_HOURS = st.builds(
    Hours,
    # Half an hour of daylight saving, its change at midnight, and none.
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC"]),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
MINUTE = timedelta(minutes=1)


@settings(max_examples=150, deadline=None)
@given(ANY_HOURS, MOMENTS)
def test_an_opening_is_the_first_open_moment(hours: Hours, at: datetime) -> None:
    """It is open then, was closed just before, and there is none in between."""
    opening = hours.next_opening(at)
    assert opening.tzinfo is UTC
    assert opening >= at
    assert hours.is_open(opening)
    assert (opening == at) is hours.is_open(at)
    if opening > at:
        assert not hours.is_open(max(at, opening - MINUTE))
        assert not hours.is_open(at + (opening - at) / 2)
        assert hours.next_opening(at + (opening - at) / 2) == opening


@settings(max_examples=150, deadline=None)
@given(ANY_HOURS, MOMENTS)
def test_a_closing_is_the_first_closed_moment(hours: Hours, at: datetime) -> None:
    """It is closed then, and was open all the time since it opened."""
    opening = hours.next_opening(at)
    try:
        closing = hours.next_closing(at)
    except ValueError:
        assert hours.opens == hours.closes
        assert hours.days == EVERY_DAY
        return
    assert closing > opening
    assert not hours.is_open(closing)
    assert hours.is_open(opening + (closing - opening) / 2)
    assert hours.is_open(closing - timedelta(microseconds=1))


@settings(max_examples=150, deadline=None)
@given(ANY_HOURS, MOMENTS)
def test_the_clock_on_the_wall_decides(hours: Hours, at: datetime) -> None:
    """On a day without a change of clocks, open is what the wall clock says."""
    zoned = at.astimezone(ZoneInfo(hours.zone))
    assume(len({(zoned + timedelta(hours=n)).utcoffset() for n in range(-50, 51, 2)}) == 1)
    wall, today, yesterday = zoned.time(), zoned.date(), zoned.date() - timedelta(days=1)

    def works(day: date) -> bool:
        return day.weekday() in hours.days and day not in hours.holidays

    if hours.closes > hours.opens:
        expected = works(today) and hours.opens <= wall < hours.closes
    else:
        expected = (works(today) and wall >= hours.opens) or (works(yesterday) and wall < hours.closes)
    assert hours.is_open(at) is expected
