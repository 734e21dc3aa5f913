"""Fixtures: a store on a real server, alone and as a cluster of one node, with the documented rights and a driven
clock."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.store import Store, open_store
from tests import rights
from tests.bot.store.served import KINDS, all_rights, served
from tests.fakes.clock import Clock
from tests.servers import redis_server


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=KINDS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a server that all tests of a worker share, with all rights."""
    async with served(request.param) as url:
        yield url


@pytest.fixture(scope="session")
def address(server: str) -> str:
    """The same address with the rights that docs/configuration.md prints for the bot."""
    return rights.with_rights(server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def single() -> AsyncIterator[str]:
    """The address of a single server, for tests that do not depend on the topology."""
    async with redis_server() as url:
        yield url


@pytest.fixture
async def raw(server: str) -> AsyncIterator[Redis]:
    """A client of the emptied server, with all rights."""
    async with all_rights(server) as client:
        await client.flushall()
        yield client


@pytest.fixture
def clock() -> Clock:
    """A clock that the test drives."""
    return Clock()


@pytest.fixture
async def store(address: str, raw: Redis, clock: Clock) -> AsyncIterator[Store]:
    """A store on an empty server; an effect is tried three times."""
    opened = await open_store(address, "tenant", "c1", clock=clock, most_attempts=3)
    yield opened
    await opened.close()


@pytest.fixture
async def sibling(address: str, store: Store, clock: Clock) -> AsyncIterator[Store]:
    """Another replica on the same server with the same configuration."""
    opened = await open_store(address, "tenant", "c1", clock=clock, most_attempts=3)
    yield opened
    await opened.close()
