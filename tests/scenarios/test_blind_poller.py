"""If the polling replica cannot reach Graph, or stops, another replica takes over."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from handlers.intune.poll import Polled
from handlers.poll import LOOK_EVERY, MOST_FAILURES, RETRY, Poller
from handlers.ports.errors import PortError, Unavailable
from handlers.ports.intune import IsNews, Row
from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, office, rewired

EVERY = timedelta(seconds=30)
HANDED_OVER = EVERY + MOST_FAILURES * (RETRY + LOOK_EVERY)
CAME_BACK = RETRY + timedelta(seconds=20) + LOOK_EVERY
REQUESTS = "operationApprovalRequests"


def pollers(day: Office) -> list[Poller]:
    """Return the poller of each replica."""
    return [Poller(bot.journeys.poll, bot.journeys.lead, bot.store.clock, EVERY) for bot in day.bots]


@contextmanager
def blind(day: Office, path: str = REQUESTS, after: int = 0) -> Iterator[None]:
    """Answer calls to Graph with this path by 503 until the block ends, at once or after some good answers."""
    fault = Fault(Kind.UNAVAILABLE, path, times=1000, after=after)
    day.tenant.graph.faults.append(fault)
    try:
        yield
    finally:
        day.tenant.graph.faults.remove(fault)


async def blind_turn(day: Office, poller: Poller) -> None:
    """Run one turn of a replica that cannot reach Intune."""
    with blind(day), suppress(PortError):
        await poller.turn()


async def completed(day: Office) -> datetime | None:
    """Return when Intune was last read completely, as the last replica knows it."""
    return (await day.bots[-1].store.poll.polling()).complete_at


async def script(day: Office, name: str = "Disable-LegacyTLS") -> str:
    """File a script in the portal."""
    return day.tenant.portal.file_script("rita", name, f"Write-Host {name}\n", "An old printer needs it")


@day_with(replicas=2)
async def test_a_blind_poller_makes_way(day: Office) -> None:
    """After three failed polls the other replica polls, and the waiting request is posted."""
    first, second = pollers(day)
    await first.turn()
    await script(day)
    before = await completed(day)
    began = day.tenant.clock.now()
    while await completed(day) == before and day.tenant.clock.now() - began < HANDED_OVER:
        day.tenant.clock.advance(LOOK_EVERY)
        await blind_turn(day, first)
        await second.turn()
    await day.work()

    assert await completed(day) != before
    assert len(day.requests("Change Advisory Board")) == 1


@day_with(replicas=2)
async def test_a_poller_that_makes_way_comes_back_when_nobody_else_can(day: Office) -> None:
    """If no other replica can poll either, the first one polls again after one lease and a little longer."""
    first, second = pollers(day)
    for _ in range(MOST_FAILURES):
        await blind_turn(day, first)
        day.tenant.clock.advance(RETRY)
    for _ in range(MOST_FAILURES):
        await blind_turn(day, second)
        day.tenant.clock.advance(RETRY)
    await first.turn()

    assert await completed(day) is not None


async def test_the_only_poller_comes_back_to_it(day: Office) -> None:
    """The only replica polls again as soon as Graph answers."""
    [only] = pollers(day)
    for _ in range(MOST_FAILURES):
        day.tenant.clock.advance(RETRY)
        await blind_turn(day, only)
    gave_up = day.tenant.clock.now()
    while await completed(day) is None and day.tenant.clock.now() - gave_up < CAME_BACK:
        day.tenant.clock.advance(LOOK_EVERY)
        await only.turn()

    assert await completed(day) is not None


@day_with(replicas=2)
async def test_a_stopped_poller_is_followed_at_once(day: Office) -> None:
    """When the polling replica stops, the next replica polls at once, even shortly after its own last poll."""
    first, second = pollers(day)
    await first.turn()
    day.tenant.clock.advance(LOOK_EVERY)
    await second.turn()
    before = await completed(day)
    await day.bots[0].store.poll.release(day.bots[0].adapters.replica)
    day.tenant.clock.advance(LOOK_EVERY)
    await second.turn()

    assert before is not None
    assert await completed(day) == day.tenant.clock.now()


async def test_between_two_polls_nobody_else_polls(day: Office) -> None:
    """Between two polls the lease is kept, and Intune is not read more often than configured."""
    [only] = pollers(day)
    pauses: list[timedelta] = []
    while len(pauses) < 7:
        pauses.append(await only.turn())
        day.tenant.clock.advance(pauses[-1])
    lists = [call for call in day.tenant.graph.calls if call.path.endswith(REQUESTS)]

    assert pauses == [LOOK_EVERY] * 7
    assert len(lists) == 2


async def test_a_graph_that_goes_away_ends_the_round(day: Office) -> None:
    """If Graph goes away during a poll, the round ends, and no row is reported as faulty."""
    for number in range(5):
        await script(day, f"Script-{number}")
    with blind(day, "", after=1), capture_logs() as lines, pytest.raises(Unavailable):
        await day.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []


async def test_a_redis_that_goes_away_ends_the_round(tmp_path: Path) -> None:
    """If Redis goes away during a poll, the round ends, and no row is reported as faulty."""
    offices = list[Office]()

    @asynccontextmanager
    async def dying(service: str, request: web.Request) -> AsyncIterator[None]:
        yield
        for one in offices:
            if one.server and service == "graph" and request.path.endswith(REQUESTS):
                await one.server.stop()

    async with office(tmp_path, watch=dying, own_server=True) as opened:
        for number in range(5):
            await script(opened, f"Script-{number}")
        offices.append(opened)
        with capture_logs() as lines, pytest.raises(Unavailable):
            await opened.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []


async def test_a_graph_that_throttles_ends_the_round(day: Office) -> None:
    """If Graph throttles during a poll, the round ends, because more calls would make it worse."""
    for number in range(5):
        await script(day, f"Script-{number}")
    fault = Fault(Kind.THROTTLED, times=1000, after=1, retry_after=3600)
    day.tenant.graph.faults.append(fault)
    with capture_logs() as lines, pytest.raises(PortError):
        await day.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []
    assert fault.times > 1000 - 5


async def test_a_graph_that_is_away_for_what_has_expired_ends_the_round(day: Office) -> None:
    """If Graph goes away while expired requests are read one by one, the round ends, and no request is reported as
    missing."""
    for number in range(3):
        await script(day, f"Script-{number}")
    await day.poll()
    day.tenant.clock.advance(timedelta(days=40))  # Intune's list has forgotten them
    with blind(day, "", after=1), capture_logs() as lines, pytest.raises(Unavailable):
        await day.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "request_not_visible"] == []
    assert await day.bot.journeys.poll.poll() is Polled.COMPLETE


@day_with(replicas=2)
async def test_a_poller_that_is_throttled_waits_as_long_as_it_is_told(day: Office) -> None:
    """A throttled poller waits as long as Graph says, and keeps the lease, because Graph counts all replicas
    together."""
    first, second = pollers(day)
    day.tenant.graph.faults.append(Fault(Kind.THROTTLED, REQUESTS, times=1000, retry_after=120))
    for _ in range(MOST_FAILURES * 3):
        with suppress(PortError):
            await first.turn()
        await second.turn()
        day.tenant.clock.advance(timedelta(seconds=15))
    asked = [call for call in day.tenant.graph.calls if call.path.endswith(REQUESTS)]

    assert len(asked) == 2


@day_with(replicas=2)
async def test_a_long_poll_keeps_its_lease(day: Office) -> None:
    """A long poll keeps its lease for as long as it makes progress from row to row."""
    for number in range(4):
        await script(day, f"Script-{number}")
    first, second = (bot.adapters for bot in day.bots)

    class Slow:
        """An Intune where every row takes most of a lease."""

        def __getattr__(self, name: str) -> Any:
            return getattr(first.intune, name)

        async def changed_since(self, since: datetime | None, is_news: IsNews) -> AsyncIterator[Row]:
            async for row in first.intune.changed_since(since, is_news):
                yield row
                day.tenant.clock.advance(timedelta(seconds=15))
                assert not await second.poll_state.lead(second.replica)

    assert await rewired(day.bot, intune=Slow()).journeys.poll.poll() is Polled.COMPLETE


@day_with(replicas=2)
async def test_a_poll_whose_lease_was_lost_ends(day: Office) -> None:
    """A poll that has lost its lease ends. The new holder reads everything itself."""
    for number in range(4):
        await script(day, f"Script-{number}")
    first, second = (bot.adapters for bot in day.bots)
    rows = list[Row]()

    class Stuck:
        """An Intune where the second row takes longer than a lease."""

        def __getattr__(self, name: str) -> Any:
            return getattr(first.intune, name)

        async def changed_since(self, since: datetime | None, is_news: IsNews) -> AsyncIterator[Row]:
            async for row in first.intune.changed_since(since, is_news):
                rows.append(row)
                if len(rows) == 2:
                    day.tenant.clock.advance(timedelta(seconds=21))
                    assert await second.poll_state.lead(second.replica)
                yield row

    assert await rewired(day.bot, intune=Stuck()).journeys.poll.poll() is Polled.ELSEWHERE
    assert len(rows) == 2
    assert await completed(day) is None


@day_with(replicas=2)
async def test_a_row_that_nobody_can_take_in_leaves_the_poll_incomplete(day: Office) -> None:
    """A row that cannot be taken in leaves the poll incomplete. The other rows are taken in, all replicas know its id,
    and another replica tries it."""
    first, second = pollers(day)
    await first.turn()
    complete = await completed(day)
    bad = await script(day)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    with blind(day, "deviceManagementScripts"):
        for _ in range(MOST_FAILURES):
            day.tenant.clock.advance(EVERY)
            await first.turn()
        known = await day.bots[1].store.poll.polling()
        day.tenant.clock.advance(LOOK_EVERY)
        await second.turn()
        assert not await day.bots[0].store.poll.lead(day.bots[0].adapters.replica)
    await day.work()

    assert known.stuck == (bad,)
    assert known.complete_at == complete
    assert len(day.requests()) == 1
