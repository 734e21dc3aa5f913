"""Graph over real https on loopback: a scripted one and a simulated one, with the clients that call them."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.graph.http import GraphClient
from simulator.certificate import Authority
from simulator.keys import SigningKey
from simulator.site import serve
from tests.bot.graph.scripted import Pauses, ScriptedGraph, Tokens
from tests.bot.graph.tenant import Tenant, served


@pytest.fixture
async def session(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with aiohttp.ClientSession(connector=connector) as opened:
        yield opened


@pytest.fixture
async def graph(authority: Authority) -> AsyncIterator[ScriptedGraph]:
    scripted = ScriptedGraph()
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", scripted.answer)
    async with serve(app, authority.server_context()) as origin:
        scripted.origin = origin
        yield scripted


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def client(graph: ScriptedGraph, session: aiohttp.ClientSession, tokens: Tokens, pauses: Pauses) -> GraphClient:
    """A Graph client with a fixed jitter in the middle of its range, so that tests know the pauses."""
    return GraphClient(session, graph.origin, tokens, sleep=pauses, jitter=lambda: 0.5)


@pytest.fixture
async def tenant(
    authority: Authority, entra_key: SigningKey, ca_file: Path, session: aiohttp.ClientSession, pauses: Pauses
) -> AsyncIterator[Tenant]:
    """The simulated company; the worker gets its tokens from its Entra through msal."""
    async with served(authority, entra_key, ca_file, session, pauses) as here:
        yield here
