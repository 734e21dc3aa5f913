"""The replica that polls cannot reach Graph, or stops: another one takes over, and everybody can tell."""

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


@day_with(replicas=2)
async def test_a_poller_that_makes_way_comes_back_when_nobody_else_can(day: Office) -> None:
    """It waits for one lease and a little longer, so that nothing is lost where it is the only one that can see."""
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
    """Nobody took the lease meanwhile, and Graph answers again."""
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
    """The next replica that looks polls, although its own last poll is not long ago."""
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
    """The lease is kept, and Intune is asked no more often than is said."""
    [only] = pollers(day)
    pauses: list[timedelta] = []
    while len(pauses) < 7:
        pauses.append(await only.turn())
        day.tenant.clock.advance(pauses[-1])
    lists = [call for call in day.tenant.graph.calls if call.path.endswith(REQUESTS)]

    assert pauses == [LOOK_EVERY] * 7
    assert len(lists) == 2


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

    async with office(tmp_path, watch=dying, own_server=True) as opened:
        for number in range(5):
            await script(opened, f"Script-{number}")
        offices.append(opened)
        with capture_logs() as lines, pytest.raises(Unavailable):
            await opened.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []


async def test_a_graph_that_throttles_ends_the_round(day: Office) -> None:
    """To go on asking makes it worse."""
    for number in range(5):
        await script(day, f"Script-{number}")
    fault = Fault(Kind.THROTTLED, times=1000, after=1, retry_after=3600)
    day.tenant.graph.faults.append(fault)
    with capture_logs() as lines, pytest.raises(PortError):
        await day.bot.journeys.poll.poll()

    assert [line for line in lines if line["event"] == "row_not_taken_in"] == []
    assert fault.times > 1000 - 5


async def test_a_graph_that_is_away_for_what_has_expired_ends_the_round(day: Office) -> None:
    """Those requests are asked for one by one; not, where nobody answers."""
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
    """And keeps the lease: Graph counts calls of all replicas together."""
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
    """For as long as it gets on, row by row."""
    for number in range(4):
        await script(day, f"Script-{number}")
    first, second = (bot.adapters for bot in day.bots)

    class Slow:
        """Intune, where every row takes most of a lease."""

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
    """Whoever took it reads everything itself."""
    for number in range(4):
        await script(day, f"Script-{number}")
    first, second = (bot.adapters for bot in day.bots)
    rows = list[Row]()

    class Stuck:
        """Intune, where the second row takes longer than a lease."""

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
    """The others are taken in, its id is known to every replica, and other replicas get to try it."""
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
