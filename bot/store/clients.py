"""redis-py's clients for a single server, for Sentinels and for a Cluster, with our changes."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, assert_never

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, PipelineCommand, RedisCluster
from redis.asyncio.connection import Connection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import MovedError, RedisError
from redis.exceptions import TimeoutError as NoAnswer

from bot.config.redis_address import RedisAddress, Topology
from bot.store.sentinel import FollowingConnection, FollowingSecureConnection, HostPort, Sentinels
from bot.store.tls import SecureConnection, Tls
from bot.store.troubles import RedisRefused, translated

SOCKET_TIMEOUT = 2.0
"""Seconds for one answer. redis-py's default of 5, tried 11 times, would keep a person waiting for a minute."""

SENTINEL_TIMEOUT = 1.0
"""Seconds for a sentinel's answer. All are asked at once, so one dead sentinel costs no more than this."""

ASK_AGAIN_SECONDS = 5.0
"""Seconds between two questions to the sentinels, even without errors: an old primary that was cut off still answers
reads."""

RETRIES = 2
"""A command whose answer was lost is sent again. That is safe: all our commands are idempotent."""

MOST_CONNECTIONS = 500
"""With redis-py's default of 100, a burst of clicks would fail instead of being slow."""


class Trust:
    """Counts doubts about the servers. A connection made before the last doubt is not used."""

    def __init__(self) -> None:
        self.doubts = 0

    def doubt(self) -> None:
        """Have every connection reconnect before its next use: its server may no longer be the primary."""
        self.doubts += 1


class _Trusting:
    """Mixin for redis-py's pools: reconnects a connection that was made before the last doubt.

    This is done by the caller that has just taken the connection, because nobody else uses it then. redis-py's own way,
    disconnecting the pool's idle connections, can affect connections that have been taken meanwhile.
    """

    trust: Trust

    async def ensure_connection(self, connection: Any) -> None:
        """Connect if needed. Reconnect a connection that was made before the last doubt about the servers."""
        if getattr(connection, "doubts", self.trust.doubts) != self.trust.doubts:
            await connection.disconnect(nowait=True)
        connection.doubts = self.trust.doubts
        await super().ensure_connection(connection)  # type: ignore[misc]  # the pool's


class _Pool(_Trusting, ConnectionPool):
    """Connections to one server."""


class _SentinelPool(_Trusting, SentinelConnectionPool):
    """Connections to the primary that the sentinels report."""

    _asked_at = float("-inf")

    async def get_master_address(self) -> HostPort:
        """Ask for the primary. If it has changed, reconnect every connection."""
        self._asked_at = time.monotonic()
        address: HostPort = await self.sentinel_manager.discover_master(self.service_name)
        if self.master_address not in (None, address):
            self.trust.doubt()
        self.master_address = address
        return address

    async def ensure_connection(self, connection: Any) -> None:
        """Ask again at intervals, even without errors. Sentinels that do not answer change nothing."""
        if time.monotonic() - self._asked_at >= ASK_AGAIN_SECONDS:
            with suppress(RedisError, OSError):
                await self.get_master_address()
        await super().ensure_connection(connection)


class _Redis(Redis):
    """A single server, alone or behind Sentinels."""

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        """Send one command."""
        with _doubting(self.connection_pool.trust):  # type: ignore[attr-defined]  # the pool is ours
            return await super().execute_command(*command, **options)  # type: ignore[no-untyped-call]

    async def run_and_wait(self, wait_ms: int, *command: str) -> tuple[Any, int]:
        """Send a write followed by WAIT; return its answer, and how many replicas have it.

        Both go over one connection, and both are sent again if it breaks: on a new connection WAIT alone would count
        replicas that never received the write.
        """
        with _doubting(self.connection_pool.trust):  # type: ignore[attr-defined]  # the pool is ours
            pair: Any
            async with self.pipeline(transaction=False) as pair:
                pair.execute_command(*command)
                pair.execute_command("WAIT", 1, wait_ms)
                return _both(await pair.execute(raise_on_error=False))


class _BehindSentinel(_Redis):
    """The primary that the sentinels report."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the connections, including those to the sentinels."""
        await super().aclose(close_connection_pool)
        await self.connection_pool.sentinel_manager.aclose()  # type: ignore[attr-defined]  # the pool is Sentinel's


class _Cluster(RedisCluster):
    """A cluster."""

    trust: Trust
    _doubts = 0
    _doubted: str | None = None

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        """Send one command to the node that holds its key."""
        with _doubting(self.trust):
            await self._look_around()
            return await super().execute_command(*command, **options)

    async def run_and_wait(self, wait_ms: int, *command: str) -> tuple[Any, int]:
        """Send a write and WAIT over one connection to the node that holds its first key.

        On a retry, redis-py's own pipeline would send WAIT to the wrong node.
        """
        with _doubting(self.trust):
            await self._look_around()
            for tries_left in reversed(range(1 + RETRIES)):
                node = self.nodes_manager.get_node_from_slot(self.keyslot(command[3]))
                try:
                    return await self._pair(node, wait_ms, command)
                except (MovedError, NoConnection, NoAnswer):
                    self._doubted = node.name
                    if not tries_left:
                        raise
                    await self.nodes_manager.initialize(last_failed_node_name=node.name)
        raise AssertionError("the last try returns or raises")

    async def info(self) -> Mapping[str, Any]:  # type: ignore[override]  # as narrow as `Commands`
        """Return the answer of every primary; redis-py would ask any one node."""
        answer: Mapping[str, Any] = await super().info(target_nodes=RedisCluster.PRIMARIES)
        return answer

    async def _pair(self, node: ClusterNode, wait_ms: int, command: tuple[str, ...]) -> tuple[Any, int]:
        pair = [PipelineCommand(0, *command), PipelineCommand(1, "WAIT", 1, wait_ms)]
        await node.execute_pipeline(pair)
        answer, replicas = _both([one.result for one in pair])
        if not replicas:
            self._doubted = node.name
        return answer, replicas

    async def _look_around(self) -> None:
        """Read the slot map again if there was a doubt. The doubtful node is asked last."""
        await self.initialize()
        if self._doubts != self.trust.doubts:
            self._doubts = self.trust.doubts
            await self.nodes_manager.initialize(last_failed_node_name=self._doubted)


def _both(answers: list[Any]) -> tuple[Any, int]:
    """Return both answers, or raise the one that is an error."""
    for one in answers:
        if isinstance(one, Exception):
            raise one
    answer, replicas = answers
    return answer, replicas


@contextmanager
def _doubting(trust: Trust) -> Iterator[None]:
    """Translate redis-py's errors. A server that refuses may be an old primary: cut off, demoted, or without
    replicas."""
    try:
        with translated():
            yield
    except RedisRefused:
        trust.doubt()
        raise


def client_of(address: RedisAddress, trust: Trust, timeout: float) -> Any:
    """Return a client for this address. Sends nothing yet. `timeout` is in seconds, for one answer."""
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "decode_responses": True,
        "protocol": 2,  # so that every server and proxy answers in the same form
        "driver_info": None,  # saves one round trip per connection, and one command that must be permitted
        "max_connections": MOST_CONNECTIONS,
        "retry": Retry(ExponentialBackoff(cap=0.2, base=0.02), RETRIES),
    }
    options |= _said_by(address)
    match address.topology:
        case Topology.SINGLE:
            return _single(address, trust, options)
        case Topology.SENTINEL:
            return _behind_sentinels(address, trust, options)
        case Topology.CLUSTER:
            return _cluster(address, trust, options)
    assert_never(address.topology)


def _single(address: RedisAddress, trust: Trust, options: dict[str, Any]) -> Any:
    if address.path:
        pool = _Pool(connection_class=UnixDomainSocketConnection, path=address.path, **options)
    else:
        [(host, port)] = address.hosts
        pool = _Pool(**_connection(address), host=host, port=port, **options)
    pool.trust = trust
    return _Redis.from_pool(pool)


def _cluster(address: RedisAddress, trust: Trust, options: dict[str, Any]) -> _Cluster:
    cluster = _Cluster(startup_nodes=[ClusterNode(host, port) for host, port in address.hosts], **options)
    cluster.trust = trust
    # Its constructor takes no connection class. This is redis-py's own way to add something to every node.
    ours = _connection(address)
    cluster.nodes_manager.connection_kwargs.update(ours)
    for node in cluster.startup_nodes:
        node.connection_class = ours["connection_class"]
        node.connection_kwargs.update({name: value for name, value in ours.items() if name != "connection_class"})
    return cluster


def _behind_sentinels(address: RedisAddress, trust: Trust, options: dict[str, Any]) -> _BehindSentinel:
    # Sentinels are reached with the same options, but have their own users.
    same = {name: value for name, value in options.items() if name.startswith(("socket_", "protocol", "driver"))}
    own = {
        "socket_timeout": SENTINEL_TIMEOUT,
        "socket_connect_timeout": SENTINEL_TIMEOUT,
        "username": address.sentinel_login.username,
        "password": address.sentinel_login.password,
        "decode_responses": True,
        "retry": Retry(NoBackoff(), 0),  # the other sentinels are asked at the same time
    }
    connection = _connection(address)
    sentinels = Sentinels([], **options)  # type: ignore[no-untyped-call]
    sentinels.sentinels = [
        Redis.from_pool(ConnectionPool(**connection, host=host, port=port, **same | own))
        for host, port in address.hosts
    ]
    client: _BehindSentinel = sentinels.master_for(
        address.service,
        redis_class=_BehindSentinel,
        connection_pool_class=_SentinelPool,
        **connection | {"connection_class": FollowingSecureConnection if address.tls else FollowingConnection},
    )
    client.connection_pool.trust = trust  # type: ignore[attr-defined]  # the pool is ours
    return client


def _connection(address: RedisAddress) -> dict[str, Any]:
    """Return the connection class and its TLS settings."""
    if tls := Tls.of(address):
        return {"connection_class": SecureConnection, "tls": tls}
    return {"connection_class": Connection}


def _said_by(address: RedisAddress) -> dict[str, Any]:
    """Return the address's settings other than hosts, as redis-py names them: login, database, timeouts."""
    login = {"username": address.login.username, "password": address.login.password}
    plain = {name: value for name, value in address.options.items() if not name.startswith("ssl_")}
    return {**login, "db": address.database, **plain}
