"""Clients of Microsoft's services and of Redis, as this process reaches them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.config.environment import Settings
from bot.entra.application_tokens import AppTokens
from bot.entra.msal_client import Authority
from bot.graph.http import GraphClient
from bot.keys.uses import trust
from bot.store.embedded import Embedded, kept_server
from handlers.ports.clock import Clock

MOST_CONNECTIONS = 200
"""To all neighbours together; each client has its own, narrower limits."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks: `clock` for every decision (Redis' own if it is `None`), the others for pauses."""

    clock: Clock | None = None
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


REAL_TIME = Timing()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """This process's connections to Microsoft's services."""

    settings: Settings
    timing: Timing
    session: aiohttp.ClientSession
    authority: Authority
    graph: GraphClient
    bot_token: AppTokens
    worker_token: AppTokens
    actor_token: AppTokens | None


@asynccontextmanager
async def neighbours(settings: Settings, timing: Timing) -> AsyncIterator[Neighbours]:
    """Create the clients of Entra, Graph and Teams, until the block ends. Nothing is sent yet."""
    addresses = settings.addresses
    authority = Authority(f"{addresses.authority}/{settings.tenant_id}", settings.ca_file)
    worker = AppTokens(authority, settings.worker.credential(), f"{addresses.graph}/.default")
    own = AppTokens(authority, settings.bot.credential(), addresses.bot_scope)
    actor = AppTokens(authority, settings.actor.credential(), f"{addresses.graph}/.default") if settings.actor else None
    connector = aiohttp.TCPConnector(ssl=trust(settings.ca_file), limit=MOST_CONNECTIONS)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            graph = GraphClient(session, addresses.graph, worker, sleep=timing.sleep)
            yield Neighbours(settings, timing, session, authority, graph, own, worker, actor)
    finally:
        for tokens in (worker, own, actor):
            if tokens is not None:
                tokens.close()


@asynccontextmanager
async def redis_of(settings: Settings) -> AsyncIterator[Embedded]:
    """Use the configured Redis, or run an embedded server until the block ends."""
    if settings.redis_url:
        yield Embedded(settings.redis_url.get_secret_value(), asyncio.get_running_loop().create_future())
        return
    async with kept_server(settings.state_dir) as own:
        yield own
