"""redis-py's clients of a single server, behind Sentinels, and of a Cluster, where ours differ from its own."""

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

from bot.config.redis_address import Address, Topology
from bot.store.sentinel import FollowingConnection, FollowingSecureConnection, Named, Sentinels
from bot.store.tls import SecureConnection, Tls
from bot.store.troubles import Refused, translated

SOCKET_TIMEOUT = 2.0
"""Seconds for one answer; redis-py's own 5, tried 11 times, keep a person waiting for a minute."""

SENTINEL_TIMEOUT = 1.0
"""Seconds for a sentinel's answer. All are asked at once, so this is what one that is dead can cost."""

ASK_AGAIN_SECONDS = 5.0
"""How often the sentinels are asked although nothing failed: an old primary that was cut off still answers reads."""

RETRIES = 2
"""A command whose answer was lost is sent again. That is safe: all of ours do the same when they run twice."""

MOST_CONNECTIONS = 500
"""A burst of clicks beyond redis-py's own 100 would fail instead of being slow."""


class Trust:
    """What the clients of one process think of their connections: those that are older than a doubt are not used."""

    def __init__(self) -> None:
        self.doubts = 0

    def doubt(self) -> None:
        """Have every connection made anew before it is used next: the server behind it may be a primary no more."""
        self.doubts += 1


class _Trusting:
    """Mixed into redis-py's pools: a connection that is older than a doubt is made anew.

    It is done by whoever has just taken the connection, since nobody else uses it then. redis-py's own way, to
    disconnect what lies in the pool, meets connections that were taken meanwhile.
    """

    trust: Trust

    async def ensure_connection(self, connection: Any) -> None:
        """Connect where it is not connected, or not to be trusted any more."""
        if getattr(connection, "doubts", self.trust.doubts) != self.trust.doubts:
            await connection.disconnect(nowait=True)
        connection.doubts = self.trust.doubts
        await super().ensure_connection(connection)  # type: ignore[misc]  # the pool's


class _Pool(_Trusting, ConnectionPool):
    """Connections to one server."""


class _SentinelPool(_Trusting, SentinelConnectionPool):
    """Connections to the primary that the sentinels name."""

    _asked_at = float("-inf")

    async def get_master_address(self) -> Named:
        """Ask who is the primary. Another one than before leaves no connection trusted."""
        self._asked_at = time.monotonic()
        address: Named = await self.sentinel_manager.discover_master(self.service_name)
        if self.master_address not in (None, address):
            self.trust.doubt()
        self.master_address = address
        return address

    async def ensure_connection(self, connection: Any) -> None:
        """Ask again now and then, also where all seems well; sentinels that do not answer change nothing."""
        if time.monotonic() - self._asked_at >= ASK_AGAIN_SECONDS:
            with suppress(RedisError, OSError):
                await self.get_master_address()
        await super().ensure_connection(connection)


class _Redis(Redis):
    """One server, alone or behind Sentinels."""

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        """Send one command."""
        with _doubting(self.connection_pool.trust):  # type: ignore[attr-defined]  # the pool is ours
            return await super().execute_command(*command, **options)  # type: ignore[no-untyped-call]

    async def run_and_wait(self, wait_ms: int, *command: str) -> tuple[Any, int]:
        """Send a write with a WAIT behind it; its answer, and how many replicas have it.

        Both go over one connection, and both are sent again where that breaks: on a new one WAIT alone would count
        replicas that never saw the write.
        """
        with _doubting(self.connection_pool.trust):  # type: ignore[attr-defined]  # the pool is ours
            pair: Any
            async with self.pipeline(transaction=False) as pair:
                pair.execute_command(*command)
                pair.execute_command("WAIT", 1, wait_ms)
                return _both(await pair.execute(raise_on_error=False))


class _BehindSentinel(_Redis):
    """The primary that the sentinels name."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Give the connections back, also those to the sentinels."""
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
        """Send a write with a WAIT behind it over one connection to the node that holds its first key.

        redis-py's own pipeline would forget where WAIT belongs when it tries again.
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
        """Of every primary; redis-py would ask any one node."""
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
        """Read again who holds which slot, if there was a doubt; whom it was about is asked last."""
        await self.initialize()
        if self._doubts != self.trust.doubts:
            self._doubts = self.trust.doubts
            await self.nodes_manager.initialize(last_failed_node_name=self._doubted)


def _both(answers: list[Any]) -> tuple[Any, int]:
    """The two answers, unless one is an error."""
    for one in answers:
        if isinstance(one, Exception):
            raise one
    answer, replicas = answers
    return answer, replicas


@contextmanager
def _doubting(trust: Trust) -> Iterator[None]:
    """Translate what goes wrong. Who refuses may be an old primary: cut off, demoted, or without replicas."""
    try:
        with translated():
            yield
    except Refused:
        trust.doubt()
        raise


def client_of(address: Address, trust: Trust, timeout: float) -> Any:
    """A client of what stands at this address; nothing is sent yet. `timeout` is in seconds, for one answer."""
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "decode_responses": True,
        "protocol": 2,  # the same shapes of answers from every server and proxy
        "driver_info": None,  # one trip less for each connection, and one command less to be permitted
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


def _single(address: Address, trust: Trust, options: dict[str, Any]) -> Any:
    if address.path:
        pool = _Pool(connection_class=UnixDomainSocketConnection, path=address.path, **options)
    else:
        [(host, port)] = address.hosts
        pool = _Pool(**_connection(address), host=host, port=port, **options)
    pool.trust = trust
    return _Redis.from_pool(pool)


def _cluster(address: Address, trust: Trust, options: dict[str, Any]) -> _Cluster:
    cluster = _Cluster(startup_nodes=[ClusterNode(host, port) for host, port in address.hosts], **options)
    cluster.trust = trust
    # Its constructor takes no class of connections; redis-py's own way to add something to every node is this.
    ours = _connection(address)
    cluster.nodes_manager.connection_kwargs.update(ours)
    for node in cluster.startup_nodes:
        node.connection_class = ours["connection_class"]
        node.connection_kwargs.update({name: value for name, value in ours.items() if name != "connection_class"})
    return cluster


def _behind_sentinels(address: Address, trust: Trust, options: dict[str, Any]) -> _BehindSentinel:
    # A sentinel is reached the same way, but it has users of its own.
    same = {name: value for name, value in options.items() if name.startswith(("socket_", "protocol", "driver"))}
    own = {
        "socket_timeout": SENTINEL_TIMEOUT,
        "socket_connect_timeout": SENTINEL_TIMEOUT,
        "username": address.sentinel_login.username,
        "password": address.sentinel_login.password,
        "decode_responses": True,
        "retry": Retry(NoBackoff(), 0),  # the others are asked at the same time
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


def _connection(address: Address) -> dict[str, Any]:
    """How a connection over the network is made."""
    if tls := Tls.of(address):
        return {"connection_class": SecureConnection, "tls": tls}
    return {"connection_class": Connection}


def _said_by(address: Address) -> dict[str, Any]:
    """What the address says beside the hosts, in redis-py's words: who we are, which database, timeouts."""
    login = {"username": address.login.username, "password": address.login.password}
    plain = {name: value for name, value in address.options.items() if not name.startswith("ssl_")}
    return {**login, "db": address.database, **plain}
