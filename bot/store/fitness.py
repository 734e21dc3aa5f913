"""Whether a server is fit to hold approvals: it must never throw a key away."""

from collections.abc import Mapping
from typing import Any

import structlog

from bot.store.redis import Door, Refused

log = structlog.get_logger(__name__)


class Unfit(Exception):
    """The server may lose what it acknowledged. The message says what to set."""


async def refuse_unfit(door: Door) -> None:
    """Raise `Unfit` for a server that evicts; where nobody may ask, or the disk is not used, say so loudly."""
    try:
        info = await door.redis.info()
    except Refused as error:
        log.warning("redis_does_not_tell", setting="maxmemory-policy", wanted="noeviction", error=str(error))
        return
    for one in of_each_server(info):
        policy = one.get("maxmemory_policy")
        if policy is None:
            log.warning("redis_does_not_tell", setting="maxmemory-policy", wanted="noeviction")
        elif policy != "noeviction":
            raise Unfit(f"Redis has maxmemory-policy {policy}. Set it to noeviction, or approvals can be lost.")
        if not one.get("aof_enabled"):
            log.warning("redis_keeps_no_append_only_file", risk="a restart can lose what was decided shortly before")


def of_each_server(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what `INFO` says of each server: a cluster answers by server."""
    return list(info.values()) if all(isinstance(part, dict) for part in info.values()) else [info]
