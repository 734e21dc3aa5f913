"""Everything that is stored in Redis, and its atomic scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from approvals.asking import Draft
from approvals.brake import Operator
from approvals.break_glass import Prompt
from bot.store.active import RedisActive, decides_by
from bot.store.bell import LONGEST_BLOCK
from bot.store.brakes import RedisBrakes
from bot.store.clock import RedisClock
from bot.store.continuity import RedisContinuity
from bot.store.conversations import RedisConversations
from bot.store.copies import RedisCopies
from bot.store.drafts import RedisDrafts, drafts, prompts
from bot.store.epoch import Remembered
from bot.store.fitness import refuse_unfit
from bot.store.keys import Keys
from bot.store.losses import RedisLosses
from bot.store.memory import RedisMemory
from bot.store.nonces import RedisNonces
from bot.store.notices import RedisNotices
from bot.store.outbox import RedisOutbox
from bot.store.poll import RedisPollState
from bot.store.probe import RedisProbe
from bot.store.redis import Connections, open_connections
from bot.store.requests import RedisRequests
from bot.store.sealed import RedisSealed
from handlers.ports.clock import Clock

LEASE = timedelta(seconds=30)
"""Longer than any effect takes. When it ends, another replica takes over the work of one that died."""

MOST_ATTEMPTS = 12
"""With doubling pauses of up to five minutes: about half an hour. Attempts while a neighbour is down do not count."""


@dataclass(frozen=True, slots=True)
class Store:
    """All stored data of one tenant."""

    connections: Connections
    clock: Clock
    active: RedisActive
    requests: RedisRequests
    copies: RedisCopies
    outbox: RedisOutbox
    poll: RedisPollState
    conversations: RedisConversations
    nonces: RedisNonces
    brakes: RedisBrakes
    drafts: RedisDrafts[Draft]
    prompts: RedisDrafts[Prompt]
    notices: RedisNotices
    memory: RedisMemory
    sealed: RedisSealed
    continuity: RedisContinuity
    losses: RedisLosses
    probe: RedisProbe

    async def close(self) -> None:
        """Close the connections."""
        await self.outbox.close()
        await self.connections.close()


async def open_store(
    url: str,
    tenant: str,
    config_digest: str,
    *,
    clock: Clock | None = None,
    lease: timedelta = LEASE,
    most_attempts: int = MOST_ATTEMPTS,
    witnesses: Iterable[Remembered] = (),
    adopter: Operator | None = None,
) -> Store:
    """Connect, refuse an unfit server, compare the store with what `witnesses` remember, and activate this
    configuration.

    `clock` is the server's own, except in tests. `adopter` activates a configuration again that was replaced. Raises
    what `visit_store` raises, `Unfit` for a server that may lose approvals, and what `activate` raises.
    """
    store = visit_store(url, tenant, config_digest, clock=clock, lease=lease, most_attempts=most_attempts)
    try:
        await refuse_unfit(store.connections)
        await store.active.visit()
        await store.continuity.begin(witnesses)
        await store.active.activate(adopter)
    except BaseException:
        await store.close()
        raise
    return store


def visit_store(
    url: str,
    tenant: str,
    config_digest: str = "",
    *,
    clock: Clock | None = None,
    lease: timedelta = LEASE,
    most_attempts: int = MOST_ATTEMPTS,
) -> Store:
    """Return the store as it is, whatever configuration is active. Sends nothing yet.

    Raises `ValueError` for an invalid address. The store's methods raise `Unavailable` if there is no server.
    """
    connections = open_connections(url, LONGEST_BLOCK)
    keys = Keys(tenant)
    clock = clock or RedisClock(connections.redis, keys)
    config = decides_by(config_digest)
    continuity = RedisContinuity(connections, keys, config, clock)
    requests = RedisRequests(connections, keys, config, continuity)
    return Store(
        connections=connections,
        clock=clock,
        active=RedisActive(connections, keys, config, clock),
        requests=requests,
        copies=RedisCopies(connections, keys, clock),
        outbox=RedisOutbox(connections, keys, config, clock, lease, most_attempts, continuity.gave_token),
        poll=RedisPollState(connections, keys, config, clock, continuity.read_up_to),
        conversations=RedisConversations(connections, keys),
        nonces=RedisNonces(connections, keys),
        brakes=RedisBrakes(connections, keys, lambda number, pulled: continuity.acknowledged(number, pulled=pulled)),
        drafts=drafts(connections, keys),
        prompts=prompts(connections, keys),
        notices=RedisNotices(connections, keys),
        memory=RedisMemory(connections, keys),
        sealed=RedisSealed(connections, keys, requests),
        continuity=continuity,
        losses=RedisLosses(connections, keys, clock),
        probe=RedisProbe(connections, keys),
    )
