"""The one door to redis-py: where a server is, connections that fail fast, and the few commands that are used."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, cast, overload

from redis.asyncio import Redis, Sentinel
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError, ResponseError

from bot.store.address import Address, Topology
from handlers.ports import Unavailable

SOCKET_TIMEOUT = 2.0
"""Seconds for one answer; redis-py's own 5, tried 11 times, keep a person waiting for a minute."""

RETRIES = 2
"""A command whose answer was lost is sent again. That is safe: all of ours do the same when they run twice."""

MOST_CONNECTIONS = 500
"""A burst of clicks beyond redis-py's own 100 would fail instead of being slow."""


class Refused(Unavailable):
    """The server is there and will not do it: not permitted, read-only, or no room left."""


class UnknownScript(Exception):
    """The server has not been sent this script since it started."""


class Commands(Protocol):
    """The commands that are used, typed. Whatever goes wrong is `Unavailable`."""

    async def get(self, key: str, /) -> str | None: ...
    async def set(self, key: str, value: str, /, *, ex: int | None = None) -> object: ...
    async def hget(self, key: str, field: str, /) -> str | None: ...
    async def hset(self, key: str, field: str, value: str, /) -> object: ...
    async def hsetnx(self, key: str, field: str, value: str, /) -> object: ...
    async def hdel(self, key: str, /, *fields: str) -> object: ...
    async def xrevrange(self, key: str, last: str, first: str, /, count: int) -> list[tuple[str, dict[str, str]]]: ...
    async def hgetall(self, key: str, /) -> dict[str, str]: ...
    async def hkeys(self, key: str, /) -> list[str]: ...
    async def hvals(self, key: str, /) -> list[str]: ...
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
    async def evalsha(self, sha: str, count: int, /, *keys_and_arguments: str) -> Any: ...
    async def eval(self, source: str, count: int, /, *keys_and_arguments: str) -> Any: ...
    async def info(self) -> Mapping[str, Any]: ...
    async def wait(self, replicas: int, milliseconds: int, /) -> int: ...
    def client(self) -> "Alone": ...
    async def aclose(self) -> None: ...


class Alone(Commands, Protocol):
    """The same commands on one connection that nobody else uses meanwhile."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exception: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Door:
    """The connections of one process: `redis` for what answers at once, `waiting` for what blocks."""

    redis: Commands
    waiting: Commands
    replica_wait_ms: int

    async def durably(self, write: Callable[[Commands], Awaitable[Any]]) -> Any:
        """Write; where the address asks for it, `Unavailable` unless a replica has it as well.

        Only on one connection: elsewhere there is nothing to wait for.
        """
        if not self.replica_wait_ms:
            return await write(self.redis)
        async with self.redis.client() as alone:
            answer = await write(alone)
            if await alone.wait(1, self.replica_wait_ms) < 1:
                raise Unavailable("no replica of Redis has confirmed the write in time; it may be lost")
        return answer

    async def close(self) -> None:
        """Give the connections back."""
        await self.waiting.aclose()
        await self.redis.aclose()


def open_door(url: str, longest_block: float) -> Door:
    """Connections to this address; nothing is sent yet. `longest_block` is for how many seconds `waiting` may block."""
    address = Address.of(url)
    return Door(
        redis=_client(address, SOCKET_TIMEOUT + address.replica_wait_ms / 1000),
        waiting=_client(address, SOCKET_TIMEOUT + longest_block),
        replica_wait_ms=address.replica_wait_ms,
    )


class _Translating:
    """Mixed into redis-py's clients, whose every command goes through here: its errors become ours."""

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        try:
            return await super().execute_command(*command, **options)  # type: ignore[misc]
        except NoScriptError as error:
            raise UnknownScript from error
        except ResponseError as error:
            raise Refused(f"Redis refused: {type(error).__name__}: {error}") from error
        except (RedisError, RedisClusterException, OSError) as error:
            raise Unavailable(f"Redis did not answer: {type(error).__name__}: {error}") from error


class _Redis(_Translating, Redis):  # type: ignore[misc]  # redis-py's own bases disagree
    """One server."""


class _BehindSentinel(_Redis):
    """The primary that the sentinels name."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        if self.auto_close_connection_pool:  # what `client()` gives away has neither pool nor sentinels of its own
            await self.connection_pool.sentinel_manager.aclose()  # type: ignore[attr-defined]  # the pool is Sentinel's


class _Cluster(_Translating, RedisCluster):  # type: ignore[misc]  # redis-py's own bases disagree
    """A cluster."""

    async def info(self) -> Mapping[str, Any]:  # type: ignore[override]  # as narrow as `Commands`
        """Of every primary; redis-py would ask any one node."""
        answer: Mapping[str, Any] = await super().info(target_nodes=RedisCluster.PRIMARIES)
        return answer


def _client(address: Address, timeout: float) -> Commands:
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "decode_responses": True,
        "protocol": 2,  # the same shapes of answers from every server and proxy
        "max_connections": MOST_CONNECTIONS,
        "retry": Retry(ExponentialBackoff(cap=0.2, base=0.02), RETRIES),
    }
    if address.topology is Topology.SINGLE:
        return cast("Commands", _Redis.from_url(address.plain_url, **options))
    options |= _said_by(address)
    if address.topology is Topology.CLUSTER:
        nodes = [ClusterNode(host, port) for host, port in address.hosts]
        return cast("Commands", _Cluster(startup_nodes=nodes, **options))
    # A sentinel is reached the same way, but it has a password of its own.
    same = {name: value for name, value in options.items() if name.startswith(("socket_", "ssl", "protocol"))}
    sentinel_options = {**same, "password": address.sentinel_password}
    sentinel = Sentinel(address.hosts, sentinel_kwargs=sentinel_options, **options)  # type: ignore[no-untyped-call]
    return cast("Commands", sentinel.master_for(address.service, redis_class=_BehindSentinel))


def _said_by(address: Address) -> dict[str, Any]:
    """What the address says beside the hosts: who we are, which database, TLS, timeouts."""
    said: dict[str, Any] = dict(parse_url(address.plain_url))
    secure = said.pop("connection_class", None) is not None
    return {name: value for name, value in said.items() if name not in ("host", "port")} | {"ssl": secure}
