"""Fixtures of the simulator's own tests, with one certificate authority and one key, which take time to make."""

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


@pytest.fixture
def world() -> World:
    """Return a new company."""
    return company()


@pytest.fixture
async def browser(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield an HTTP client that trusts the authority and keeps cookies."""
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture
async def entra(world: World, authority: Authority, entra_key: SigningKey) -> AsyncIterator[Entra]:
    """Yield Entra on a port of its own."""
    entra = Entra(world, entra_key)
    async with serve(entra.app(), authority.server_context()) as origin:
        entra.origin = origin
        yield entra


@pytest.fixture
def msal_client(entra: Entra, ca_file: Path) -> Msal:
    """Return msal for this Entra."""
    return Msal(entra, ca_file)


@pytest.fixture
async def tenant(
    world: World, authority: Authority, entra_key: SigningKey, browser: aiohttp.ClientSession
) -> AsyncIterator[Tenant]:
    """Yield Graph on a port of its own; its tokens are made directly by Entra."""
    clock = Clock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    entra = Entra(world, entra_key)
    entra.origin = "https://login.microsoftonline.com"
    graph = Graph(world, clock, entra_key)
    async with serve(graph.app(), authority.server_context()) as origin:
        yield Tenant(world, clock, entra, graph, Portal(graph), origin, browser)
