"""The jobs beside the server: due effects are carried out, failed ones are tried later, and a stop ends the work that
was begun."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from approvals.effects import Effect, Planned, RefreshCards
from bot import jobs
from bot.store.active import RedisActive
from bot.teams.outbound.wire import NotSent, Transient, Unauthorized
from handlers.intune.lead import Lead
from handlers.poll import Poller
from handlers.ports.errors import (
    Forbidden,
    NotFound,
    PortError,
    Throttled,
    TokenRefused,
    Unavailable,
    Unreachable,
)
from handlers.ports.outbox import Leased
from tests.fakes.clock import Clock
from tests.fakes.store import Store

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass
class Line:
    """A fake outbox that records what became of each effect."""

    due: list[Effect] = field(default_factory=list)
    attempt: int = 1
    finished: list[str] = field(default_factory=list)
    postponed: list[tuple[str, timedelta, str]] = field(default_factory=list)
    excused: list[bool] = field(default_factory=list)
    emptied: Callable[[], None] = lambda: None

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        self.due += [one.effect for one in planned]

    async def lease(self, limit: int) -> Sequence[Leased]:
        taken, self.due = self.due[:limit], self.due[limit:]
        return [Leased(effect.request_id, effect, self.attempt, "t") for effect in taken]

    async def done(self, leased: Leased) -> bool:
        self.finished.append(leased.id)
        return True

    async def again(self, leased: Leased, at: datetime, why: str, *, excused: bool = False) -> bool:
        self.excused.append(excused)
        self.postponed.append((leased.id, at - NOW, why))
        return True

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        return []

    async def wait(self, timeout: float) -> None:
        self.emptied()
        await asyncio.sleep(0)


class Still:
    async def now(self) -> datetime:
        return NOW


def worker_on(line: Line, **failures: Exception) -> jobs.Worker:
    """Return a worker that raises the named failure for the request with that id."""

    async def perform(effect: Effect) -> None:
        assert isinstance(effect, RefreshCards)
        if effect.request_id in failures:
            raise failures[effect.request_id]

    return jobs.Worker(cast("Any", line), Still(), perform)


async def test_due_work_is_done_and_forgotten() -> None:
    """All due effects are carried out and finished."""
    line = Line([RefreshCards("a"), RefreshCards("b")])

    assert await worker_on(line).do_due() == 2
    assert sorted(line.finished) == ["a", "b"]


@pytest.mark.parametrize("attempt", [1, 5, 12, 300])
async def test_failed_work_waits_longer_each_time(attempt: int) -> None:
    """A failed effect waits longer after each attempt, up to five minutes, and holds up no other; only a failure of a
    neighbour is excused."""
    line = Line([RefreshCards("away"), RefreshCards("bug"), RefreshCards("fine")], attempt)

    await worker_on(line, away=Unavailable("gone"), bug=KeyError("oops")).do_due()

    assert line.finished == ["fine"]
    longest = min(timedelta(seconds=2 ** min(attempt, 20)), jobs.LONGEST_BACKOFF)
    assert all(longest / 2 <= wait <= longest for _, wait, _ in line.postponed)
    assert [why for _, _, why in sorted(line.postponed)] == ["Unavailable: gone", "KeyError: 'oops'"]
    assert {one[0]: excused for one, excused in zip(line.postponed, line.excused, strict=True)} == {
        "away": True,
        "bug": False,
    }


@pytest.mark.parametrize("trouble", [Unavailable, Throttled, TokenRefused, NotSent, Transient, Unauthorized])
async def test_what_a_neighbour_says_of_itself_is_excused(trouble: type[PortError]) -> None:
    """An error that says that the neighbour itself is in trouble is excused."""
    line = Line([RefreshCards("away")])

    await worker_on(line, away=trouble("not now")).do_due()

    assert line.excused == [True]


@pytest.mark.parametrize("trouble", [Forbidden, NotFound, Unreachable])
async def test_what_a_neighbour_says_of_the_thing_is_not(trouble: type[PortError]) -> None:
    """An error about the target itself is not excused, because it will not pass."""
    line = Line([RefreshCards("away")])

    await worker_on(line, away=trouble("never")).do_due()

    assert line.excused == [False]


async def test_a_neighbour_that_names_a_pause_gets_it() -> None:
    """A pause that a neighbour names is kept to the second."""
    line = Line([RefreshCards("busy")])

    await worker_on(line, busy=Throttled("slow down", retry_after=17)).do_due()

    assert line.postponed == [("busy", timedelta(seconds=17), "Throttled: slow down")]


@pytest.mark.parametrize(("asked", "most"), [(0.0, 32), (-5.0, 32), (1.0, 32), (86400.0, 6)])
async def test_a_neighbour_that_is_too_busy_for_ever_is_called_seldom(asked: float, most: int) -> None:
    """An effect that is always throttled is tried a limited number of times an hour, whatever pause is named."""
    store = Store(Clock(NOW))
    calls, until = 0, NOW + timedelta(hours=1)

    async def perform(effect: Effect) -> None:
        nonlocal calls
        calls += 1
        raise Throttled("busy", retry_after=asked)

    worker = jobs.Worker(store.outbox, store.clock, perform)
    await store.outbox.plan([Planned(RefreshCards("r1"))], NOW)
    while (due := await store.outbox.first_due()) is not None and due <= until and calls <= 1000:
        store.clock.time = due
        await worker.do_due()

    assert 4 <= calls <= most


async def test_a_stop_ends_what_was_begun() -> None:
    """A stop finishes the effects that were begun, and leases no more."""
    stopping = asyncio.Event()
    line = Line([RefreshCards(str(number)) for number in range(jobs.SIDE_BY_SIDE + 1)], emptied=stopping.set)

    await jobs.keep_doing(worker_on(line), stopping)

    assert len(line.finished) == jobs.SIDE_BY_SIDE + 1
    line.due = [RefreshCards("late")]
    await jobs.keep_doing(worker_on(line), stopping)
    assert "late" not in line.finished


async def test_polling_ends_when_told() -> None:
    """After a stop, polling ends with the current round."""
    stopping, asked = asyncio.Event(), []

    class Elsewhere:
        async def lead(self, replica: str) -> bool:
            asked.append(replica)
            stopping.set()
            return False

    nowhere = cast("Any", Elsewhere())
    poll = cast("Any", SimpleNamespace(poll=lambda: nowhere.lead("r1")))
    await jobs.keep_polling(Poller(poll, Lead(nowhere, "r1"), Still(), timedelta(hours=1)), stopping)

    assert asked == ["r1"]


class Minded:
    """A fake of the active configuration whose store is away at the first question."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self.looks = 0

    async def why_not(self) -> str:
        self.looks += 1
        if self.looks == 1:
            raise Unavailable("nobody there")
        self._stopping.set()
        return "another configuration is active"


async def test_a_replica_that_nobody_asks_notices_that_it_is_deposed() -> None:
    """A replica notices by itself that its configuration was replaced, also if the store was away before."""
    stopping = asyncio.Event()
    minded = Minded(stopping)
    await jobs.keep_noticing(cast("RedisActive", minded), stopping, every=0.001)
    assert minded.looks == 2
