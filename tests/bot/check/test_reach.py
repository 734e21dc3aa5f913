"""The findings of `check` about systems other than Intune: each is tried, and reported with what to do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.check.finding import Mark
from bot.oncall.shifts import MOST_EVENTS
from simulator.site import serve
from simulator.story import WORKER
from tests.bot.conftest import SetUp
from tests.bot.oncall.calendars import calendar, event
from tests.office import authority
from tests.servers import free_port


async def test_they_are_named_where_all_is_good(setup: SetUp) -> None:
    """A system that works is reported as well."""
    told = "\n".join(finding.what for finding in await setup.look())

    for expected in ("The audit is sealed into", "The worker may send mail as"):
        assert expected in told


@asynccontextmanager
async def answering(status: int) -> AsyncIterator[str]:
    """Yield the origin of a server that answers every call with this status."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", answer)])
    async with serve(app, authority().server_context()) as origin:
        yield origin


async def test_the_emergency_process(setup: SetUp) -> None:
    """The emergency process must answer with status 200."""
    async with answering(200) as origin:
        setup.set(EMERGENCY_URL=origin)
        assert await setup.troubles() == []
    async with answering(502) as origin:
        setup.set(EMERGENCY_URL=origin)
        [proxy] = await setup.troubles()
    setup.set(EMERGENCY_URL=f"https://localhost:{free_port()}")
    [nobody] = await setup.troubles()

    assert proxy.what == f"The emergency process at {origin} answers 502"
    assert "does not answer" in nobody.what
    assert "docs/emergencies.md" in nobody.advice
    assert {proxy.mark, nobody.mark} == {Mark.DOUBTFUL}


@pytest.mark.parametrize("mailbox", ["approvals@company.onmicrosoft.com", ""])
async def test_a_worker_that_may_not_send(setup: SetUp, mailbox: str) -> None:
    """A missing mail permission is doubtful if there is a mailbox; a missing mailbox is doubtful too."""
    setup.tenant.world.application(WORKER).roles.discard("Mail.Send")
    if not mailbox:
        setup.configure(mailbox=None)

    [found] = await setup.troubles()

    assert found.mark is Mark.DOUBTFUL
    assert ("Mail.Send" in found.what) is bool(mailbox)
    assert setup.tenant.graph.outbox == []


async def test_a_mailbox_that_is_not_there(setup: SetUp) -> None:
    """A mailbox that does not exist is reported."""
    setup.configure(mailbox="nowhere@company.onmicrosoft.com")

    [found] = await setup.troubles()

    assert found.what == "countersign.mailbox: there is no mailbox nowhere@company.onmicrosoft.com"


async def test_people_on_call_who_are_not_there(setup: SetUp) -> None:
    """A person on call whom the directory does not have is reported."""
    shift = {"days": ["Mon"], "start": "00:00", "end": "00:00", "people": ["sam@company.onmicrosoft.com", "typo@x"]}
    setup.configure(onCall={"chat": "19:oncall@thread.v2", "rota": [shift]})

    [found] = await setup.troubles()

    assert found.what == 'countersign.onCall: "typo@x" is not exactly one active account'


TOLD = re.compile(r"countersign\.onCall\.calendar|The on-call calendar")


async def test_an_on_call_calendar(setup: SetUp) -> None:
    """The calendar is read as the bot reads it; its errors are reported without its address."""
    feeds = {
        "/good.ics": calendar(
            event("DTSTART:20261123T080000Z", "DURATION:PT8H", "RRULE:FREQ=DAILY", "SUMMARY:On Call - Dana Diaz")
        ),
        "/lost.ics": calendar(event("DTSTART:20261123T080000Z", "DURATION:PT8H", "RRULE:FREQ=DAILY", "SUMMARY:Alpha")),
        "/empty.ics": calendar(event("DTSTART:20261123T080000Z", "DURATION:PT8H", "RRULE:FREQ=DAILY")),
        "/none.ics": "<html>",
        "/much.ics": calendar(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (MOST_EVENTS + 1)),
        "/odd.ics": calendar(event("DTSTART:soon", uid="odd one")),
    }

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=feeds[request.path])

    app = web.Application()
    app.add_routes([web.get("/{path:.*}", answer)])
    found = {}
    async with serve(app, authority().server_context()) as origin:
        for path in feeds:
            setup.configure(onCall={"chat": "19:oncall@thread.v2", "calendar": f"{origin}{path}"})
            [found[path]] = [one for one in await setup.look() if TOLD.match(one.what)]
    assert found["/good.ics"].mark is Mark.GOOD
    assert "cannot be read: this is no calendar" in found["/none.ics"].what
    assert f"more than {MOST_EVENTS} events" in found["/much.ics"].what
    assert '1 of its events cannot be read, such as "odd one"' in found["/odd.ics"].what
    assert all("1 of the names and titles" in found[path].what for path in ("/lost.ics", "/empty.ics"))
    assert {found[path].mark for path in set(feeds) - {"/good.ics"}} == {Mark.DOUBTFUL}
    assert not any(origin in one.what + one.advice for one in found.values())
