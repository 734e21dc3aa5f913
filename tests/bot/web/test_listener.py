"""The HTTP listener, tested with raw bytes over a socket."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.web.listener import COMPRESSED, UNREADABLE, Limits, listening_on

ROOT = Path(__file__).parents[3]
SOON = 0.05
NEVER = 3600.0


@dataclass
class Guest:
    """One connection to the listener."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, said: bytes) -> None:
        """Send these bytes."""
        self.writer.write(said)
        await self.writer.drain()

    async def hear(self) -> str:
        """Read everything up to the end of the connection."""
        try:
            return (await self.reader.read()).decode()
        except ConnectionResetError:
            return ""

    async def answer(self) -> str:
        """Read one answer: its header, and its body by its length."""
        header = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        [length] = [line.partition(":")[2] for line in header.splitlines() if line.lower().startswith("content-length")]
        return header + (await self.reader.readexactly(int(length))).decode()

    def leave(self) -> None:
        """Close the connection at once."""
        self.writer.transport.abort()


@dataclass
class Door:
    """A small application behind the listener, and what its handlers have read."""

    port: int
    read: list[bytes] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    heard_all: asyncio.Event = field(default_factory=asyncio.Event)
    thought: asyncio.Event = field(default_factory=asyncio.Event)
    guests: list[Guest] = field(default_factory=list)

    async def guest(self, said: bytes = b"") -> Guest:
        """Open a connection and send these bytes."""
        one = Guest(*await asyncio.open_connection("127.0.0.1", self.port))
        self.guests.append(one)
        await one.say(said)
        return one

    async def heard(self, said: bytes) -> str:
        """Send these bytes on a new connection and return everything up to its end."""
        return await (await self.guest(said)).hear()


@asynccontextmanager
async def connections(**limits: Any) -> AsyncIterator[Door]:
    """Serve an application with handlers that answer, read the body, refuse without reading, and fail."""
    opened = Door(0)

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="alive")

    async def read(request: web.Request) -> web.Response:
        opened.entered.set()
        try:
            opened.read.append(await request.read())
        finally:
            opened.left.set()
        return web.Response(text="read")

    async def think(request: web.Request) -> web.Response:
        opened.entered.set()
        await request.read()
        opened.heard_all.set()
        await opened.thought.wait()
        return web.Response(text="thought")

    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=401, text="refused")

    async def fail(_request: web.Request) -> web.Response:
        raise ValueError("a bug")

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes([web.get("/alive", alive), web.post("/read", read), web.post("/refuse", refuse)])
    app.add_routes([web.get("/fail", fail), web.post("/think", think)])
    chosen = replace(Limits(header=NEVER, body=NEVER, idle=NEVER), **limits)
    async with listening_on(app, "127.0.0.1", 0, stop_seconds=SOON, limits=chosen) as opened.port:
        try:
            yield opened
        finally:
            for guest in opened.guests:
                guest.leave()


ALIVE = b"GET /alive HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def post(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return a request, if `length` is given with another length than that of its body."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def test_the_only_door() -> None:
    """Every HTTP server of the product uses this listener."""
    ways = re.compile(r"AppRunner|run_app|TCPSite|SockSite|UnixSite|create_server|start_server")
    modules = [path for path in (ROOT / "bot").rglob("*.py") if ways.search(path.read_text(encoding="utf-8"))]

    assert [path.name for path in modules] == ["listener.py"]


# --- compressed bodies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/read", "/refuse", "/unknown"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
async def test_compressed(path: str, coding: str) -> None:
    """A compressed body is refused without being decompressed, and the answer says what to do."""
    body = zlib.compress(b"\0" * 100_000)
    async with connections() as opened:
        answer = await opened.heard(post(path, body, f"Content-Encoding: {coding}", "Connection: close"))

    assert answer.startswith("HTTP/1.1 415 ")
    assert answer.endswith(COMPRESSED)
    assert opened.read == []


async def test_uncompressed() -> None:
    """A body with the encoding `identity` is read as it is."""
    async with connections() as opened:
        answer = await opened.heard(post("/read", b"plain", "Content-Encoding: identity", "Connection: close"))

    assert answer.endswith("read")
    assert opened.read == [b"plain"]


# --- timeouts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [b"", b"GET", b"GET /alive HTTP/1.1\r\n", b"GET /alive HTTP/1.1\r\nHost: x\r\nX: 1"])
async def test_slow_header(said: bytes) -> None:
    """A header that is not complete in time ends its connection."""
    async with connections(header=SOON) as opened:
        assert await opened.heard(said) == ""


async def test_second_header() -> None:
    """The second header of a connection has to be complete in time, counted from its first byte."""
    async with connections(header=SOON) as opened:
        guest = await opened.guest(ALIVE)
        first = await guest.answer()
        await guest.say(b"GET /al")
        assert await guest.hear() == ""

    assert first.endswith("alive")


async def test_header_behind_another() -> None:
    """A header that began together with the previous request has the time of an idle connection."""
    async with connections(idle=SOON) as opened:
        heard = await opened.heard(ALIVE + b"GET /al")

    assert heard.endswith("alive")


async def test_idle() -> None:
    """An idle connection is closed after a time."""
    async with connections(idle=SOON) as opened:
        guest = await opened.guest(ALIVE)
        assert (await guest.hear()).endswith("alive")


async def test_slow_body() -> None:
    """A body that is not complete in time ends its connection, with a warning in the log."""
    with capture_logs() as logs:
        async with connections(body=SOON) as opened:
            heard = await opened.heard(post("/read", b"half", length=100))
            await opened.left.wait()

    assert heard == ""
    assert [(one["event"], one["log_level"]) for one in logs] == [("body_broken_off", "warning")]


async def test_refused_unread() -> None:
    """A request that is refused before its body is complete gets its answer, and its connection is closed."""
    async with connections() as opened:
        heard = await opened.heard(post("/refuse", b"half", length=100))

    assert heard.endswith("refused")


@pytest.mark.parametrize("body", [b"", b"whole"])
async def test_our_own_time(body: bytes) -> None:
    """A client that has sent everything has no timeout, however long the answer takes."""
    async with connections(header=SOON, body=SOON) as opened:
        guest = await opened.guest(post("/think", body[:2], length=len(body)))
        await opened.entered.wait()
        await guest.say(body[2:])
        await opened.heard_all.wait()
        assert await opened.heard(b"GET") == ""  # its time began later and is already over
        opened.thought.set()
        assert (await guest.answer()).endswith("thought")


async def test_body_after_its_answer() -> None:
    """If a body is completed after its answer, its connection is idle and is closed after a time."""
    async with connections(idle=SOON) as opened:
        guest = await opened.guest(post("/refuse", b"half", length=8))
        await guest.answer()
        await guest.say(b"half")
        assert await guest.hear() == ""


async def test_truncated_body() -> None:
    """A client that closes the connection within a body causes one warning in the log and no traceback."""
    with capture_logs() as logs:
        async with connections() as opened:
            guest = await opened.guest(post("/read", b"half", length=100))
            await opened.entered.wait()
            guest.leave()
            await opened.left.wait()

    assert [(one["event"], one["log_level"]) for one in logs] == [("body_broken_off", "warning")]


async def test_damaged_chunks() -> None:
    """A body with malformed chunks ends its connection."""
    with capture_logs() as logs:
        async with connections(body=SOON) as opened:
            guest = await opened.guest(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            await opened.entered.wait()
            await guest.say(b"4\r\nhalf\r\nZZ\r\n")
            heard = await guest.hear()
            await opened.left.wait()

    assert heard == ""
    assert {one["log_level"] for one in logs} == {"warning"}


# --- too many connections -----------------------------------------------------------------------------------------


async def test_too_many() -> None:
    """If there are too many connections, the one that has waited longest is closed, so that a new one is served."""
    async with connections(connections=3) as opened:
        held = [await opened.guest(b"GET /al") for _ in range(3)]
        with capture_logs() as logs:
            newcomer = await opened.heard(LAST)
            first = await held[0].hear()
            await opened.guest()
            await opened.guest()
            await held[2].say(b"ive HTTP/1.1\r\nHost: x\r\n\r\n")
            third = await held[2].answer()

    assert [(line["event"], line["count"]) for line in logs] == [("connections_closed", 1)]
    assert newcomer.endswith("alive")
    assert first == ""
    assert third.endswith("alive")


async def test_too_many_bodies() -> None:
    """A connection that waits for a body counts like one that waits for a header."""
    async with connections(connections=2) as opened:
        for _ in range(2):
            opened.entered.clear()
            await opened.guest(post("/read", b"half", length=100))
            await opened.entered.wait()
        assert (await opened.heard(LAST)).endswith("alive")


# --- requests that cannot be read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /alive HTTP/9.9\r\n\r\n",
        b"GET /alive HTTP/1.1\r\nno header\r\n\r\n",
        b"GET /alive HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /alive?state=\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /alive HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xed\xa0\x80\r\nConnection: close\r\n\r\n",
        b"GET /alive HTTP/1.1\r\nHost: x\r\nCookie: a=\xff\r\nConnection: close\r\n\r\n",
        b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Type: text/\xff\r\nConnection: close\r\n\r\n",
    ],
    ids=str,
)
async def test_unreadable(said: bytes) -> None:
    """A request that cannot be read gets our own error text, and causes no traceback in the log."""
    with capture_logs() as logs:
        async with connections() as opened:
            heard = await opened.heard(said)

    assert heard.startswith(("HTTP/1.1 400 ", "HTTP/1.0 400 "))
    assert heard.endswith(UNREADABLE)
    assert not [one for one in logs if one["log_level"] == "error"]


async def test_header_that_nobody_reads() -> None:
    """A header that the bot does not use may contain bytes other than ASCII."""
    async with connections() as opened:
        said = LAST.replace(b"Host: x", b"Host: x\r\nX-Client-Name: Zo\xeb")
        assert (await opened.heard(said)).endswith("alive")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (LAST, 200),
        (LAST.replace(b"/alive", b"/unknown"), 404),
        (LAST.replace(b"GET", b"PUT"), 405),
        (LAST.replace(b"/alive", b"/fail"), 500),
        (b"nonsense\r\n\r\n", 400),
        (post("/read", b"", "Content-Encoding: gzip", "Connection: close"), 415),
        (LAST.replace(b"Host: x", b"Host: x\r\nExpect: wonders"), 417),
    ],
)
async def test_no_versions(said: bytes, status: int) -> None:
    """No answer names the software or its version."""
    async with connections() as opened:
        heard = await opened.heard(said)

    assert f" {status} " in heard.splitlines()[0]
    assert "Server: Countersign\r\n" in heard
    assert not [name for name in ("aiohttp", "python") if name in heard.lower()]
