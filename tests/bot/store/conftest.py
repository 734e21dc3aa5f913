"""A store on a real server, alone and as a cluster of one node, with a driven clock."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.store import Store, open_store
from tests.bot.store.driven import DrivenClock
from tests.servers import redis_cluster, redis_server

KINDS = {"single": redis_server, "cluster": redis_cluster}


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=KINDS)
async def address(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a server that all tests of one worker share."""
    async with KINDS[request.param]() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def single() -> AsyncIterator[str]:
    """The address of a server, where it does not matter how many there are."""
    async with redis_server() as url:
        yield url


@pytest.fixture
async def raw(address: str) -> AsyncIterator[Redis]:
    """An emptied server, seen past the store."""
    async with Redis.from_url(address.replace("redis+cluster", "redis"), decode_responses=True) as client:
        await client.flushall()
        yield client


@pytest.fixture
def clock() -> DrivenClock:
    """A driven clock."""
    return DrivenClock()


@pytest.fixture
async def store(address: str, raw: Redis, clock: DrivenClock) -> AsyncIterator[Store]:
    """A store on an empty server; an effect is tried three times."""
    opened = await open_store(address, "tenant", "c1", clock=clock, most_attempts=3)
    yield opened
    await opened.close()


@pytest.fixture
async def sibling(address: str, store: Store, clock: DrivenClock) -> AsyncIterator[Store]:
    """Another replica on the same server, under the same configuration."""
    opened = await open_store(address, "tenant", "c1", clock=clock, most_attempts=3)
    yield opened
    await opened.close()
