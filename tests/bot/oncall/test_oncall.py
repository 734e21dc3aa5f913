"""Who is on call: by a rota, by a calendar feed, and the accounts that their names belong to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.config.emergency import OnCallSettings
from bot.graph.http import GraphClient
from bot.graph.names import find_account
from bot.oncall.calendar import EVERY, GOOD_FOR, LARGEST, CalendarFeed
from bot.oncall.rota import NobodyOnCall, Rota, on_call
from bot.oncall.titles import MOST_NAMES
from simulator.site import serve
from simulator.tenant import Tenant
from tests.bot.oncall.calendars import BERLIN, calendar, event
from tests.office import MONDAY, authority

# --- the rota -----------------------------------------------------------------------------------------------------


async def anybody(name: str) -> str | None:
    """Return an account for every name in small letters, and `None` for other names."""
    return f"id of {name}" if name.islower() else None


def rota(*shifts: dict[str, Any], overrides: tuple[dict[str, Any], ...] = ()) -> Rota:
    written = {"chat": "19:x@thread.v2", "timeZone": "Europe/Berlin", "rota": shifts, "overrides": overrides}
    return Rota(OnCallSettings.model_validate(written, strict=False), anybody)


def shift(days: str, start: str, end: str, *people: str) -> dict[str, Any]:
    return {"days": days.split(), "start": start, "end": end, "people": people}


def utc(written: str) -> datetime:
    """Return this moment of 2026 in UTC, written as "11-23 07:00"."""
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=UTC)


WEEK = "Mon Tue Wed Thu Fri Sat Sun"
WEEKLY = (
    shift("Mon Tue Wed Thu Fri", "08:00", "20:00", "dana", "sam"),
    shift("Fri", "20:00", "08:00", "petra"),
    shift("Mon Tue Wed Thu", "20:00", "08:00", "Unknown", "nina", "nina"),
)


@pytest.mark.parametrize(
    ("at", "people"),
    [
        ("11-23 06:59", ""),  # before Monday's shift; there is none on Sunday
        ("11-23 07:00", "dana sam"),
        ("11-23 18:59", "dana sam"),
        ("11-23 19:00", "nina"),
        ("11-24 06:59", "nina"),
        ("11-27 19:00", "petra"),
        ("11-28 06:59", "petra"),
        ("11-28 07:00", ""),
        ("07-01 06:00", "dana sam"),  # summer time
    ],
)
async def test_shifts(at: str, people: str) -> None:
    """A shift lasts up to its last minute, also over midnight, in the rota's zone; unknown people and repeated names
    are left out."""
    assert await rota(*WEEKLY).now(utc(at)) == tuple(f"id of {name}" for name in people.split())


async def test_the_first_shift_that_fits_holds() -> None:
    """If shifts overlap, the first one in the rota counts."""
    both = rota(shift(WEEK, "00:00", "00:00", "dana"), shift(WEEK, "08:00", "20:00", "sam"))
    assert await both.now(utc("11-23 12:00")) == ("id of dana",)


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("10-25 00:15", "dana"),  # 02:15 of summer time
        ("10-25 00:30", "sam"),  # 02:30: handed over
        ("10-25 01:15", "sam"),  # 02:15 again, of winter time
        ("10-25 01:30", "sam"),
        ("03-29 01:15", "dana"),  # 03:15, because there is no 02:15
        ("03-29 01:30", "sam"),
    ],
)
async def test_one_hands_over_once_when_the_clocks_change(at: str, person: str) -> None:
    """When the clocks change, a shift is handed over once, and there is always somebody on call."""
    by_night = rota(shift(WEEK, "14:00", "02:30", "dana"), shift(WEEK, "02:30", "14:00", "sam"))
    assert await by_night.now(utc(at)) == (f"id of {person}",)


async def test_overrides_go_first() -> None:
    """An override counts before the rota, the first one first, in the rota's zone unless it names its own; it may leave
    nobody on call."""
    overrides = (
        {"from": "2026-11-24T18:00", "until": "2026-11-25T12:00", "people": ["olga"]},
        {"from": "2026-11-25T10:00:00Z", "until": "2026-11-25T12:00:00Z", "people": ["ivan"]},
        {"from": "2026-11-28T00:00", "until": "2026-11-29T00:00", "people": ["Unknown"]},
    )
    turns = rota(*WEEKLY, overrides=overrides)
    moments = ["11-24 16:59", "11-24 17:00", "11-25 10:59", "11-25 11:00", "11-25 12:00", "11-28 05:00"]
    found = [await turns.now(utc(at)) for at in moments]
    names = [[account.removeprefix("id of ") for account in accounts] for accounts in found]
    assert names == [["dana", "sam"], ["olga"], ["olga"], ["ivan"], ["dana", "sam"], []]


async def test_an_override_ends_once_when_the_clocks_go_back() -> None:
    """When the clocks go back, an override ends at the first of the two equal times."""
    override = {"from": "2026-10-25T00:00", "until": "2026-10-25T02:30", "people": ["olga"]}
    turns = rota(shift(WEEK, "00:00", "00:00", "dana"), overrides=(override,))
    found = [await turns.now(utc(at)) for at in ("10-25 00:29", "10-25 00:30", "10-25 01:15")]
    assert found == [("id of olga",), ("id of dana",), ("id of dana",)]


# --- the feed -----------------------------------------------------------------------------------------------------


class StillClock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = utc("11-23 08:00")

    async def now(self) -> datetime:
        return self.at


@dataclass
class Feed:
    """A site with a calendar over https. `hold` keeps its answers back until the event is set."""

    body: bytes | str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    origin: str = ""
    hold: asyncio.Event | None = None

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.status == 0:
            assert request.transport is not None
            request.transport.close()
        if request.path == "/elsewhere.ics":
            return web.Response(text=calendar())
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return web.Response(status=self.status or 200, body=body, headers=self.headers)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=authority().client_context())
    async with aiohttp.ClientSession(connector=connector) as opened:
        yield opened


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    """A calendar feed with Dana on call on working days, and Sam with her on this Wednesday."""
    days = "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    begin, end = f"DTSTART;{BERLIN}:20261102T080000", f"DTEND;{BERLIN}:20261102T200000"
    dana = event(begin, end, days, "ATTENDEE:mailto:dana@x.example")
    sam = event("DTSTART:20261125T100000Z", "DTEND:20261125T120000Z", "SUMMARY:sam schmidt", uid="2")
    site = Feed(calendar(dana, sam))
    app = web.Application()
    app.router.add_get("/{anything:.*}", site.answer)
    async with serve(app, authority().server_context()) as site.origin:
        yield site


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def turns(feed: Feed, session: aiohttp.ClientSession, clock: StillClock) -> CalendarFeed:
    """On-call people from the feed, or else from a rota that always names the same person."""
    always = rota(shift(WEEK, "00:00", "00:00", "rota"))
    url = f"{feed.origin}/secret.ics"
    return CalendarFeed(session, url, ZoneInfo("Europe/Berlin"), anybody, clock, always, moment=timedelta(minutes=1))


DANA, SAM, ROTA = "id of dana@x.example", "id of sam schmidt", "id of rota"


async def test_the_feed_says_who_is_on_call(turns: CalendarFeed, clock: StillClock) -> None:
    """The feed names people by address or name, the shift that began last first; if it names nobody, the rota
    counts."""
    found = []
    for at in ("11-23 06:59", "11-23 07:00", "11-25 11:00", "11-28 12:00"):
        clock.at = utc(at)
        found.append(await turns.now(clock.at))
    assert found == [(ROTA,), (DANA,), (SAM, DANA), (ROTA,)]


async def test_strangers_are_not_on_call(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """People who cannot be found are left out; if nobody is left, the rota counts, and that is logged."""
    feed.body = calendar(event("DTSTART:20261123T070000Z", "DURATION:PT8H", "SUMMARY:Vacation"))
    with capture_logs() as logs:
        assert await turns.now(clock.at) == (ROTA,)
    assert [one["event"] for one in logs] == ["on_call_calendar_names_strangers"]


async def test_the_feed_is_asked_every_five_minutes(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """The feed is read every five minutes at most, also if it fails and however many callers ask; then changes are
    seen."""
    assert await asyncio.gather(*(turns.now(clock.at) for _ in range(5))) == [(DANA,)] * 5
    clock.at += EVERY - timedelta(seconds=1)
    feed.body = calendar()
    assert await turns.now(clock.at) == (DANA,)
    assert feed.asked == 1
    clock.at += timedelta(seconds=1)
    assert await turns.now(clock.at) == (ROTA,)
    assert feed.asked == 2
    clock.at += EVERY
    feed.status = 503
    assert [await turns.now(clock.at) for _ in range(3)] == [(ROTA,)] * 3
    assert feed.asked == 3


def answers(**what: Any) -> Callable[[Feed], None]:
    """Return a change that gives the feed these answers from now on."""

    def change(feed: Feed) -> None:
        for name, value in what.items():
            setattr(feed, name, value)

    return change


DOWN = {
    "lost": answers(status=0),
    "broken": answers(status=500),
    "gone": answers(status=404, body=calendar()),
    "a sign-in page": answers(body="<html>Sign in</html>"),
    "empty": answers(body=""),
    "cut off": answers(body="BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
    "elsewhere": answers(status=302, headers={"Location": "/elsewhere.ics"}),
    "too large": answers(body=calendar(f"X-PADDING:{'x' * LARGEST}")),
}


@pytest.mark.parametrize("change", DOWN.values(), ids=DOWN)
async def test_the_last_good_answer_is_good_for_a_day(
    feed: Feed, turns: CalendarFeed, clock: StillClock, change: Callable[[Feed], None]
) -> None:
    """If the feed fails, the last good answer counts for a day and then no more. Each is logged once, without the
    address, and a working feed counts at once."""
    assert await turns.now(clock.at) == (DANA,)
    good = feed.body
    change(feed)
    with capture_logs() as logs:
        clock.at += GOOD_FOR - timedelta(seconds=1)
        assert await turns.now(clock.at) == (DANA,)
        clock.at += timedelta(minutes=5)
        assert await turns.now(clock.at) == (ROTA,)
    assert [one["event"] for one in logs] == ["on_call_calendar_unread", "on_call_calendar_unknown"]
    assert {one["log_level"] for one in logs} == {"warning"}
    assert "secret" not in str(logs)
    feed.status, feed.body, feed.headers = 200, good, {}
    clock.at += EVERY
    assert await turns.now(clock.at) == (DANA,)


async def test_shifts_of_tomorrow_are_known_today(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """An answer holds the shifts for as long as it may have to last."""
    clock.at = utc("11-24 10:30")
    assert await turns.now(clock.at) == (DANA,)
    feed.status = 503
    clock.at = utc("11-25 10:15")
    assert await turns.now(clock.at) == (SAM, DANA)


async def test_a_feed_that_was_never_read_names_nobody(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """If the feed was never read, the rota counts."""
    feed.status = 500
    assert await turns.now(clock.at) == (ROTA,)


async def test_a_feed_that_hangs_is_given_up(
    feed: Feed, turns: CalendarFeed, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed that does not answer in time is given up."""
    monkeypatch.setattr("bot.oncall.calendar.TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    feed.hold = asyncio.Event()
    assert await turns.now(clock.at) == (ROTA,)
    feed.hold.set()


@pytest.fixture
def impatient(turns: CalendarFeed) -> CalendarFeed:
    """A feed reader that does not wait if an earlier answer holds, and otherwise waits at most a second."""
    turns._moment, turns._limit = timedelta(), timedelta(seconds=1)
    return turns


async def test_nobody_waits_where_the_last_answer_holds(
    feed: Feed, impatient: CalendarFeed, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While an earlier answer holds, nobody waits for the feed, even if it does not answer."""
    impatient._limit = timedelta(minutes=1)
    assert await impatient.now(clock.at) == (DANA,)
    monkeypatch.setattr("bot.oncall.calendar.TIMEOUT", aiohttp.ClientTimeout(total=None))
    feed.hold = asyncio.Event()
    for _ in range(3):
        clock.at += EVERY
        assert await impatient.now(clock.at) == (DANA,)
    feed.hold.set()
    assert impatient._under_way
    await impatient._under_way
    assert feed.asked == 2


NEVER = "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"
"""A rule that never gives a date, although it is searched up to the year 9999."""


async def test_a_feed_that_takes_for_ever_is_given_up(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """Reading a feed for too long ends the reading process; the last answer counts and one warning is logged. A
    repaired feed counts again."""
    good = feed.body
    assert await turns.now(clock.at) == (DANA,)
    turns._limit = timedelta(seconds=1)
    feed.body = calendar(*(event("DTSTART:20261101T080000Z", NEVER, uid=str(number)) for number in range(4000)))
    with capture_logs() as logs:
        for _ in range(2):
            clock.at += EVERY
            assert await turns.now(clock.at) == (DANA,)
    [told] = logs
    assert told["event"] == "on_call_calendar_unread"
    assert told["why"].startswith("it takes more than 1 seconds")
    turns._limit = timedelta(minutes=1)
    feed.body = good
    clock.at += EVERY
    with capture_logs() as logs:
        assert await turns.now(clock.at) == (DANA,)
    assert [one["event"] for one in logs] == ["on_call_calendar_read_again"]


async def test_the_child_gets_no_secrets(
    feed: Feed, turns: CalendarFeed, clock: StillClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The process that reads the feed has an environment without the bot's settings."""
    seen = tmp_path / "environment"
    stub = tmp_path / "python"
    stub.write_text(f"#!/bin/sh\n/usr/bin/env > {seen}\n")
    stub.chmod(0o755)
    monkeypatch.setenv("COUNTERSIGN_WORKER_SECRET", "hidden")
    monkeypatch.setattr("bot.oncall.reader.sys.executable", str(stub))
    assert await turns.now(clock.at) == (ROTA,)
    assert "hidden" not in seen.read_text()
    assert "COUNTERSIGN" not in seen.read_text()


async def test_events_that_cannot_be_read_are_told_once(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """Events that cannot be read are logged once: ten of them by id, and then their number."""
    feed.body = calendar(*(event("DTSTART:soon", "DURATION:PT1H", uid=f"e{number}") for number in range(12)))
    with capture_logs() as logs:
        for _ in range(2):
            await turns.now(clock.at)
            clock.at += EVERY
    assert [one["event"] for one in logs] == ["calendar_event_unread"] * 10 + ["calendar_events_unread"]


async def test_not_everybody_is_looked_up(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """Only a limited number of names is looked up, because each of them is a question to the directory."""
    at = ("DTSTART:20261123T070000Z", "DURATION:PT8H")
    feed.body = calendar(
        *(
            event(*at, *(f"ATTENDEE:mailto:{shift}-{number}@x.example" for number in range(10)), uid=str(shift))
            for shift in range(9)
        )
    )
    assert len(await turns.now(clock.at)) == MOST_NAMES


async def test_a_marked_feed_is_read(feed: Feed, turns: CalendarFeed, clock: StillClock) -> None:
    """A feed with a byte order mark is read."""
    assert isinstance(feed.body, str)
    feed.body = b"\xef\xbb\xbf" + feed.body.encode()
    assert await turns.now(clock.at) == (DANA,)


# --- accounts of names ------------------------------------------------------------------------------------------


async def test_a_name_is_an_id_an_address_or_a_display_name(site: Tenant, graph_client: GraphClient) -> None:
    """A name is an object id, an address or a display name, in any casing; unknown people, guests and disabled accounts
    are nobody."""
    dana = site.world.user("dana")
    for name in (dana.id, dana.upn, "Dana Diaz", " dana DIAZ ", dana.upn.upper()):
        assert await find_account(graph_client, name) == dana.id
    for name in (
        "Gus Guest",
        "Dora Dahl",
        site.world.user("dora").upn,
        "Nobody",
        "x@y.example",
        "",
        " ",
        "' or 1 eq 1",
    ):
        assert await find_account(graph_client, name) is None


async def test_a_name_that_two_have_is_nobodys(site: Tenant, graph_client: GraphClient) -> None:
    """A name that two active accounts have belongs to nobody, and that is logged without the name."""
    sam, dana = site.world.user("sam"), site.world.user("dana")
    sam.name = dana.name
    with capture_logs() as logs:
        assert await find_account(graph_client, "Dana Diaz") is None
    assert logs == [{"event": "name_is_ambiguous", "accounts": 2, "log_level": "warning"}]
    sam.enabled = False
    assert await find_account(graph_client, "Dana Diaz") == dana.id


@pytest.mark.parametrize(
    "title",
    [
        "On Call - Dana O'Neil - Primary",
        "[L1] Dana\u00a0O\u2019Neil",
        "Dana O'Neil (Primary)",
        f"On Call - {'x' * 200} - Dana O'Neil",
    ],
)
async def test_the_title_of_an_on_call_product(
    site: Tenant, graph_client: GraphClient, feed: Feed, session: aiohttp.ClientSession, clock: StillClock, title: str
) -> None:
    """The title of an on-call product is matched with the directory, also with a webcal address; a title that fits two
    people is logged without its text."""
    dana, sam = site.world.user("dana"), site.world.user("sam")
    dana.name = "Dana O\u2019Neil"
    feed.body = calendar(event("DTSTART:20261123T070000Z", "DURATION:PT8H", f"SUMMARY:{title}"))
    address = feed.origin.replace("https://", "webcal://")
    written = {"chat": "19:x@thread.v2", "calendar": f"{address}/secret.ics"}
    settings = OnCallSettings.model_validate(written, strict=False)
    assert await on_call(settings, graph_client, session, clock).now(MONDAY) == (dana.id,)
    sam.name = "Dana O'Neil"
    with capture_logs() as logs:
        assert await on_call(settings, graph_client, session, clock).now(MONDAY) == ()
    assert [one["event"] for one in logs] == ["name_is_ambiguous", "on_call_calendar_is_unclear"]
    assert "Neil" not in str(logs)


async def test_a_stranger_beside_somebody_who_is_known_is_told(
    feed: Feed, turns: CalendarFeed, clock: StillClock
) -> None:
    """A name that cannot be found is logged, also if another person of the shift is known."""
    invited = ("ATTENDEE:mailto:dana@x.example", "ATTENDEE:mailto:Nobody@x.example")
    feed.body = calendar(event("DTSTART:20261123T070000Z", "DURATION:PT8H", *invited))
    with capture_logs() as logs:
        assert await turns.now(clock.at) == (DANA,)
    assert logs == [{"event": "on_call_calendar_names_strangers", "names": 1, "log_level": "warning"}]


async def test_who_is_on_call_by_the_configuration(
    site: Tenant, graph_client: GraphClient, feed: Feed, session: aiohttp.ClientSession, clock: StillClock
) -> None:
    """The feed counts before the rota, with the directory as it is now; without a configuration nobody is on call."""
    dana, sam = site.world.user("dana"), site.world.user("sam")
    turns = [shift(WEEK, "00:00", "00:00", sam.upn, "nobody@x.example")]
    written = {"chat": "19:x@thread.v2", "rota": turns}
    feed.body = calendar(event("DTSTART:20261123T070000Z", "DURATION:PT8H", "SUMMARY:Dana Diaz"))

    async def now(**more: str) -> tuple[str, ...]:
        settings = OnCallSettings.model_validate(written | more, strict=False)
        return await on_call(settings, graph_client, session, clock).now(MONDAY)

    assert await now() == (sam.id,)
    assert await now(calendar=f"{feed.origin}/secret.ics") == (dana.id,)
    dana.enabled = False
    assert await now(calendar=f"{feed.origin}/secret.ics") == (sam.id,)
    assert isinstance(on_call(None, graph_client, session, clock), NobodyOnCall)
    assert await on_call(None, graph_client, session, clock).now(MONDAY) == ()
