"""Redis: the atomic scripts, the outbox, and what is remembered."""

from dataclasses import dataclass
from datetime import timedelta

from bot.store.clock import RedisClock
from bot.store.conversations import RedisConversations
from bot.store.copies import RedisCopies
from bot.store.keys import Keys
from bot.store.nonces import RedisNonces
from bot.store.outbox import RedisOutbox
from bot.store.poll import RedisPollState
from bot.store.redis import Door
from bot.store.requests import RedisRequests
from handlers.ports import Clock

LEASE = timedelta(seconds=30)
"""Longer than any effect takes; a dead replica's work comes back after it."""

MOST_ATTEMPTS = 12
"""With doubling pauses of up to five minutes: about half an hour of trying."""


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is remembered, over one connection."""

    door: Door
    clock: Clock
    requests: RedisRequests
    copies: RedisCopies
    outbox: RedisOutbox
    poll: RedisPollState
    conversations: RedisConversations
    nonces: RedisNonces

    async def close(self) -> None:
        """Give the connections back."""
        await self.door.close()


async def open_store(
    url: str,
    tenant: str,
    config_digest: str,
    *,
    clock: Clock | None = None,
    lease: timedelta = LEASE,
    most_attempts: int = MOST_ATTEMPTS,
) -> Store:
    """Connect, refuse a server that evicts, and make this configuration the active one.

    `clock` is the server's own unless a test drives another.
    """
    door = Door(url)
    await door.refuse_eviction()
    keys = Keys(tenant)
    time = clock or RedisClock(door)
    store = Store(
        door=door,
        clock=time,
        requests=RedisRequests(door, keys, config_digest),
        copies=RedisCopies(door, keys),
        outbox=RedisOutbox(door, keys, time, lease, most_attempts),
        poll=RedisPollState(door, keys),
        conversations=RedisConversations(door, keys),
        nonces=RedisNonces(door, keys),
    )
    await store.requests.activate()
    return store
