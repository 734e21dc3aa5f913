"""The one door to Redis: connections that fail fast, commands with one narrow face, scripts that survive a restart."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis.asyncio as redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff
from redis.exceptions import NoScriptError, RedisError

from handlers.ports import Unavailable

SOCKET_TIMEOUT = 3.0
"""Seconds for one answer. redis-py's own default lets a black-holed connection hang for about a minute."""

RETRIES = 2
"""A script whose answer was lost runs again; all of ours are idempotent, so that is safe."""


class Evicting(Exception):
    """The server may throw keys away when memory runs short: it must never hold approvals."""


class Door:
    """Commands and scripts on one server, sentinel group or cluster. Every failure is `Unavailable`."""

    def __init__(self, url: str) -> None:
        self._client = _client(url, SOCKET_TIMEOUT)
        self._waiting = _client(url, None)
        self._wait_ms = int(parse_qs(urlsplit(url).query).get("wait_ms", ["0"])[0])

    async def do(self, *command: str | int | float) -> Any:
        """One command, its answer as redis-py decodes it."""
        try:
            return await self._client.execute_command(*command)
        except (RedisError, OSError) as error:
            raise Unavailable(f"Redis: {type(error).__name__}: {error}") from error

    async def run(self, script: "Script", keys: list[str], args: list[str | int]) -> Any:
        """One script by its hash; a server that does not know it yet is sent the source."""
        try:
            return await self._client.execute_command("EVALSHA", script.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await self.do("EVAL", script.source, len(keys), *keys, *args)
        except (RedisError, OSError) as error:
            raise Unavailable(f"Redis: {type(error).__name__}: {error}") from error

    async def pop(self, key: str, timeout: float) -> None:
        """Wait until something is pushed to a list, at most so many seconds, on a connection of its own."""
        try:
            await self._waiting.execute_command("BLPOP", key, max(timeout, 0.01))
        except (RedisError, OSError) as error:
            raise Unavailable(f"Redis: {type(error).__name__}: {error}") from error

    async def refuse_eviction(self) -> None:
        """Raise `Evicting` for a server that drops keys; one that does not tell is trusted."""
        try:
            answer = await self._client.execute_command("INFO", "memory")
        except RedisError:
            return
        policy = _memory_policy(answer)
        if policy not in ("", "noeviction"):
            raise Evicting(f"Redis has maxmemory-policy {policy}; set it to noeviction, or approvals can be lost.")

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
        await self._waiting.aclose()


class Script:
    """A Lua script and its hash."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


def _memory_policy(answer: object) -> str:
    if isinstance(answer, Mapping):
        nodes = [answer, *answer.values()]
        found = (
            str(node["maxmemory_policy"]) for node in nodes if isinstance(node, Mapping) and "maxmemory_policy" in node
        )
        return next(found, "")
    return ""


def _client(url: str, timeout: float | None) -> Any:
    """A client for redis://, rediss://, unix://, redis+sentinel://host,host/service and redis+cluster://host."""
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": timeout,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "retry": Retry(ExponentialBackoff(cap=0.2, base=0.02), RETRIES),
    }
    parts = urlsplit(url)
    if parts.scheme == "redis+cluster":
        return RedisCluster.from_url(_plain(url).replace("redis+cluster", "redis", 1), **options)
    if parts.scheme == "redis+sentinel":
        hosts = [(host.partition(":")[0], int(host.partition(":")[2] or 26379)) for host in parts.netloc.split(",")]
        sentinel: Any = Sentinel(hosts, **options)  # type: ignore[no-untyped-call]
        return sentinel.master_for(parts.path.strip("/") or "mymaster")
    return redis.from_url(_plain(url), **options)


def _plain(url: str) -> str:
    """The address without the query that is only for us."""
    return url.partition("?wait_ms=")[0]
