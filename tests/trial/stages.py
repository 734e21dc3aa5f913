"""Redis on loopback as it is run in production: primaries, replicas, sentinels, and ways to break them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from bot.store.embedded import find_server
from tests import rights
from tests.servers import Node, command, free_port, in_step, listening, redis_node, redis_server

NODE_TIMEOUT = 1500
"""Milliseconds without an answer until a primary counts as down. Less would be too short on a busy machine."""

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """The store for one trial. `strike` breaks it while people vote, and `heal` repairs it afterwards."""

    url: str
    strike: Act
    heal: Act


@dataclass
class Server:
    """One server: the gate through which others reach it, its process, and a connection without the bot's restricted
    rights."""

    gate: "Gate"
    pid: int
    raw: Redis

    async def kill(self) -> None:
        """Kill the server at once, whatever it does."""
        os.kill(self.pid, signal.SIGKILL)

    async def freeze(self) -> None:
        """Freeze the server: it answers nothing, and its connections stay open."""
        os.kill(self.pid, signal.SIGSTOP)

    async def thaw(self) -> None:
        """Let the server go on where it was frozen."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)


class Gate:
    """The way to one server. While it is shut, the bot's connections still pass, and those of other servers get
    nothing.

    The bot is recognised by its first command: AUTH with its name.
    """

    def __init__(self, server: int) -> None:
        self.port = 0
        self.shut = False
        self._server = server

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with closing(writer), suppress(ConnectionError):
            first = await reader.read(1 << 16)
            is_bot = rights.USER.encode() in first and b"AUTH" in first
            there, back = await asyncio.open_connection("127.0.0.1", self._server)
            with closing(back):
                if is_bot or not self.shut:
                    back.write(first)
                ways = {
                    asyncio.create_task(self._pass(reader, back, is_bot=is_bot)),
                    asyncio.create_task(self._pass(there, writer, is_bot=is_bot)),
                }
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_bot: bool) -> None:
        """Pass on data. A connection that has lost data ends when the gate is opened again."""
        swallowed = False
        with suppress(ConnectionError):
            while said := await reader.read(1 << 16):
                shut = self.shut and not is_bot
                if swallowed and not shut:
                    return
                swallowed = shut
                if not shut:
                    writer.write(said)
                    await writer.drain()


@asynccontextmanager
async def behind_sentinels(how: str) -> AsyncIterator[Stage]:
    """Start a primary with two replicas and three sentinels. The primary is then struck: kill, freeze or cut off."""
    async with AsyncExitStack() as stack:
        primary = await _server(stack)
        others = [await _server(stack, "--replicaof", f"127.0.0.1 {primary.gate.port}") for _ in range(2)]
        await in_step(primary.raw)
        sentinels = [await _sentinel(stack, primary.gate.port) for _ in range(3)]
        for sentinel in sentinels:
            await _until(partial(_knows_all, sentinel))
        for one in (primary, *others):
            await rights.grant(one.raw, rights.SERVER)
        hosts = ",".join(f"127.0.0.1:{one.connection_pool.connection_kwargs['port']}" for one in sentinels)
        stack.push_async_callback(primary.thaw)

        async def cut_off() -> None:
            primary.gate.shut = True

        async def heal() -> None:
            primary.gate.shut = False
            await primary.thaw()

        strike = {"kill": primary.kill, "freeze": primary.freeze, "cut off": cut_off}[how]
        yield Stage(f"redis+sentinel://{rights.ENCODED}@{hosts}/approvals", strike, heal)


@asynccontextmanager
async def in_a_cluster(tenant: str, how: str) -> AsyncIterator[Stage]:
    """Start three primaries. The tenant's primary, which has two replicas, is killed, or its slot is moved to a primary
    with one replica."""
    async with AsyncExitStack() as stack:
        nodes = [await redis_node(stack, "--cluster-node-timeout", str(NODE_TIMEOUT)) for _ in range(6)]
        slot = key_slot(tenant.encode())
        home, other, third = primaries = _beginning_with(slot * 3 // 16384, nodes[:3])
        await _join(nodes)
        for copy, node in zip(nodes[3:], (home, home, other), strict=True):
            await command(copy.raw, "CLUSTER", "REPLICATE", await node.raw.cluster("myid"))
        await _until(lambda: _is_copied(home, 2))
        await _until(lambda: _is_copied(other, 1))
        for node in nodes:
            await rights.grant(node.raw, f"{rights.SERVER} {rights.IN_A_CLUSTER}")
        pid = (await home.raw.info("server"))["process_id"]

        async def kill() -> None:
            os.kill(pid, signal.SIGKILL)

        async def move() -> None:
            await _move(slot, home, other, third)

        async def heal() -> None:
            """Do nothing: everything goes on with the remaining servers."""

        hosts = ",".join(f"127.0.0.1:{node.port}" for node in primaries)
        yield Stage(f"redis+cluster://{rights.ENCODED}@{hosts}", {"kill": kill, "move": move}[how], heal)


def _beginning_with(number: int, nodes: Sequence[Node]) -> Sequence[Node]:
    return [*nodes[number:], *nodes[:number]]


async def _join(nodes: Sequence[Node]) -> None:
    """Join these nodes into one cluster. The first three share the slots evenly."""
    for number, node in enumerate(nodes[:3]):
        await node.raw.cluster("addslotsrange", -(-16384 * number // 3), -(-16384 * (number + 1) // 3) - 1)
    for node in nodes[1:]:
        await command(node.raw, "CLUSTER", "MEET", "127.0.0.1", nodes[0].port, nodes[0].bus)
    for node in nodes:
        await _until(partial(_knows_everybody, node, len(nodes)))


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await true():  # noqa: ASYNC110  servers send no event
            await asyncio.sleep(0.1)


async def _is_copied(node: Node, replicas: int) -> bool:
    known = await node.raw.info("replication")
    copies = [known.get(f"slave{number}") for number in range(replicas)]
    return all(copy and copy["state"] == "online" for copy in copies)


async def _knows_everybody(node: Node, number: int) -> bool:
    known = await node.raw.cluster("info")
    return (known["cluster_state"], known["cluster_known_nodes"]) == ("ok", str(number))


async def _move(slot: int, home: Node, other: Node, third: Node) -> None:
    """Move a slot as `redis-cli --cluster reshard` does, slowly."""
    home_id, other_id = await home.raw.cluster("myid"), await other.raw.cluster("myid")
    await command(other.raw, "CLUSTER", "SETSLOT", slot, "IMPORTING", home_id)
    await command(home.raw, "CLUSTER", "SETSLOT", slot, "MIGRATING", other_id)
    while keys := await command(home.raw, "CLUSTER", "GETKEYSINSLOT", slot, 50):
        await command(home.raw, "MIGRATE", "127.0.0.1", other.port, "", 0, 5000, "REPLACE", "KEYS", *keys)
        await asyncio.sleep(0.1)
    for node in (other, home, third):
        await command(node.raw, "CLUSTER", "SETSLOT", slot, "NODE", other_id)


async def _server(stack: AsyncExitStack, *options: str) -> Server:
    port = free_port()
    gate = Gate(port)
    gate.port = await stack.enter_async_context(listening(gate.serve))
    announced = ("--replica-announce-ip", "127.0.0.1", "--replica-announce-port", str(gate.port))
    own = ("--port", str(port), "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0", *announced, *options)
    url = await stack.enter_async_context(redis_server(*own))
    raw = await stack.enter_async_context(Redis.from_url(url, decode_responses=True))
    return Server(gate, (await raw.info("server"))["process_id"], raw)


async def _sentinel(stack: AsyncExitStack, primary: int) -> Redis:
    directory, port = Path(stack.enter_context(TemporaryDirectory(prefix="cs-"))), free_port()
    settings = directory / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\nlogfile {directory}/log\ndir {directory}\n"
        f"sentinel monitor approvals 127.0.0.1 {primary} 2\n"
        f"sentinel down-after-milliseconds approvals {NODE_TIMEOUT}\n"
        "sentinel failover-timeout approvals 5000\nsentinel parallel-syncs approvals 2\n"
    )
    process = await asyncio.create_subprocess_exec(find_server(), settings, "--sentinel")
    stack.push_async_callback(process.wait)
    stack.callback(process.terminate)
    return await stack.enter_async_context(Redis(port=port, decode_responses=True))


async def _knows_all(sentinel: Redis) -> bool:
    with suppress(RedisError, OSError):
        state = await sentinel.sentinel_master("approvals")
        assert isinstance(state, dict)
        return bool(state["num-other-sentinels"] == 2 and state["num-slaves"] == 2)
    return False
