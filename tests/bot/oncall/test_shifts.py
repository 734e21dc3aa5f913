"""Shifts from a calendar feed, as calendar programs show them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.oncall.shifts import MOST_EVENTS, UnreadableCalendar, shifts
from tests.bot.oncall.calendars import BERLIN, calendar, event

ZONE = ZoneInfo("Europe/Berlin")
DANA = "ATTENDEE;CN=Dana Diaz;PARTSTAT=ACCEPTED:mailto:dana@x.example"


def utc(written: str) -> datetime:
    """Return this moment of 2026 in UTC, written as "11-23 07:00"."""
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=UTC)


def spans(feed: str, since: str = "11-22 00:00", until: str = "12-06 00:00") -> list[str]:
    """Return begin and end of every shift in UTC, in order of time."""
    found = shifts(feed, ZONE, utc(since), utc(until)).shifts
    return [f"{one.start:%m-%d %H:%M} {one.end:%m-%d %H:%M}" for one in reversed(found)]


def people(*lines: str) -> tuple[str, ...]:
    """Return the people, and the title if there is one, of a shift with these lines."""
    [shift] = shifts(
        calendar(event(f"DTSTART;{BERLIN}:20261123T080000", "DURATION:PT8H", *lines)),
        ZONE,
        utc("11-22 00:00"),
        utc("11-25 00:00"),
    ).shifts
    return (*shift.people, shift.title) if shift.title else shift.people


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20261123T080000Z", "DTEND:20261123T160000Z"), ["11-23 08:00 11-23 16:00"]),
        ((f"DTSTART;{BERLIN}:20261123T080000", f"DTEND;{BERLIN}:20261123T160000"), ["11-23 07:00 11-23 15:00"]),
        ((f"DTSTART;{BERLIN}:20261123T200000", "DURATION:PT12H"), ["11-23 19:00 11-24 07:00"]),
        (("DTSTART:20261123T080000", "DTEND:20261123T160000"), ["11-23 07:00 11-23 15:00"]),  # the default zone
        (
            ("DTSTART;TZID=Romance Standard Time:20261123T080000", "DURATION:PT1H"),  # a zone name of Outlook
            ["11-23 07:00 11-23 08:00"],
        ),
        (("DTSTART;TZID=America/New_York:20261123T080000", "DURATION:PT1H"), ["11-23 13:00 11-23 14:00"]),
        (("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261130"), ["11-22 23:00 11-29 23:00"]),
        (("DTSTART;VALUE=DATE:20261123",), ["11-22 23:00 11-23 23:00"]),
        (("DTSTART:20261123T080000Z",), []),  # a moment without a length
        (("DTSTART:20261123T080000Z", "DTEND:20261123T070000Z"), []),
        (("DTSTART:20261123T080000Z", "DURATION:PT1H", "STATUS:CANCELLED"), []),
        (("DTSTART:20260901T000000Z", "DTEND:20261201T000000Z"), ["09-01 00:00 12-01 00:00"]),  # began long ago
        (("DTSTART:20261206T000000Z", "DURATION:PT1H"), []),
        (("DTSTART:20261121T230000Z", "DURATION:PT1H"), []),
    ],
)
def test_when_an_event_is(lines: tuple[str, ...], expected: list[str]) -> None:
    """Events are read with moments in UTC, local times of any zone, whole days and durations."""
    assert spans(calendar(event(*lines))) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",), ["11-23", "11-25", "11-30", "12-02"]),
        (("RRULE:FREQ=WEEKLY;INTERVAL=2",), ["11-30"]),
        (("RRULE:FREQ=DAILY;COUNT=1240",), ["11-22", "11-23"]),
        (("RRULE:FREQ=WEEKLY;UNTIL=20261130T070000Z",), ["11-23", "11-30"]),
        (("RRULE:FREQ=WEEKLY;UNTIL=20261130T065959Z",), ["11-23"]),
        (("RRULE:FREQ=WEEKLY;UNTIL=20261130T080000",), ["11-23", "11-30"]),  # invalid, but common
        (("RRULE:FREQ=WEEKLY;UNTIL=20261130",), ["11-23", "11-30"]),  # invalid, but common
        (("RRULE:FREQ=MONTHLY;BYDAY=-1MO",), ["11-30"]),
        (("RRULE:FREQ=WEEKLY", f"EXDATE;{BERLIN}:20261130T080000"), ["11-23"]),
        (("RRULE:FREQ=WEEKLY", "EXDATE:20261123T070000Z,20261130T070000Z"), []),
        (("RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261123"), ["11-30"]),
        (("RRULE:FREQ=WEEKLY", f"RDATE;{BERLIN}:20261126T080000"), ["11-23", "11-26", "11-30"]),
        (("RDATE:20261126T070000Z",), ["11-26"]),
        (("RRULE:FREQ=MINUTELY",), []),
    ],
)
def test_what_repeats(lines: tuple[str, ...], expected: list[str]) -> None:
    """Repeated events follow their rules and their added and removed days; an event that repeats every minute is not
    read."""
    first = event(f"DTSTART;{BERLIN}:20230703T080000", f"DTEND;{BERLIN}:20230703T160000", *lines)
    assert spans(calendar(first)) == [f"{day} 07:00 {day} 15:00" for day in expected]


def test_repeated_days_and_weeks() -> None:
    """Whole days repeat as days, with their exceptions."""
    rule = ("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261123", "EXDATE;VALUE=DATE:20261109")
    feed = calendar(event("DTSTART;VALUE=DATE:20261012", "DTEND;VALUE=DATE:20261019", *rule))
    assert spans(feed, "10-01 00:00", "12-31 00:00") == [
        "10-11 22:00 10-18 22:00",
        "10-25 23:00 11-01 23:00",
        "11-22 23:00 11-29 23:00",
    ]


def test_nights_adjoin_the_days_also_when_the_clocks_change() -> None:
    """Day and night shifts meet by local time, also when the clocks change and a night is longer or shorter."""
    day = event(f"DTSTART;{BERLIN}:20260101T060000", f"DTEND;{BERLIN}:20260101T220000", "RRULE:FREQ=DAILY", uid="d")
    night = event(f"DTSTART;{BERLIN}:20260101T220000", f"DTEND;{BERLIN}:20260102T060000", "RRULE:FREQ=DAILY", uid="n")
    for change in ("03-29 01:00", "10-25 01:00"):
        around = [utc(change) + timedelta(days=days) for days in (-3, 3)]
        found = shifts(calendar(day, night), ZONE, *around).shifts[::-1]
        assert len(found) == 13
        assert all(one.end == next_one.start for one, next_one in pairwise(found))


def test_one_of_many_is_moved_or_cancelled() -> None:
    """One event of a series may be moved, changed or cancelled; the others stay."""
    weekly = event(f"DTSTART;{BERLIN}:20260706T080000", "DURATION:PT8H", "RRULE:FREQ=WEEKLY", DANA)
    moved = event(
        f"RECURRENCE-ID;{BERLIN}:20261123T080000", f"DTSTART;{BERLIN}:20261124T090000", "DURATION:PT1H", "SUMMARY:Sam"
    )
    cancelled = event("RECURRENCE-ID:20261130T070000Z", "DTSTART:20261130T070000Z", "STATUS:CANCELLED")
    other = event("RECURRENCE-ID:20261130T070000Z", "DTSTART:20261201T070000Z", "DURATION:PT1H", uid="other")
    feed = calendar(moved, weekly, cancelled, other)
    assert spans(feed) == ["11-24 08:00 11-24 09:00", "12-01 07:00 12-01 08:00"]
    assert [one.title for one in shifts(feed, ZONE, utc("11-22 00:00"), utc("11-26 00:00")).shifts] == ["Sam"]


def test_a_zone_may_be_defined_in_the_feed() -> None:
    """A feed may define a zone under any name."""
    zone = "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0530\r\n"
    zone += "TZOFFSETTO:+0530\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    weekly = event("DTSTART;TZID=Ours:20261102T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    assert spans(calendar(zone, weekly)) == ["11-23 02:30 11-23 03:30", "11-30 02:30 11-30 03:30"]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART;TZID=Nowhere/Land:20261123T080000", "DURATION:PT1H"),
        ("DTSTART:soon", "DURATION:PT1H"),
        ("SUMMARY:no time at all",),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RRULE:FREQ=SOMETIMES"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=XX"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "RRULE:COUNT=3"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "EXDATE:never"),
        ("DTSTART:20261123T080000Z", "DTEND:99991231T235959Z", "RRULE:FREQ=DAILY"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "EXDATE;TZID=Nowhere:20261123T080000"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RDATE;TZID=Nowhere:20261123T080000"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RECURRENCE-ID;TZID=Nowhere:20261123T080000"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RECURRENCE-ID:soon"),
        ("DTSTART:20261123T080000Z", "DURATION:PT1H", "RECURRENCE-ID;RANGE=THISANDPRIOR:20261123T080000Z"),
    ],
)
def test_an_event_that_cannot_be_read_is_left_out(lines: tuple[str, ...]) -> None:
    """An event that cannot be read is left out and reported, and the other events count; an unknown zone is not
    replaced by ours."""
    good = event("DTSTART:20261123T100000Z", "DURATION:PT1H", uid="good")
    feed = calendar(event(*lines, uid="bad"), good)
    assert spans(feed) == ["11-23 10:00 11-23 11:00"]
    assert [uid for uid, _ in shifts(feed, ZONE, utc("11-22 00:00"), utc("11-25 00:00")).unread] == ["bad"]


@pytest.mark.parametrize(
    "feed",
    [
        "",
        "Not found",
        "<html><body>Sign in</body></html>",
        '{"value": []}',
        calendar(event("DTSTART:20261123T080000Z"))[:-20],  # cut off
        calendar("nonsense"),
        "BEGIN:VCARD\r\nEND:VCARD\r\n",
    ],
)
def test_what_is_no_calendar_is_unreadable(feed: str) -> None:
    """A text that is no calendar raises an error, and does not mean that nobody is on call."""
    with pytest.raises(UnreadableCalendar):
        spans(feed)


@pytest.mark.parametrize("line", ["TRIGGER:", "TRIGGER:-15M", "ACKNOWLEDGED:foo", "REPEAT:x", "DURATION:5"])
def test_a_broken_reminder_costs_no_calendar(line: str) -> None:
    """A reminder (VALARM) that cannot be read costs neither its event nor the others."""
    alarm = f"BEGIN:VALARM\r\nACTION:DISPLAY\r\n{line}\r\nEND:VALARM"
    times = "DTSTART:20261123T080000Z\r\nDTEND:20261123T160000Z"
    assert spans(calendar(event(f"{times}\r\n{alarm}"))) == spans(calendar(event(times)))
    assert spans(calendar(event(times))) != []


def test_an_empty_calendar_names_nobody() -> None:
    """An empty calendar is valid and names nobody."""
    assert spans(calendar()) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((DANA, "SUMMARY:Sam Schmidt"), ("dana@x.example",)),
        (("ATTENDEE:MAILTO:dana@x.example", "ATTENDEE:mailto:sam@x.example"), ("dana@x.example", "sam@x.example")),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:dana@x.example", "ATTENDEE:mailto:sam@x.example"), ("sam@x.example",)),
        (("ATTENDEE;CUTYPE=ROOM:mailto:room1@x.example", "SUMMARY:Sam Schmidt"), ("Sam Schmidt",)),
        (("SUMMARY:Dana Diaz",), ("Dana Diaz",)),
        (("SUMMARY:On call: Dana Diaz / Sam Schmidt",), ("On call: Dana Diaz / Sam Schmidt",)),
        (("SUMMARY:Diaz\\, Dana",), ("Diaz, Dana",)),
        (("SUMMARY:On call: dana@x.example\\, Sam <sam@x.example>",), ("dana@x.example", "sam@x.example")),
        (("ATTENDEE:dana@x.example",), ("dana@x.example",)),  # a form that PagerDuty writes
        (("ATTENDEE:mailto:mailto:dana@x.example",), ("dana@x.example",)),
        (("ATTENDEE:mailto:dana%40x.example?subject=hi",), ("dana@x.example",)),
        (("ATTENDEE;CN=Dana Diaz:mailto:", "SUMMARY:Sam Schmidt"), ("Dana Diaz",)),
        (("ATTENDEE;CN=Dana Diaz:MAILTO: ", "SUMMARY:Sam Schmidt"), ("Dana Diaz",)),
        (("ATTENDEE;CN=Dana Diaz:invalid:nomail", "SUMMARY:Sam Schmidt"), ("Dana Diaz",)),
        (('ATTENDEE;CN="Diaz, Dana":', "SUMMARY:Sam Schmidt"), ("Diaz, Dana",)),
        (("ATTENDEE;CN=Dana Diaz;EMAIL=dana@x.example:urn:uuid:1",), ("dana@x.example",)),
        (("ATTENDEE;CN=Dana Diaz:/o=Contoso/ou=Exchange/cn=dana",), ("Dana Diaz",)),
        (("ATTENDEE:mailto:", "SUMMARY:Dana Diaz"), ("Dana Diaz",)),
        (("ATTENDEE;CN= :invalid:nomail", "SUMMARY:Dana Diaz"), ("Dana Diaz",)),
        (("ATTENDEE:invalid:nomail", "ATTENDEE:mailto:sam@x.example", "SUMMARY:Dana"), ("sam@x.example",)),
        (("ATTENDEE;CN=Dana Diaz;PARTSTAT=DECLINED:invalid:nomail", "SUMMARY:Sam"), ("Sam",)),
        (("SUMMARY:  ",), ()),
        ((), ()),
    ],
)
def test_whom_an_event_names(lines: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """An event names the people who are invited and did not decline, or else the addresses in its title, or else the
    title."""
    assert people(*lines) == expected


def test_the_shift_that_began_last_comes_first() -> None:
    """The shift that began last comes first, so an exception inside a longer shift counts first."""
    week = event("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261130", "SUMMARY:Dana", uid="week")
    hours = event("DTSTART:20261125T080000Z", "DURATION:PT4H", "SUMMARY:Sam", uid="hours")
    found = shifts(calendar(week, hours), ZONE, utc("11-25 00:00"), utc("11-26 00:00")).shifts
    assert [one.title for one in found] == ["Sam", "Dana"]


# --- limits -------------------------------------------------------------------------------------------------------

OLD = ("DTSTART:00010101T080000Z", "DURATION:PT1H")
EVERY_MINUTE = f"BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}"


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "DAILY;INTERVAL=1;WKST=SU"])
def test_a_rule_since_the_year_one_is_not_walked_from_there(frequency: str) -> None:
    """A rule that began in the year 1 is read from the present on, and not left out for too many repetitions."""
    expected = ["11-23 08:00 11-23 09:00", "11-24 08:00 11-24 09:00"]
    assert spans(calendar(event(*OLD, f"RRULE:FREQ={frequency}")), "11-23 00:00", "11-25 00:00") == expected


@pytest.mark.parametrize(
    "lines",
    [
        (*OLD, "RRULE:FREQ=DAILY;COUNT=999999999"),
        ("DTSTART:20261122T080000Z", "DURATION:PT1H", f"RRULE:FREQ=DAILY;{EVERY_MINUTE}"),
        ("DTSTART:20261122T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0"),
        ("DTSTART:20261122T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=99999999999999"),
        ("DTSTART:20261122T080000Z", "DURATION:P99999999D", "RRULE:FREQ=DAILY"),
    ],
)
def test_what_repeats_too_often_is_left_out(lines: tuple[str, ...]) -> None:
    """An event that repeats too often is left out and reported."""
    read = shifts(calendar(event(*lines)), ZONE, utc("11-22 00:00"), utc("12-06 00:00"))
    assert read.shifts == ()
    assert [uid for uid, _ in read.unread] == ["1"]


def test_a_feed_of_too_much_is_no_calendar_of_people() -> None:
    """A feed with too many events or too many shifts is refused."""
    with pytest.raises(UnreadableCalendar, match="events"):
        spans(calendar(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (MOST_EVENTS + 1)))
    hourly = f"RRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))}"
    many = [event("DTSTART:20261122T000000Z", "DURATION:PT1H", hourly, uid=str(number)) for number in range(60)]
    with pytest.raises(UnreadableCalendar, match="shifts"):
        spans(calendar(*many), "11-22 00:00", "11-26 00:00")


def test_whom_nobody_can_be() -> None:
    """An address that is too long is left out, the number of people is limited, and an event with a huge title is not
    read."""
    long = calendar(event("DTSTART:20261123T080000Z", "DURATION:PT1H", f"SUMMARY:Dana Diaz{' ' * 2_000_000}"))
    found = shifts(long, ZONE, utc("11-22 00:00"), utc("11-25 00:00"))
    assert (found.shifts, found.unread) == ((), (("1", "ValueError"),))
    assert people(f"ATTENDEE:mailto:{'a' * 1000}@x.example", "ATTENDEE:mailto:sam@x.example") == ("sam@x.example",)
    assert len(people(*(f"ATTENDEE:mailto:p{number}@x.example" for number in range(80)))) == 50


EXCHANGE = f"040000008200E00074C5B7101A82E008{'0' * 40}2E0000007643616C2D55696401000000"
"""The prefix of every id that Exchange makes for a foreign event ([MS-OXCICAL] 2.1.3.1.1.20.26): 104 characters."""


def test_long_ids_are_told_apart() -> None:
    """Series are told apart by their whole ids, so a change in one series does not touch another one with the same long
    prefix."""
    weekly = [
        event("DTSTART:20261116T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", uid=f"{EXCHANGE}{end}") for end in "ab"
    ]
    for reach in ("", ";RANGE=THISANDFUTURE"):
        moved = event(
            f"RECURRENCE-ID{reach}:20261123T080000Z", "DTSTART:20261124T080000Z", "DURATION:PT1H", uid=f"{EXCHANGE}a"
        )
        found = spans(calendar(*weekly, moved), "11-22 00:00", "11-25 00:00")
        assert found == ["11-23 08:00 11-23 09:00", "11-24 08:00 11-24 09:00"]


def test_long_ids_are_told_whole() -> None:
    """Events that cannot be read are reported with their whole ids."""
    bad = [event("DTSTART:soon", uid=f"{EXCHANGE}{end}") for end in "ab"]
    found = shifts(calendar(*bad), ZONE, utc("11-22 00:00"), utc("11-25 00:00"))
    assert [uid for uid, _ in found.unread] == [f"{EXCHANGE}a", f"{EXCHANGE}b"]


def test_what_has_no_id_belongs_to_no_series() -> None:
    """An event without an id does not change another event without an id."""
    weekly = event("DTSTART:20261116T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY").replace("UID:1\r\n", "")
    moved = event("RECURRENCE-ID:20261123T080000Z", "DTSTART:20261124T080000Z", "DURATION:PT1H")
    found = spans(calendar(weekly, moved.replace("UID:1\r\n", "")), "11-22 00:00", "11-25 00:00")
    assert found == ["11-23 08:00 11-23 09:00", "11-24 08:00 11-24 09:00"]


@pytest.mark.parametrize("broken", ["DTSTART:soon", "RDATE;TZID=Nowhere:20261123T080000"])
def test_a_change_that_cannot_be_read_changes_nothing(broken: str) -> None:
    """A change that cannot be read leaves the shift as it was, so that somebody is called."""
    weekly = event("DTSTART:20261116T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    lines = () if broken.startswith("DTSTART") else ("DTSTART:20261124T080000Z",)
    changed = event("RECURRENCE-ID:20261123T080000Z", *lines, broken, "DURATION:PT1H")
    read = shifts(calendar(weekly, changed), ZONE, utc("11-22 00:00"), utc("11-25 00:00"))
    assert [f"{one.start:%m-%d}" for one in read.shifts] == ["11-23"]
    assert len(read.unread) == 1


def test_a_calendar_may_say_where_it_is() -> None:
    """The zone of a calendar counts for its events and days without a zone of their own; an unknown zone makes those
    unread."""
    floating = event("DTSTART:20261123T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE:20261130T080000")
    day = event("DTSTART;VALUE=DATE:20261124", uid="2")
    fixed = event(f"DTSTART;{BERLIN}:20261125T080000", "DURATION:PT1H", uid="3")
    for zone in ("America/New_York", "Eastern Standard Time"):
        assert spans(calendar(f"X-WR-TIMEZONE:{zone}", floating, day, fixed)) == [
            "11-23 13:00 11-23 14:00",
            "11-24 05:00 11-25 05:00",
            "11-25 07:00 11-25 08:00",
        ]
    odd = shifts(calendar("X-WR-TIMEZONE:Nowhere/Land", floating, fixed), ZONE, utc("11-22 00:00"), utc("12-06 00:00"))
    assert [f"{one.start:%d %H}" for one in odd.shifts] == ["25 07"]
    assert odd.unread == (("1", "LookupError"),)
    assert spans(calendar("X-WR-TIMEZONE:", floating)) == ["11-23 07:00 11-23 08:00"]


def test_each_calendar_of_a_feed_says_where_it_is() -> None:
    """The zone of a calendar counts for its own events only."""
    feed = calendar("X-WR-TIMEZONE:America/New_York", event("DTSTART:20261123T080000", "DURATION:PT1H"))
    feed += calendar(event("DTSTART:20261124T080000", "DURATION:PT1H", uid="2"))
    assert spans(feed) == ["11-23 13:00 11-23 14:00", "11-24 07:00 11-24 08:00"]


weekdays = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
extras = st.fixed_dictionaries(
    {"INTERVAL": st.integers(1, 60).map(str)},
    optional={
        "BYDAY": weekdays.map(",".join),
        "BYMONTH": st.integers(1, 12).map(str),
        "BYHOUR": st.just("6,22"),
        "BYSETPOS": st.sampled_from(["1", "-1", "2"]),
        "WKST": st.sampled_from(["MO", "SU", "WE"]),
    },
)


def comes_at_all(frequency: str, extra: dict[str, str]) -> bool:
    """Return whether such a rule is valid and can ever give a shift; otherwise the search from the first day would not
    end."""
    place = extra.get("BYSETPOS")
    days = len(extra.get("BYDAY", "").split(",")) if frequency == "WEEKLY" else 1
    enough = place is None or int(place) <= days * len(extra.get("BYHOUR", "").split(","))
    always_one_day = frequency == "DAILY" and int(extra["INTERVAL"]) % 7 == 0
    allowed = place is None or bool({"BYDAY", "BYHOUR", "BYMONTH"} & set(extra))
    return allowed and enough and not (always_one_day and "BYDAY" in extra)


@given(
    st.sampled_from(["DAILY", "WEEKLY"]),
    extras,
    st.integers(0, 12 * 365 * 1440).map(lambda minutes: utc("01-01 00:00") - timedelta(minutes=minutes)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]),
    st.integers(0, 2 * 365).map(lambda days: utc("01-01 00:00") + timedelta(days=days)),
)
def test_beginning_near_the_present_changes_nothing(
    frequency: str, extra: dict[str, str], begin: datetime, zone: str, since: datetime
) -> None:
    """Starting a rule near the present gives the same shifts as starting it at its first day."""
    assume(comes_at_all(frequency, extra))
    rule = ";".join([f"FREQ={frequency}", *(f"{name}={value}" for name, value in extra.items())])
    local, until = begin.replace(tzinfo=ZoneInfo(zone)), since + timedelta(days=40)
    walked = rrulestr(rule, dtstart=local).between(since, until, inc=True)
    lines = (f"DTSTART;TZID={zone}:{begin:%Y%m%dT%H%M%S}", "DURATION:PT1M", f"RRULE:{rule}")
    read = shifts(calendar(event(*lines)), ZONE, since, until)
    assert read.unread == ()
    inside = {one.start for one in read.shifts if since <= one.start <= until - timedelta(minutes=1)}
    assert inside == {at.astimezone(UTC) for at in walked if at <= until - timedelta(minutes=1)}
