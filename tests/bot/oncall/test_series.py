"""Changes of one event in a series and of all that follow it: RECURRENCE-ID with RANGE=THISANDFUTURE."""

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
    """Read these parts as a calendar, from 5 October up to this day."""
    days = [datetime.fromisoformat(f"2026-{day}").replace(tzinfo=UTC) for day in ("10-05", until)]
    return shifts(calendar(*parts), ZONE, days[0], days[1])


def turns(*parts: str, until: str = "11-30") -> list[str]:
    """Return for each shift its begin in Berlin time, its length in hours and its title."""
    found = reversed(read(*parts, until=until).shifts)
    return [
        f"{one.start.astimezone(ZONE):%m-%d %H} {(one.end - one.start).total_seconds() / 3600:g} {one.title}"
        for one in found
    ]


def change(at: str, *lines: str, reach: str = ";RANGE=THISANDFUTURE") -> str:
    """Return an event that replaces the shift of this day and, by default, all later ones."""
    return event(f"RECURRENCE-ID{reach};{BERLIN}:2026{at}T080000", *lines)


def at(day: str, begin: str, end: str) -> tuple[str, str]:
    """Return the begin and end lines for this day."""
    return f"DTSTART;{BERLIN}:2026{day}T{begin}0000", f"DTEND;{BERLIN}:2026{day}T{end}0000"


SAM = change("1019", *at("1020", "09", "12"), "SUMMARY:Sam")


def test_all_that_follow_are_moved_and_handed_over() -> None:
    """A change with all that follow moves those shifts by the same local time, also when the clocks change."""
    assert turns(SAM, WEEKLY, until="11-05") == [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-20 09 3 Sam",
        "10-27 09 3 Sam",
        "11-03 09 3 Sam",
    ]


def test_a_shift_far_behind_its_change_is_changed() -> None:
    """A change counts for shifts long after it, also if its moment is written in UTC."""
    long_ago = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261012T060000Z", *at("1012", "10", "11"), "SUMMARY:Sam")
    found = shifts(
        calendar(WEEKLY, long_ago), ZONE, datetime(2036, 1, 7, tzinfo=UTC), datetime(2036, 1, 8, tzinfo=UTC)
    ).shifts
    assert [(f"{one.start:%m-%d %H}", one.title) for one in found] == [("01-07 09", "Sam")]


def test_the_latest_change_holds() -> None:
    """The latest change counts, in any order of the events, and a change of a single shift counts before it."""
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
    """Days that were removed from the series stay removed after a change."""
    without = WEEKLY.replace("SUMMARY", f"EXDATE;{BERLIN}:20261026T080000\r\nSUMMARY")
    assert turns(without, SAM, until="11-05") == [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-20 09 3 Sam",
        "11-03 09 3 Sam",
    ]


def test_all_that_follow_may_be_cancelled() -> None:
    """A cancellation of all that follow ends the series."""
    ended = event(f"RECURRENCE-ID;RANGE=THISANDFUTURE;{BERLIN}:20261019T080000", "STATUS:CANCELLED")
    assert turns(WEEKLY, ended) == ["10-05 08 8 Dana", "10-12 08 8 Dana"]


def test_a_change_may_have_a_rule_of_its_own() -> None:
    """A change may have a rule of its own, which counts from that moment on."""
    daily = change("1019", *at("1019", "20", "22"), "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Sam")
    assert turns(WEEKLY, daily) == [
        "10-05 08 8 Dana",
        "10-12 08 8 Dana",
        "10-19 20 2 Sam",
        "10-20 20 2 Sam",
        "10-21 20 2 Sam",
    ]


def test_whole_days() -> None:
    """A series of whole days is changed by days."""
    weeks = event("DTSTART;VALUE=DATE:20261005", "DTEND;VALUE=DATE:20261012", "RRULE:FREQ=WEEKLY", "SUMMARY:Dana")
    change_of_hands = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261012",
        *("DTSTART;VALUE=DATE:20261013", "DTEND;VALUE=DATE:20261015", "SUMMARY:Sam"),
    )
    assert turns(weeks, change_of_hands, until="10-24") == ["10-05 00 168 Dana", "10-13 00 48 Sam", "10-20 00 48 Sam"]


def test_a_change_may_be_told_by_its_day() -> None:
    """A change may name the day alone, and then changes the shift of that day and the later ones."""
    by_day = event("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261012", *at("1012", "10", "12"), "SUMMARY:Sam")
    assert turns(WEEKLY, by_day, until="10-24") == ["10-05 08 8 Dana", "10-12 10 2 Sam", "10-19 10 2 Sam"]


def test_a_change_of_a_series_that_is_missing() -> None:
    """A change without its series counts for its own day only, and is reported."""
    assert turns(SAM) == ["10-20 09 3 Sam"]
    assert read(SAM).unread == (("1", "its series is missing"),)


@pytest.mark.parametrize("lines", [("SUMMARY:Sam",), ("DTSTART:soon", "SUMMARY:Sam")])
def test_a_change_that_cannot_be_read_changes_nothing(lines: tuple[str, ...]) -> None:
    """A change that cannot be read leaves the series as it is, and is reported."""
    found = read(WEEKLY, change("1019", *lines), until="10-28")
    assert [one.title for one in found.shifts] == ["Dana"] * 4
    assert [uid for uid, _ in found.unread] == ["1"]
