"""What Redis remembers beside requests: unreachable people, sign-ins and the time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis.asyncio import Redis

from bot.store import Store, open_store
from bot.store.clock import RedisClock
from bot.store.keys import Keys
from bot.store.redis import RedisCommands
from handlers.ports.teams import PersonalReference
from tests.approvals.builders import NOW
from tests.fakes.clock import Clock

ALEX = PersonalReference("alex", "29:alex", "https://smba.example/emea", "a:alex")


async def test_another_configuration_polls(store: Store, address: str, clock: Clock) -> None:
    """A replica with another configuration can poll as soon as the lease of the replaced one has ended."""
    assert await store.poll.lead("a")
    newer = await open_store(address, "tenant", "c2", clock=clock)

    too_early = await newer.poll.lead("b")
    clock.advance(seconds=20)
    leads = await newer.poll.lead("b")
    await newer.close()

    assert (too_early, leads) == (False, True)


async def test_who_cannot_be_written_to_is_remembered_until_the_app_is_installed(store: Store) -> None:
    """A person stays unreachable, since the first failure, until the app is installed."""
    await store.conversations.mark_unreachable("alex", NOW)
    await store.conversations.mark_unreachable("alex", NOW + timedelta(days=1))
    since = await store.conversations.unreachable_since("alex")
    await store.conversations.save_person(ALEX)

    assert since == NOW
    assert await store.conversations.unreachable_since("alex") is None


async def test_a_nonce_is_used_once(store: Store, sibling: Store) -> None:
    """A nonce can be read several times and used once, also by two replicas at the same time."""
    nonce = await store.nonces.create({"request": "R1"})

    peeked = await store.nonces.peek(nonce)
    both = await asyncio.gather(store.nonces.consume(nonce), sibling.nonces.consume(nonce))

    assert peeked == {"request": "R1"}
    assert both.count(None) == 1
    assert await store.nonces.peek(nonce) is None
    assert await store.nonces.consume("never made") is None


async def test_the_time_is_the_server_s(address: str, raw: Redis) -> None:
    """The time is the server's, to the microsecond and in UTC."""
    store = await open_store(address, "tenant", "c1")
    before, now, after = await raw.time(), await store.clock.now(), await raw.time()
    await store.close()

    assert before <= divmod((now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), 10**6) <= after


async def test_a_host_whose_clock_is_wrong_does_not_matter() -> None:
    """The server's time counts, whatever the host's clock says."""

    class LateServer:
        async def evalsha(self, _sha: str, _count: int, /, *_keys_and_arguments: str) -> Any:
            return ["4102444800", "5"]

    clock = RedisClock(cast("RedisCommands", LateServer()), Keys("tenant"), monotonic=lambda: 0.0)

    assert await clock.now() == datetime(2100, 1, 1, microsecond=5, tzinfo=UTC)


async def test_the_server_is_asked_for_the_time_once_a_second() -> None:
    """The server is asked for the time once a second, and a monotonic clock counts in between."""

    class TickingServer:
        answers = iter([["100", "0"], ["200", "0"]])

        async def evalsha(self, _sha: str, _count: int, /, *_keys_and_arguments: str) -> Any:
            return next(self.answers)

    stopwatch = [0.0]
    clock = RedisClock(cast("RedisCommands", TickingServer()), Keys("tenant"), lambda: stopwatch[0])
    told = []
    for stopwatch[0] in (0.0, 0.4, 1.0):
        told.append((await clock.now()).timestamp())

    assert told == [100.0, 100.4, 200.0]
