"""One replica polls as long as it holds the lease; the first complete poll ends an alarm."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from approvals.effects import CallOutIncident, SayIncident
from handlers.intune.poll import Polled
from handlers.ports.intune import IsNews, Row, nothing_else
from tests.fakes.intune import Intune, wipe
from tests.fakes.polling import LEASE
from tests.handlers.intune.polled import poll, requests
from tests.handlers.stage import Stage


async def test_only_one_replica_polls(stage: Stage) -> None:
    """Only one replica polls; the others wait until its lease is over."""
    other = stage.journeys_with(replica="r2")
    await poll(stage)
    stage.intune.show(wipe())

    assert await other.poll.poll() is Polled.ELSEWHERE
    assert requests(stage) == []

    stage.clock.time += LEASE
    assert await other.poll.poll() is Polled.COMPLETE
    assert await poll(stage) is Polled.ELSEWHERE


async def test_a_long_poll_keeps_its_lease(stage: Stage) -> None:
    """The lease is renewed after each row, so a long poll keeps it."""
    other = stage.journeys_with(replica="r2")
    seen: list[Polled] = []

    async def other_tries() -> None:
        seen.append(await other.poll.poll())

    journeys = stage.journeys_with(intune=Slow(stage, 15, other_tries))

    assert await journeys.poll.poll() is Polled.COMPLETE
    assert seen == [Polled.ELSEWHERE] * 3


async def test_a_lost_lease_ends_the_poll(stage: Stage) -> None:
    """If the lease is lost, the poll ends without moving the watermark, because another replica polls by then."""
    other = stage.journeys_with(replica="r2")
    journeys = stage.journeys_with(intune=Slow(stage, 25, other.lead.is_ours))

    assert await journeys.poll.poll() is Polled.ELSEWHERE

    assert [request.intune_id for request in requests(stage)] == ["i0", "i1"]
    assert stage.store.poll.read_up_to is None


async def test_who_must_not_wait_reads_although_another_polls(stage: Stage) -> None:
    """A replica that recovers the store reads Intune although another replica has the lease."""
    await poll(stage)
    stage.intune.show(wipe())

    assert await stage.journeys_with(replica="r2").poll.read() is Polled.COMPLETE
    assert len(requests(stage)) == 1


async def test_the_first_complete_poll_after_an_alarm_says_so(stage: Stage) -> None:
    """The first complete poll after an alarm says in both places that it is over."""
    await poll(stage)
    assert stage.planned(SayIncident) == []
    await stage.store.poll.alarm(await stage.store.poll.polling(), [])

    await poll(stage)

    (say,) = stage.planned(SayIncident)
    assert say.incident.over
    assert len(stage.planned(CallOutIncident)) == 1


class Slow(Intune):
    """An Intune that lets time pass before each row but the first, and then runs a given action."""

    def __init__(self, stage: Stage, seconds: float, between: Callable[[], Awaitable[object]]) -> None:
        super().__init__(stage.clock)
        self._stage = stage
        self._seconds = seconds
        self._between = between
        self.rows = {f"i{number}": wipe(id=f"i{number}") for number in range(4)}

    async def changed_since(self, since: datetime | None, is_news: IsNews = nothing_else) -> AsyncIterator[Row]:
        for number, row in enumerate(self.rows.values()):
            if number:
                self._stage.clock.advance(seconds=self._seconds)
                await self._between()
            yield row
