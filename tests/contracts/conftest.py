"""Every implementation of a port: the fakes, Redis alone and as a cluster of one node, and the simulated tenant."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.store import open_store
from simulator.certificate import Authority
from simulator.keys import SigningKey
from tests.bot.graph.scripted import Pauses
from tests.bot.graph.tenant import served as served_tenant
from tests.bot.store.served import KINDS, all_rights, served
from tests.bot.teams.office import connected
from tests.contracts.chats import FakeRoom, RealRoom, Room
from tests.contracts.stores import Store
from tests.contracts.tenants import Company, FakeCompany, RealCompany
from tests.fakes.clock import Clock
from tests.fakes.store import Store as FakeStore
from tests.rights import with_rights

FAKE, SIMULATED = "fake", "simulated"
MOST_ATTEMPTS = 3


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=[FAKE, *KINDS])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Yield the address of a server that all tests of one worker share; empty for the fake."""
    if request.param == FAKE:
        yield ""
        return
    async with served(request.param) as url:
        yield url


@pytest.fixture
def clock() -> Clock:
    """Return the clock of every store."""
    return Clock()


@pytest.fixture
async def store(server: str, clock: Clock) -> AsyncIterator[Store]:
    """Yield an empty store that tries an effect three times."""
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
    """Yield the same store as another replica sees it; for the fake it is the same object."""
    if not server:
        yield store
        return
    opened = await open_store(with_rights(server), "tenant", "c1", clock=clock, most_attempts=MOST_ATTEMPTS)
    yield opened
    await opened.close()


@pytest.fixture
def supersede(server: str, clock: Clock, store: Store) -> Callable[[], Awaitable[None]]:
    """Return a function that makes another configuration the active one."""

    async def another_starts() -> None:
        if isinstance(store, FakeStore):
            store.supersede()
        else:
            await (await open_store(with_rights(server), "tenant", "c2", clock=clock)).close()

    return another_starts


@pytest.fixture(params=[FAKE, SIMULATED])
async def company(
    request: pytest.FixtureRequest, authority: Authority, entra_key: SigningKey, clock: Clock, tmp_path: Path
) -> AsyncIterator[Company]:
    """Yield a company with a directory and an Intune."""
    if request.param == FAKE:
        yield FakeCompany(clock)
        return
    ca_file = authority.write(tmp_path / "ca.pem")
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        served_tenant(authority, entra_key, ca_file, session, Pauses()) as tenant,
    ):
        yield RealCompany(tenant, clock)


@pytest.fixture(params=[FAKE, SIMULATED])
async def room(
    request: pytest.FixtureRequest, authority: Authority, entra_key: SigningKey, tmp_path: Path
) -> AsyncIterator[Room]:
    """Yield a channel with the bot in it."""
    if request.param == FAKE:
        yield FakeRoom()
        return
    async with connected(authority, entra_key, tmp_path) as office:
        yield RealRoom(office)
