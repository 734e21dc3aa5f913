"""One of a series and all that follow it: RECURRENCE-ID with RANGE=THISANDFUTURE."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.oncall.shifts import Reading, shifts
from tests.bot.oncall.calendars import BERLIN, calendar, event

ZONE = ZoneInfo("Europe/Berlin")
WEEKLY = event(
    f"DTSTART;{BERLIN}:20261005T080000", f"DTEND;{BERLIN}:20261005T160000", "RRULE:FREQ=WEEKLY", "SUMMARY:Dana"
)


def read(*parts: str, until: str = "11-30") -> Reading:
    """From 5 October on."""
    days = [datetime.fromisoformat(f"2026-{day}").replace(tzinfo=UTC) for day in ("10-05", until)]
    return shifts(calendar(*parts), ZONE, days[0], days[1])


def turns(*parts: str, until: str = "11-30") -> list[str]:
    """When each shift begins on the wall of Berlin, how many hours it lasts, and whose it is."""
    found = reversed(read(*parts, until=until).shifts)
    return [
        f"{one.start.astimezone(ZONE):%m-%d %H} {(one.end - one.start).total_seconds() / 3600:g} {one.title}"
        for one in found
    ]


def change(at: str, *lines: str, reach: str = ";RANGE=THISANDFUTURE") -> str:
    """What stands for the shift of that day."""
    return event(f"RECURRENCE-ID{reach};{BERLIN}:2026{at}T080000", *lines)


def at(day: str, begin: str, end: str) -> tuple[str, str]:
    """Two lines."""
    return f"DTSTART;{BERLIN}:2026{day}T{begin}0000", f"DTEND;{BERLIN}:2026{day}T{end}0000"


SAM = change("1019", *at("1020", "09", "12"), "SUMMARY:Sam")


def test_all_that_follow_are_moved_and_handed_over() -> None:
    """By the same time on the wall's clock, also when the clocks change; as long as the change says."""
    assert turns(SAM, WEEKLY, until="11-05") == [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-20 09 3 Sam",
        "10-27 09 3 Sam",
        "11-03 09 3 Sam",
    ]


def test_a_shift_far_behind_its_change_is_changed() -> None:
    """However long ago that was, and wherever its moment is written."""
    long_ago = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261012T060000Z", *at("1012", "10", "11"), "SUMMARY:Sam")
    found = shifts(
        calendar(WEEKLY, long_ago), ZONE, datetime(2036, 1, 7, tzinfo=UTC), datetime(2036, 1, 8, tzinfo=UTC)
    ).shifts
    assert [(f"{one.start:%m-%d %H}", one.title) for one in found] == [("01-07 09", "Sam")]


def test_the_latest_change_holds() -> None:
    """In whatever order they stand; and one that stands for a single shift goes before it."""
    petra = change("1102", *at("1102", "08", "10"), "SUMMARY:Petra")
    nina = change("1109", *at("1109", "20", "22"), "SUMMARY:Nina", reach="")
    expected = [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-20 09 3 Sam",
        "10-27 09 3 Sam",
        "11-02 08 2 Petra",
        "11-09 20 2 Nina",
        "11-16 08 2 Petra",
    ]
    assert turns(WEEKLY, SAM, petra, nina, until="11-20") == expected
    assert turns(nina, petra, SAM, WEEKLY, until="11-20") == expected


def test_days_that_were_taken_out_stay_out() -> None:
    """A change brings none of them back."""
    without = WEEKLY.replace("SUMMARY", f"EXDATE;{BERLIN}:20261026T080000\r\nSUMMARY")
    assert turns(without, SAM, until="11-05") == [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-20 09 3 Sam",
        "11-03 09 3 Sam",
    ]


def test_all_that_follow_may_be_cancelled() -> None:
    """Then the series has ended, whatever else the cancellation says."""
    ended = event(f"RECURRENCE-ID;RANGE=THISANDFUTURE;{BERLIN}:20261019T080000", "STATUS:CANCELLED")
    assert turns(WEEKLY, ended) == ["10-05 08 8 Dana", "10-12 08 8 Dana"]


def test_a_change_may_have_a_rule_of_its_own() -> None:
    """It takes over from its moment on."""
    daily = change("1019", *at("1019", "20", "22"), "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Sam")
    assert turns(WEEKLY, daily) == [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-19 20 2 Sam",
        "10-20 20 2 Sam",
        "10-21 20 2 Sam",
    ]


def test_whole_days() -> None:
    """By their days."""
    weeks = event("DTSTART;VALUE=DATE:20261005", "DTEND;VALUE=DATE:20261012", "RRULE:FREQ=WEEKLY", "SUMMARY:Dana")
    change_of_hands = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261012",
        *("DTSTART;VALUE=DATE:20261013", "DTEND;VALUE=DATE:20261015", "SUMMARY:Sam"),
    )
    assert turns(weeks, change_of_hands, until="10-24") == ["10-05 00 168 Dana", "10-13 00 48 Sam", "10-20 00 48 Sam"]


def test_a_change_may_be_told_by_its_day() -> None:
    """Although the series begins at an hour: it is the one of that day."""
    by_day = event("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261012", *at("1012", "10", "12"), "SUMMARY:Sam")
    assert turns(WEEKLY, by_day, until="10-24") == ["10-05 08 8 Dana", "10-12 10 2 Sam", "10-19 10 2 Sam"]


def test_a_change_of_a_series_that_is_missing() -> None:
    """What it says of its own day counts; that more is unknown is told."""
    assert turns(SAM) == ["10-20 09 3 Sam"]
    assert read(SAM).unread == (("1", "its series is missing"),)


@pytest.mark.parametrize("lines", [("SUMMARY:Sam",), ("DTSTART:soon", "SUMMARY:Sam")])
def test_a_change_that_cannot_be_read_changes_nothing(lines: tuple[str, ...]) -> None:
    """And it is told."""
    found = read(WEEKLY, change("1019", *lines), until="10-28")
    assert [one.title for one in found.shifts] == ["Dana"] * 4
    assert [uid for uid, _ in found.unread] == ["1"]
