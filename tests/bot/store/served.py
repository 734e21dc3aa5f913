"""Real servers for tests of the store, with the rights that docs/configuration.md prints."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from redis.asyncio import Redis

from tests import rights
from tests.servers import redis_cluster, redis_server

KINDS: dict[str, tuple[Callable[[], AbstractAsyncContextManager[str]], str]] = {
    "single": (redis_server, rights.SERVER),
    "cluster": (redis_cluster, f"{rights.SERVER} {rights.IN_A_CLUSTER}"),
}
"""For each topology, how to start its server, and the rights of the bot on it."""


@asynccontextmanager
async def served(kind: str) -> AsyncIterator[str]:
    """Yield the address of a server with all rights; at the end assert that the bot was denied nothing."""
    start, allowed = KINDS[kind]
    async with start() as url, all_rights(url) as client:
        await rights.grant(client, allowed)
        yield url
        assert await rights.denied(client) == set(), "docs/configuration.md does not print what the bot needs"


def all_rights(url: str) -> Redis:
    """Return a client of the server with all rights."""
    return Redis.from_url(url.replace("redis+cluster", "redis"), decode_responses=True)
