"""The connection to Redis: the commands that are used, and writes that a replica has to confirm."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, overload

from bot.config.redis_address import RedisAddress, Topology
from bot.store.clients import SOCKET_TIMEOUT, Trust, client_of
from bot.store.troubles import RedisRefused
from handlers.ports.errors import Unavailable

VITAL_WAIT_MS = 1000
"""How long a vital write waits for a replica if the address has no `wait_ms`. Such writes are rare, so it may be
long."""


class Scripting(Protocol):
    """The commands that run scripts."""

    async def evalsha(self, sha: str, count: int, /, *keys_and_arguments: str) -> Any: ...
    async def eval(self, source: str, count: int, /, *keys_and_arguments: str) -> Any: ...


class RedisCommands(Scripting, Protocol):
    """The commands that are used, typed. Any error is raised as `Unavailable`."""

    async def get(self, key: str, /) -> str | None: ...
    async def set(self, key: str, value: str, /, *, ex: int | None = None, nx: bool = False) -> object: ...
    async def hget(self, key: str, field: str, /) -> str | None: ...
    async def hset(self, key: str, field: str, value: str, /) -> object: ...
    async def hsetnx(self, key: str, field: str, value: str, /) -> object: ...
    async def hdel(self, key: str, /, *fields: str) -> object: ...
    async def xrevrange(self, key: str, last: str, first: str, /, count: int) -> list[tuple[str, dict[str, str]]]: ...
    async def hkeys(self, key: str, /) -> list[str]: ...
    async def delete(self, key: str, /) -> object: ...
    async def expire(self, key: str, seconds: int, /) -> object: ...
    async def hvals(self, key: str, /) -> list[str]: ...
    async def hgetall(self, key: str, /) -> dict[str, str]: ...
    @overload
    async def zrange(self, key: str, start: int, end: int, /) -> list[str]: ...
    @overload
    async def zrange(
        self, key: str, start: int, end: int, /, *, withscores: Literal[True]
    ) -> list[tuple[str, float]]: ...
    async def xrange(self, key: str, start: str, end: str, /, *, count: int) -> list[tuple[str, Mapping[str, str]]]: ...
    async def xread(
        self, after: Mapping[str, str], /, *, block: int
    ) -> Sequence[tuple[str, Sequence[tuple[str, Mapping[str, str]]]]]: ...
    async def info(self) -> Mapping[str, Any]: ...
    async def run_and_wait(self, wait_ms: int, /, *command: str) -> tuple[Any, int]: ...
    async def aclose(self) -> None: ...


class Connections:
    """The connections of one process: `redis` for commands that answer at once, `waiting` for commands that block."""

    def __init__(self, address: RedisAddress, redis: RedisCommands, waiting: RedisCommands, trust: Trust) -> None:
        self.address = address
        self.redis = redis
        self.waiting = waiting
        self._trust = trust
        self._has_replicas = address.topology is Topology.SENTINEL

    async def durably(self, write: Callable[[Scripting], Awaitable[Any]], *, vital: bool = False) -> Any:
        """Run one script. Raises `Unavailable` if a required replica does not confirm the write.

        A replica is required if the address has `wait_ms`, and for a `vital` write wherever there are replicas. The
        reservation of a call to Intune is vital: if a failover lost it, the call would be made again. So is pulling a
        brake.
        """
        wait_ms = self.address.replica_wait_ms
        if vital and not wait_ms and await self.has_replicas():
            wait_ms = VITAL_WAIT_MS
        return await write(_Confirmed(self.redis, self._trust, wait_ms) if wait_ms else self.redis)

    async def has_replicas(self) -> bool:
        """Return whether writes are copied to replicas; true if the server does not say.

        Once there were replicas it stays true: an old primary that was cut off has none either.
        """
        if not self._has_replicas:
            try:
                await self.describe()
            except RedisRefused:
                return True
        return self._has_replicas

    async def describe(self) -> list[Mapping[str, Any]]:
        """Return what INFO says of each server, and remember whether there are replicas. Raises `RedisRefused` if INFO
        is not permitted."""
        info = await self.redis.info()
        servers = list(info.values()) if all(isinstance(part, dict) for part in info.values()) else [info]
        self._has_replicas |= any(map(_is_copied, servers))
        return servers

    async def answering(self) -> frozenset[str]:
        """Return the ids of the servers that answer; empty if that command is not permitted."""
        try:
            servers = await self.describe()
        except RedisRefused:
            return frozenset()
        return frozenset(str(one.get(field, "")) for one in servers for field in ("run_id", "master_replid"))

    async def close(self) -> None:
        """Close the connections."""
        await self.waiting.aclose()
        await self.redis.aclose()


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """Runs scripts and requires a replica to confirm each one."""

    redis: RedisCommands
    trust: Trust
    wait_ms: int

    async def evalsha(self, sha: str, count: int, /, *keys_and_arguments: str) -> Any:
        return await self._run("EVALSHA", sha, str(count), *keys_and_arguments)

    async def eval(self, source: str, count: int, /, *keys_and_arguments: str) -> Any:
        return await self._run("EVAL", source, str(count), *keys_and_arguments)

    async def _run(self, *command: str) -> Any:
        answer, replicas = await self.redis.run_and_wait(self.wait_ms, *command)
        if replicas < 1:
            self.trust.doubt()
            raise Unavailable("no replica of Redis has confirmed the write in time; it may be lost")
        return answer


def _is_copied(server: Mapping[str, Any]) -> bool:
    """Return whether a server has replicas; true if it does not say."""
    return bool(server.get("connected_slaves", True))


def open_connections(url: str, longest_block: float) -> Connections:
    """Return connections to this address. Sends nothing yet. `longest_block` is how many seconds `waiting` may
    block."""
    address, trust = RedisAddress.of(url), Trust()
    return Connections(
        address,
        client_of(address, trust, SOCKET_TIMEOUT + address.replica_wait_ms / 1000),
        client_of(address, trust, SOCKET_TIMEOUT + longest_block),
        trust,
    )
