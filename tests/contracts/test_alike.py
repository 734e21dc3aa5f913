"""Redis answers as the store in memory does, whatever happens in any order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.effects import Planned, RefreshCards
from bot.store import open_store
from handlers.ports.outbox import Leased
from handlers.ports.requests import IdempotencyKey
from tests.bot.store.driven import NEW, write
from tests.contracts.stores import Store, audit
from tests.fakes.clock import Clock
from tests.fakes.store import Store as FakeStore
from tests.servers import redis_server

REQUESTS = st.sampled_from(["R1", "R2", "R3"])
CLICKS = st.none() | st.builds(
    IdempotencyKey, st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["alex", "mallory"])
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def single() -> AsyncIterator[str]:
    """Yield the address of a Redis server."""
    async with redis_server() as url:
        yield url


class Play:
    """The steps: each runs on both stores, which have to give the same answers."""

    def __init__(self, real: Store, fake: FakeStore, clock: Clock) -> None:
        self.real = real
        self.fake = fake
        self.clock = clock
        self.leased: dict[str, tuple[Leased, Leased]] = {}

    async def commit(self, request: str, late: bool, once: IdempotencyKey | None) -> None:
        """Commit a decision, perhaps on a state that is not the latest."""
        stored = self.fake.requests.stored.get(request)
        revision = max((stored.revision if stored else 0) - late, 0)
        read = replace(NEW, id=request, intune_id=f"of {request}", revision=revision)
        change = write(read, Planned(RefreshCards(request)), once=once)
        assert await self.real.requests.commit(change) == await self.fake.requests.commit(change)

    async def lease(self, limit: int) -> None:
        """Lease due effects as a replica."""
        both = [await store.outbox.lease(limit) for store in (self.real, self.fake)]
        real, fake = ([(one.id, one.effect, one.attempt) for one in leased] for leased in both)
        assert real == fake
        self.leased |= {pair[0].id: pair for pair in zip(*both, strict=True)}

    async def finish(self, request: str) -> None:
        """Finish the leased effect of this request, if there is one; it may have been planned again meanwhile."""
        pair = self.leased.pop(f"RefreshCards:{request}", None)
        if pair:
            assert await self.real.outbox.done(pair[0]) == await self.fake.outbox.done(pair[1])

    async def outlive_the_lease(self) -> None:
        """Let the leases end as if every replica had died, and check that late calls are refused."""
        self.clock.advance(minutes=1)
        stale, self.leased = self.leased, {}
        await self.lease(10)
        for real, fake in stale.values():
            assert not await self.real.outbox.done(real)
            assert not await self.fake.outbox.done(fake)

    async def check(self) -> None:
        """Compare the complete contents of both stores."""
        assert list(await audit(self.real)) == self.fake.audit
        loaded = {name: await self.real.requests.load(name) for name in self.fake.requests.stored}
        assert loaded == self.fake.requests.stored
        assert await self.real.requests.open() == await self.fake.requests.open()
        await self.outlive_the_lease()


STEPS = st.one_of(
    st.tuples(st.just("commit"), REQUESTS, st.booleans(), CLICKS),
    st.tuples(st.just("lease"), st.integers(1, 3)),
    st.tuples(st.just("finish"), REQUESTS),
    st.tuples(st.just("outlive_the_lease")),
)


@given(st.lists(STEPS, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_redis_answers_as_the_fake_does(single: str, steps: list[tuple[object, ...]]) -> None:
    """Both stores give the same answers to any sequence of decisions, repetitions, leases and ends."""
    asyncio.run(_play(single, steps))


async def _play(address: str, steps: list[tuple[object, ...]]) -> None:
    clock = Clock()
    store = await open_store(address, uuid4().hex, "c1", clock=clock, most_attempts=1000)
    play = Play(store, FakeStore(clock, most_attempts=1000), clock)
    for name, *arguments in steps:
        await getattr(play, str(name))(*arguments)
    await play.check()
    await store.close()
