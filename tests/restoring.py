"""Snapshots of a store. Putting one back does what a restored backup or a failover that loses writes does."""

from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis


@dataclass(frozen=True)
class Snapshot:
    """Every key of a store, with the milliseconds until it expires (0 for a key that stays)."""

    keys: Mapping[bytes, tuple[bytes, int]]


async def snapshot(url: str) -> Snapshot:
    """Take a snapshot of this store."""
    async with Redis.from_url(url) as server:
        found = [key async for key in server.scan_iter()]
        kept = {key: (await server.dump(key), max(await server.pttl(key), 0)) for key in found}
    return Snapshot({key: (content, lives) for key, (content, lives) in kept.items() if content is not None})


async def restore(url: str, taken: Snapshot) -> None:
    """Replace everything in the store by the snapshot in one step, as a restored server would."""
    async with Redis.from_url(url) as server, server.pipeline(transaction=True) as all_at_once:
        all_at_once.flushall()
        for key, (content, lives) in taken.keys.items():
            all_at_once.restore(key, lives, content)
        await all_at_once.execute()
