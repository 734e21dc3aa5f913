"""A store on a real server, alone and as a cluster of one node, with the documented rights and a driven clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.store import Store, open_store
from tests import rights
from tests.bot.store.driven import DrivenClock
from tests.servers import redis_cluster, redis_server

Kind = tuple[Callable[[], AbstractAsyncContextManager[str]], str]

KINDS: dict[str, Kind] = {
    "single": (redis_server, rights.SERVER),
    "cluster": (redis_cluster, f"{rights.SERVER} {rights.IN_A_CLUSTER}"),
}


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=KINDS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a server that all tests of one worker share, for whoever may do everything there."""
    kind, allowed = KINDS[request.param]
    async with kind() as url, Redis.from_url(url.replace("redis+cluster", "redis"), decode_responses=True) as client:
        await rights.grant(client, allowed)
        yield url
        assert await rights.denied(client) == set(), "docs/configuration.md does not print what the bot needs"


@pytest.fixture(scope="session")
def address(server: str) -> str:
    """The same for the bot, which has the rights that docs/configuration.md prints."""
    return rights.with_rights(server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def single() -> AsyncIterator[str]:
    """The address of a server, where it does not matter how many there are."""
    async with redis_server() as url:
        yield url


@pytest.fixture
async def raw(server: str) -> AsyncIterator[Redis]:
    """An emptied server, seen past the store."""
    async with Redis.from_url(server.replace("redis+cluster", "redis"), decode_responses=True) as client:
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
