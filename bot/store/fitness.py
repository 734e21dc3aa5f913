"""Checks whether a server is fit to hold approvals: it must not evict keys, nor lose acknowledged writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.config.redis_address import RedisAddress, Topology
from bot.store.redis import Connections
from bot.store.troubles import RedisRefused

log = structlog.get_logger(__name__)


class Unfit(Exception):
    """The server may lose acknowledged writes. The message says what to set."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One risk of losing a decision: the event for the log, the risk in words, and what to do."""

    event: str
    what: str
    advice: str


DOES_NOT_TELL = Doubt(
    "redis_does_not_tell",
    "Redis does not show its settings and replicas",
    "Permit INFO, or look up yourself that maxmemory-policy is noeviction. Where it has replicas, set wait_ms.",
)
NO_FILE = Doubt(
    "redis_keeps_no_append_only_file",
    "Redis keeps no append-only file",
    "Set appendonly yes, or a restart loses what was decided shortly before.",
)
NO_WAIT = Doubt(
    "redis_failover_may_lose_votes",
    "A failover of Redis may lose votes that were already confirmed",
    "Add ?wait_ms=200 to COUNTERSIGN_REDIS_URL, so that a replica confirms each vote first.",
)
NO_WAIT_BUT_REPLICAS_NEEDED = Doubt(
    NO_WAIT.event,
    "A failover of Redis may lose votes of the last seconds: min-replicas-to-write is set, but wait_ms is not",
    NO_WAIT.advice,
)


async def refuse_unfit(connections: Connections) -> None:
    """Raise `Unfit` for a server that evicts keys. Log every other risk as a warning."""
    for doubt in await doubts_about(connections):
        log.warning(doubt.event, risk=doubt.what, do=doubt.advice)


async def doubts_about(connections: Connections) -> list[Doubt]:
    """Return the risks of losing a decision, each once. Raises `Unfit` for a server that evicts keys."""
    try:
        servers = await connections.describe()
    except RedisRefused:
        return [DOES_NOT_TELL]
    return list(dict.fromkeys(doubt for one in servers for doubt in _about(one, connections.address)))


def _about(server: Mapping[str, Any], address: RedisAddress) -> Iterator[Doubt]:
    policy = server.get("maxmemory_policy")
    if policy not in (None, "noeviction"):
        raise Unfit(f"Redis has maxmemory-policy {policy}. Set it to noeviction, or approvals can be lost.")
    if policy is None or "connected_slaves" not in server:
        yield DOES_NOT_TELL
    if not server.get("aof_enabled"):
        yield NO_FILE
    meant_to_be_copied = address.topology is not Topology.SINGLE
    if (server.get("connected_slaves") or meant_to_be_copied) and not address.replica_wait_ms:
        # INFO has this line only if min-replicas-to-write is set. CONFIG GET would need one more permission.
        yield NO_WAIT_BUT_REPLICAS_NEEDED if "min_slaves_good_slaves" in server else NO_WAIT
