"""One certificate authority and one signing key for all of the simulator's own tests: they take time to make."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from simulator.certificate import Authority
from simulator.clock import Clock
from simulator.entra import Entra
from simulator.graph import Graph
from simulator.keys import SigningKey
from simulator.portal import Portal
from simulator.site import serve
from simulator.story import company
from simulator.world import World
from tests.simulator.loopback import Msal, Tenant


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The CA that every simulated service's certificate comes from."""
    return Authority()


@pytest.fixture(scope="session")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CA's certificate, for clients that want a file."""
    return authority.write(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture(scope="session")
def entra_key() -> SigningKey:
    """What Entra signs with."""
    return SigningKey()


@pytest.fixture
def world() -> World:
    """A fresh company."""
    return company()


@pytest.fixture
async def browser(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    """An http client that trusts the CA, and keeps cookies."""
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture
async def entra(world: World, authority: Authority, entra_key: SigningKey) -> AsyncIterator[Entra]:
    """Entra on a port of its own."""
    entra = Entra(world, entra_key)
    async with serve(entra.app(), authority.server_context()) as origin:
        entra.origin = origin
        yield entra


@pytest.fixture
def msal_client(entra: Entra, ca_file: Path) -> Msal:
    """msal, pointed at that Entra."""
    return Msal(entra, ca_file)


@pytest.fixture
async def tenant(
    world: World, authority: Authority, entra_key: SigningKey, browser: aiohttp.ClientSession
) -> AsyncIterator[Tenant]:
    """Graph on a port of its own; the tokens come straight from Entra's hand."""
    clock = Clock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    entra = Entra(world, entra_key)
    entra.origin = "https://login.microsoftonline.com"
    graph = Graph(world, clock, entra_key)
    async with serve(graph.app(), authority.server_context()) as origin:
        yield Tenant(world, clock, entra, graph, Portal(graph), origin, browser)
