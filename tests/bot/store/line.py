"""A connection to a server that can lose answers, or everything."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from urllib.parse import urlsplit

from bot.store.scripts import LuaScript
from tests.servers import listening


class Line:
    """Passes bytes between clients and the server's Unix socket, and loses answers when told to."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._watched = b"no script yet"
        self._to_lose = 0
        self._breaks = False
        self.lost = 0
        self.dead = False
        self.address = ""

    def lose_answers_to(self, script: LuaScript, times: int = 1) -> None:
        """Cut the connection instead of passing on the next answers to this script; the server still runs the
        script."""
        self._watched, self._to_lose = script.sha.encode(), times

    def break_after_answer_to(self, script: LuaScript) -> None:
        """Pass on the next answer to this script and then cut the connection, once."""
        self._watched, self._to_lose, self._breaks = script.sha.encode(), 1, True

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the connection of one client."""
        server_reader, server_writer = await asyncio.open_unix_connection(self._socket)
        cut = asyncio.Event()
        with closing(writer), closing(server_writer):
            there = asyncio.create_task(self._requests(reader, server_writer, cut))
            back = asyncio.create_task(self._answers(server_reader, writer, cut))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            there.cancel()
            back.cancel()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while request := await reader.read(1 << 16):
            if self._to_lose and self._watched in request:
                self._to_lose -= 1
                cut.set()
            if not self.dead:
                writer.write(request)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while answer := await reader.read(1 << 16):
            if cut.is_set() and self._breaks:
                writer.write(answer)
                await writer.drain()
            if cut.is_set():
                self.lost += 1
                return
            writer.write(answer)


@asynccontextmanager
async def line_to(url: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Line]:
    """Open a line to the server at this address, with or without TLS; clients use `line.address`."""
    line = Line(urlsplit(url).path)
    async with listening(line.connect, tls) as port:
        line.address = f"{'rediss' if tls else 'redis'}://localhost:{port}"
        yield line
