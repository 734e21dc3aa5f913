"""Every implementation of a store: the fake, Redis alone, and Redis as a cluster of one node."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from bot.store import open_store
from tests.bot.store.served import KINDS, all_rights, served
from tests.contracts.stores import Store
from tests.fakes.clock import Clock
from tests.fakes.store import Store as FakeStore
from tests.rights import with_rights

FAKE = "fake"
MOST_ATTEMPTS = 3


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=[FAKE, *KINDS])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a server that all tests of one worker share; empty where there is none."""
    if request.param == FAKE:
        yield ""
        return
    async with served(request.param) as url:
        yield url


@pytest.fixture
def clock() -> Clock:
    """The time of every store."""
    return Clock()


@pytest.fixture
async def store(server: str, clock: Clock) -> AsyncIterator[Store]:
    """An empty one; an effect is tried three times."""
    if not server:
        yield FakeStore(clock, most_attempts=MOST_ATTEMPTS)
        return
    async with all_rights(server) as raw:
        await raw.flushall()
    opened = await open_store(with_rights(server), "tenant", "c1", clock=clock, most_attempts=MOST_ATTEMPTS)
    yield opened
    await opened.close()


@pytest.fixture
async def sibling(server: str, clock: Clock, store: Store) -> AsyncIterator[Store]:
    """The same store as another replica sees it. The fake is in one process, so there it is the very same."""
    if not server:
        yield store
        return
    opened = await open_store(with_rights(server), "tenant", "c1", clock=clock, most_attempts=MOST_ATTEMPTS)
    yield opened
    await opened.close()


@pytest.fixture
def supersede(server: str, clock: Clock, store: Store) -> Callable[[], Awaitable[None]]:
    """Have another configuration become the active one."""

    async def another_starts() -> None:
        if isinstance(store, FakeStore):
            store.supersede()
        else:
            await (await open_store(with_rights(server), "tenant", "c2", clock=clock)).close()

    return another_starts
