"""Internal errors of redis-py count as `Unavailable`, and programming errors of ours are raised unchanged."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from redis.asyncio import Connection
from redis.asyncio.cluster import RedisCluster

from bot.store import Store
from bot.store.troubles import translated
from handlers.ports.errors import Unavailable


async def _without_a_writer() -> None:
    await Connection()._send_packed_command([b"PING"])


async def _without_slots() -> None:
    RedisCluster(host="localhost").nodes_manager.get_node_from_slot(7)


async def _without_primaries() -> None:
    RedisCluster(host="localhost").get_random_primary_node()


async def _two_readers() -> None:
    reader = asyncio.StreamReader()
    async with asyncio.timeout(5):
        await asyncio.gather(reader.read(1), reader.read(1))


@pytest.mark.parametrize("stumble", [_without_a_writer, _without_slots, _without_primaries, _two_readers])
async def test_what_redis_py_stumbles_over(stumble: Callable[[], Awaitable[None]]) -> None:
    """An internal error of redis-py about a lost connection or node table becomes `Unavailable`."""
    with pytest.raises(Unavailable, match="given up meanwhile"), translated():
        await stumble()


@pytest.mark.parametrize("mistake", [AttributeError("no such thing", name="x", obj="y"), RuntimeError("no event loop")])
def test_a_mistake_of_ours_stays_one(mistake: Exception) -> None:
    """An error that our own code raises is passed on unchanged."""
    with pytest.raises(type(mistake)), translated():
        raise mistake


@pytest.mark.parametrize("server", ["cluster"], indirect=True)
async def test_connections_that_are_taken_away_under_commands(store: Store) -> None:
    """Commands that run while redis-py closes all connections of a cluster fail with `Unavailable` at most."""
    cluster = cast("RedisCluster", store.connections.redis)
    over = asyncio.Event()
    met = set[type[BaseException]]()

    async def go_on(number: int) -> None:
        while not over.is_set():
            try:
                await store.requests.load(f"R{number}")
                await store.requests.audit(0, 10)
            except Unavailable as trouble:
                met.add(type(trouble.__cause__ or trouble))

    busy = [asyncio.create_task(go_on(number)) for number in range(30)]
    for times in range(3000):
        await RedisCluster.aclose(cluster)
        await asyncio.sleep(0.005 * (1 + times % 10))  # a slow machine takes more than 5 ms to connect again
        if met and times >= 60:  # on a busy machine this takes more rounds
            break
    over.set()
    results = await asyncio.gather(*busy, return_exceptions=True)

    assert {type(one) for one in results} == {type(None)}, results
    assert met, "nothing was taken away from anybody"
