"""`python -m benchmarks.floods`: whether `/healthz` still answers while strangers flood the running bot.

The bot is a process of its own on one core, with a real Redis; the simulated tenant and the floods have the others.
Every flood is bounded in number and in time, and goes over loopback. None of them has a token that counts.
"""

import argparse
import asyncio
import contextlib
import http.client
import multiprocessing
import os
import secrets
import tempfile
import time
import zlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from benchmarks.processes import BOT_PORT, environment_of, neighbours, running, until_ready
from bot.store.embedded import embedded_server

SECONDS = 20.0
"""Longer than the timeout of a header, so that held connections are closed within it."""

MOST = 20_000
"""Requests or connections of one flood."""

AT_ONCE = 16
"""Concurrent senders of requests; far more hold connections open."""

HELD = 800
"""More than the bot accepts."""

PATIENCE = 60.0
"""Timeout for an answer, in seconds."""

ORIGIN = f"http://127.0.0.1:{BOT_PORT}"

Send = Callable[[aiohttp.ClientSession], Awaitable[None]]


@dataclass(frozen=True)
class Flood:
    """The request to repeat, and the number of concurrent senders."""

    name: str
    send: Send
    at_once: int = AT_ONCE


@dataclass(frozen=True)
class Seen:
    """The effect of a flood: milliseconds until `/healthz` answered, memory in MB, and keys in Redis."""

    p50: float
    p99: float
    worst: float
    memory: float
    keys: int


class Probe:
    """Requests `/healthz` in a separate process, on a new connection each time."""

    def __init__(self) -> None:
        apart = multiprocessing.get_context("spawn")
        self._stop, self._told = apart.Event(), apart.Queue()
        self._process = apart.Process(target=_ask, args=(self._stop, self._told))
        self.times: list[float] = []

    def __enter__(self) -> "Probe":
        self._process.start()
        self._told.get()  # it has started
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self.times = self._told.get()
        self._process.join()


def _ask(stop: Any, told: Any) -> None:
    """Measure milliseconds for each answer; any other result counts as a timeout."""
    times: list[float] = []
    told.put([])
    while not stop.wait(0.05):
        began, good = time.perf_counter(), False
        connection = http.client.HTTPConnection("127.0.0.1", BOT_PORT, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            good = connection.getresponse().status == http.HTTPStatus.OK
        times.append((time.perf_counter() - began if good else PATIENCE) * 1000)
    told.put(times)


async def main(seconds: float) -> None:
    """Run one flood after the other against the bot."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-floods-")))
        redis_url = await stack.enter_async_context(embedded_server(directory / "redis"))
        site = await stack.enter_async_context(neighbours(directory, ORIGIN.replace("http:", "https:")))
        environment = environment_of(site, directory, redis_url)
        log = directory / "bot.log"
        process = await stack.enter_async_context(running("bot", "serve", environment=environment, log=log))
        await until_ready(log)
        _pin(process.pid)
        _bomb()
        redis = await stack.enter_async_context(Redis.from_url(redis_url))
        table = Table("flood", "sent", "p50 ms", "p99 ms", "worst ms", "MB", "keys", title="/healthz, memory, Redis")
        for flood in (Flood("none", _nothing, 1), *FLOODS):
            sent, seen = await _flooded(flood, seconds, process.pid, redis)
            times = (f"{seen.p50:.1f}", f"{seen.p99:.0f}", f"{seen.worst:.0f}")
            table.add_row(flood.name, str(sent), *times, f"{seen.memory:.0f}", str(seen.keys))
        Console().print(table)


async def _flooded(flood: Flood, seconds: float, pid: int, redis: Redis) -> tuple[int, Seen]:
    """Send until the time or the number is reached, then measure the effect."""
    until, sent = 0.0, 0

    async def sender(session: aiohttp.ClientSession) -> None:
        nonlocal sent
        while time.monotonic() < until and sent < MOST:
            sent += 1
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.wait_for(flood.send(session), PATIENCE)

    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        with Probe() as probe:
            until = time.monotonic() + seconds
            await asyncio.gather(*(sender(session) for _ in range(flood.at_once)))
            await asyncio.sleep(1.0)  # a probe that hangs counts, too
    cuts = quantiles(probe.times, n=100, method="inclusive")
    return sent, Seen(cuts[49], cuts[98], max(probe.times), _memory_of(pid), await redis.dbsize())


# --- the floods ---------------------------------------------------------------------------------------------------


async def _nothing(_session: aiohttp.ClientSession) -> None:
    await asyncio.sleep(0.1)


@cache
def _bomb() -> bytes:
    """Return two megabytes that unpack to two gigabytes."""
    packer, zeros = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 20)
    return b"".join([*(packer.compress(zeros) for _ in range(2000)), packer.flush()])


async def _compressed(session: aiohttp.ClientSession) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", "Authorization": "Bearer nonsense"}
    async with session.post(f"{ORIGIN}/api/messages", data=_bomb(), headers=headers) as answer:
        await answer.read()


async def _drip(said: bytes) -> None:
    """Start a request and never end it: send a byte each second until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", BOT_PORT)
    try:
        writer.write(said)
        closed = asyncio.ensure_future(reader.read())
        for _ in range(int(SECONDS)):
            await asyncio.wait({closed}, timeout=1.0)
            if closed.done():
                break
            writer.write(b"x")
        closed.cancel()
    finally:
        writer.transport.abort()


async def _slow_header(_session: aiohttp.ClientSession) -> None:
    await _drip(b"GET /healthz HTTP/1.1\r\nX-Slow: ")


async def _slow_body(_session: aiohttp.ClientSession) -> None:
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    await _drip(b"POST /breakglass HTTP/1.1\r\nHost: x\r\n" + kind + b"Content-Length: 10000\r\n\r\nwhy=")


async def _get(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(f"{ORIGIN}{path}", allow_redirects=False) as answer:
        await answer.read()


async def _unknown(session: aiohttp.ClientSession) -> None:
    await _get(session, f"/{secrets.token_urlsafe(12)}")


async def _nonces(session: aiohttp.ClientSession) -> None:
    """Request the emergency page, an invented link, and a callback without a sign-in."""
    word = secrets.token_urlsafe(24)
    for path in ("/breakglass", f"/signin/{word}", f"/signin/callback?code=x&state={word}"):
        await _get(session, path)


FLOODS = (
    Flood("2 MB of gzip", _compressed, 6),
    Flood("slow headers", _slow_header, HELD),
    Flood("slow bodies", _slow_body, HELD),
    Flood("unknown addresses", _unknown),
    Flood("invented nonces", _nonces),
)


# --- the process --------------------------------------------------------------------------------------------------


def _pin(pid: int) -> None:
    """Pin the bot to the first core and everything else to the others, if the system supports it."""
    if not hasattr(os, "sched_setaffinity"):
        return
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {first})
    if others:
        os.sched_setaffinity(0, others)


def _memory_of(pid: int) -> float:
    """Return the resident memory of the process in MB; 0 if the system does not show it."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    [line] = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floods", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each flood; {SECONDS:.0f} if not given")
    asyncio.run(main(parser.parse_args().seconds))
