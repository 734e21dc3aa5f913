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
"""A server alone and as a cluster of one node, and what the bot may do there."""


@asynccontextmanager
async def served(kind: str) -> AsyncIterator[str]:
    """A server's address, for whoever may do everything there. In the end the bot has tried nothing that it may not."""
    start, allowed = KINDS[kind]
    async with start() as url, all_rights(url) as client:
        await rights.grant(client, allowed)
        yield url
        assert await rights.denied(client) == set(), "docs/configuration.md does not print what the bot needs"


def all_rights(url: str) -> Redis:
    """A connection past the store, which may do everything."""
    return Redis.from_url(url.replace("redis+cluster", "redis"), decode_responses=True)
