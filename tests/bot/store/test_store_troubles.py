"""What redis-py stumbles over itself is a neighbour's trouble, and a mistake of ours stays one."""

import asyncio
from typing import cast

import pytest
from redis.asyncio.cluster import RedisCluster

from bot.store import Store
from handlers.ports import Unavailable


@pytest.mark.parametrize("server", ["cluster"], indirect=True)
async def test_connections_that_are_taken_away_under_commands(store: Store) -> None:
    """redis-py does so on CLUSTERDOWN and on every fifth MOVED, as while a slot is moved."""
    cluster = cast("RedisCluster", store.door.redis)
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
    for _ in range(60):
        await RedisCluster.aclose(cluster)
        await asyncio.sleep(0.005)
    over.set()
    results = await asyncio.gather(*busy, return_exceptions=True)

    assert {type(one) for one in results} == {type(None)}, results
    assert met, "nothing was taken away from anybody"
