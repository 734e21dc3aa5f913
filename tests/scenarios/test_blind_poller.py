"""The replica that polls cannot reach Graph, and another one takes over; what is away ends a round."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from handlers.intune.poller import LOOK_EVERY, MOST_FAILURES, RETRY, Poller
from handlers.ports.errors import PortError, Unavailable
from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, office

EVERY = timedelta(seconds=30)
HANDED_OVER = EVERY + MOST_FAILURES * (RETRY + LOOK_EVERY)
REQUESTS = "operationApprovalRequests"


def pollers(day: Office) -> list[Poller]:
    """What each replica does beside its server."""
    return [Poller(bot.journeys.poll, bot.journeys.lead, bot.store.clock, EVERY) for bot in day.bots]


@contextmanager
def blind(day: Office, path: str = REQUESTS, after: int = 0) -> Iterator[None]:
    """Whoever asks Graph for this meanwhile is answered 503, every time or after some times."""
    fault = Fault(Kind.UNAVAILABLE, path, times=1000, after=after)
    day.tenant.graph.faults.append(fault)
    try:
        yield
    finally:
        day.tenant.graph.faults.remove(fault)


async def blind_turn(day: Office, poller: Poller) -> None:
    """One turn of a replica that cannot reach Intune."""
    with blind(day), suppress(PortError):
        await poller.turn()


async def completed(day: Office) -> datetime | None:
    """When Intune was last read completely, as the second replica knows it."""
    return (await day.bots[-1].store.poll.polling()).complete_at


async def script(day: Office, name: str = "Disable-LegacyTLS") -> str:
    """Somebody files a request in the portal."""
    return day.tenant.portal.file_script("rita", name, f"Write-Host {name}\n", "An old printer needs it")


@day_with(replicas=2)
async def test_a_blind_poller_makes_way(day: Office) -> None:
    """After three polls that failed the other replica polls, and what waits is posted."""
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


async def test_a_graph_that_goes_away_ends_the_round(day: Office) -> None:
    """Nothing is wrong with the rows, so nothing is said of them, and nobody knocks for each of them."""
    for number in range(5):
        await script(day, f"Script-{number}")
    with blind(day, "", after=1), capture_logs() as lines, pytest.raises(Unavailable):
        await day.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []


async def test_a_redis_that_goes_away_ends_the_round(tmp_path: Path) -> None:
    """As in a failover: it is no fault of the rows that nothing can be stored."""
    offices = list[Office]()

    @asynccontextmanager
    async def dying(service: str, request: web.Request) -> AsyncIterator[None]:
        yield
        for one in offices:
            if one.server and service == "graph" and request.path.endswith(REQUESTS):
                await one.server.stop()

    async with office(tmp_path, watch=dying) as opened:
        for number in range(5):
            await script(opened, f"Script-{number}")
        offices.append(opened)
        with capture_logs() as lines, pytest.raises(Unavailable):
            await opened.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []
