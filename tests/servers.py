"""Real servers for tests."""

import asyncio
import os
import random
import signal
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.store.embedded import embedded_server

T = TypeVar("T")

_OF_EACH = 2_000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 11
_FIRST = 10_000 + _WORKER * _OF_EACH
_NEXT = count(random.randrange(_OF_EACH))
"""Offset of the next port to try. It is random, so that another run on this machine tries other ports."""

_TURNS = 5
"""Turns of the loop within which asyncio connects what it has accepted."""

_OFTEN = ("--hz", "100")
"""How many times a second a server checks whether it has to stop. With ten, every test would wait."""


async def command(server: Redis, *words: str | bytes | int) -> Any:
    """Send a server this command, and return its answer."""
    return await server.execute_command(*words)  # type: ignore[no-untyped-call]  # the library leaves it untyped


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Serve connections on localhost, and yield the port. No task and no socket is left afterwards."""
    served: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served[writer] = asyncio.create_task(serve(reader, writer))

    async with await asyncio.start_server(connected, "localhost", 0, family=socket.AF_INET, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]
    for _ in range(_TURNS):  # whoever was accepted in the last moment is connected by then
        await asyncio.sleep(0)
    for writer, task in served.items():
        if tls is None or not writer.is_closing():  # Python 3.11.2 fails to abort what is closed already under TLS
            writer.transport.abort()
        task.cancel()
    await asyncio.gather(*served.values(), return_exceptions=True)


@asynccontextmanager
async def redis_server(*options: str) -> AsyncIterator[str]:
    """Start a fresh server in a temporary directory, and yield its address. `options` are passed to the server."""
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        async with embedded_server(Path(directory), *_OFTEN, *options) as url:
            yield url


class SharedServer:
    """A server in a thread, for all tests of this process that do not mind that other tests have used it before."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.url = self._done(self._stack.enter_async_context(redis_server()))
        self.taken = False

    def stop(self) -> None:
        """End the server."""
        self._done(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()


@cache
def _shared() -> SharedServer:
    return SharedServer()


def stop_the_shared_server() -> None:
    """Stop the shared server, if it was started."""
    if _shared.cache_info().currsize:
        _shared().stop()
        _shared.cache_clear()


@asynccontextmanager
async def emptied_server() -> AsyncIterator[str]:
    """Yield the address of an empty server that nobody else uses until the block ends.

    A test that stops the server or changes its settings must start one of its own.
    """
    shared = _shared()
    if shared.taken:
        async with redis_server() as url:
            yield url
        return
    shared.taken = True
    async with Redis.from_url(shared.url) as server:
        await server.flushall()
    try:
        yield shared.url
    finally:
        shared.taken = False


class RestartingServer:
    """A server that can be stopped, and started again with the data that it has written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._stack = AsyncExitStack()

    async def start(self) -> str:
        """Start the server, and return its address, which is the same every time."""
        return await self._stack.enter_async_context(embedded_server(self._directory, *_OFTEN))

    async def stop(self) -> None:
        """Stop the server."""
        await self._stack.aclose()

    async def kill(self, url: str) -> None:
        """Kill the server at once (SIGKILL), whatever it does."""
        async with Redis.from_url(url) as server:
            os.kill((await server.info("server"))["process_id"], signal.SIGKILL)
        await self.stop()


@dataclass(frozen=True)
class Node:
    """One node of a cluster: its port, the port of its cluster bus, and a connection to it."""

    port: int
    bus: int
    raw: Redis


async def redis_node(stack: AsyncExitStack, *options: str) -> Node:
    """Start a fresh node of a cluster, which knows no other node, until the stack ends."""
    port, bus = free_port(), free_port()
    own = ("--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", str(bus))
    await stack.enter_async_context(redis_server(*own, "--repl-diskless-sync-delay", "0", *options))
    return Node(port, bus, await stack.enter_async_context(Redis(port=port, decode_responses=True)))


@asynccontextmanager
async def redis_cluster(*, replica: bool = False) -> AsyncIterator[str]:
    """Start a fresh cluster of one node that holds every slot, and yield its address. With `replica`, the node has a
    replica."""
    async with AsyncExitStack() as stack:
        node = await redis_node(stack)
        await node.raw.cluster("addslotsrange", 0, 16383)
        if replica:
            await _copy(stack, node)
        async with asyncio.timeout(10):
            while (await node.raw.cluster("info"))["cluster_state"] != "ok":  # noqa: ASYNC110  it sends no event
                await asyncio.sleep(0.05)
        yield f"redis+cluster://127.0.0.1:{node.port}"


async def _copy(stack: AsyncExitStack, node: Node) -> None:
    copy, node_id = await redis_node(stack), await node.raw.cluster("myid")
    await command(copy.raw, "CLUSTER", "MEET", "127.0.0.1", node.port, node.bus)
    async with asyncio.timeout(10):
        while node_id not in str(await command(copy.raw, "CLUSTER", "NODES")):  # noqa: ASYNC110  as below
            await asyncio.sleep(0.05)
    await command(copy.raw, "CLUSTER", "REPLICATE", node_id)
    await in_step(node.raw)


async def _is_copied(server: Redis) -> bool:
    async with server.client() as alone:
        with suppress(ResponseError):  # a cluster that is being made takes no write
            await alone.set("in step", "?")
            return bool(await alone.wait(1, 1000))
    return False


async def in_step(server: Redis) -> None:
    """Wait until a replica has everything."""
    async with asyncio.timeout(20):
        while not await _is_copied(server):  # noqa: ASYNC110  the server sends no event
            await asyncio.sleep(0.02)


def free_port() -> int:
    """Return a TCP port on localhost that nobody listens on, and that no other worker of this run gets.

    It is below the ports that the system gives out by itself (from 32768 on Linux), because another connection could
    take one of those before it is listened on.
    """
    while True:
        port = _FIRST + next(_NEXT) % _OF_EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
