"""Killing a bot at a named moment: everything that it says to the world passes here, and is counted."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Moment:
    """The n-th time that something passes in a step of the story.

    `what` is "<service> asked" (the bot has sent it, and it never arrives) or "<service> answered" (it was done, and
    the answer never arrives); services are redis, graph, teams and entra. `about` is part of the address, if given.
    """

    step: str
    what: str
    number: int = 1
    about: str = ""

    def __str__(self) -> str:
        return f"{self.step}: {self.what} {self.number}{f' ({self.about})' if self.about else ''}"


class Killed(Exception):
    """The bot is dead, as planned."""


@dataclass
class Watcher:
    """Counts what passes, and kills the bot at the moment."""

    moment: Moment
    step: str = ""
    pid: int = 0
    struck: bool = False
    passed: Counter[str] = field(default_factory=Counter)

    def pass_by(self, what: str, about: str = "") -> None:
        """Raises `Killed` if this is the moment, or if it has been: a dead bot says nothing and hears nothing."""
        if self.struck:
            raise Killed
        if self.step != self.moment.step or what != self.moment.what or self.moment.about not in about:
            return
        self.passed[what] += 1
        if self.passed[what] == self.moment.number:
            self.struck = True
            os.kill(self.pid, signal.SIGKILL)
            raise Killed

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        """What the tenant's services tell of their calls."""
        about = f"{request.method} {request.path}"
        try:
            if self.pid:
                self.pass_by(f"{service} asked", about)
            yield
            if self.pid:
                self.pass_by(f"{service} answered", about)
        except Killed:
            raise web.HTTPServiceUnavailable from None


@asynccontextmanager
async def between(watcher: Watcher, redis_url: str, directory: Path) -> AsyncIterator[str]:
    """A way to the store on which the watcher sees every command and every answer; yields its address."""
    server = redis_url.removeprefix("unix://")
    path = str(directory / "watched.sock")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_unix_connection(server)
        there = asyncio.create_task(_pass_on(reader, onward_writer, watcher, "redis asked"))
        back = asyncio.create_task(_pass_on(onward_reader, writer, watcher, "redis answered"))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        for way in (there, back):
            way.cancel()
        for end in (writer, onward_writer):
            end.close()

    async with await asyncio.start_unix_server(serve, path):
        yield f"unix://{path}"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watcher: Watcher, what: str) -> None:
    with suppress(Killed, ConnectionError):
        while data := await reader.read(2**20):
            watcher.pass_by(what)
            writer.write(data)
            await writer.drain()


class Nursery:
    """The interpreter that forks bots; see `mortal_bot`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.scenarios.mortal_bot"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._alive = False

    def close(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()

    async def bear(self, told: dict[str, Any]) -> int:
        """A fresh bot, ready to serve; its process id."""
        await self._write(json.dumps(told))
        word, _, pid = (await self._read()).partition(" ")
        assert word == "pid", word
        ready = await self._read()
        assert ready == "ready", ready
        self._alive = True
        return int(pid)

    async def tell(self, command: str) -> None:
        """Have the bot do something; `Killed` if it does not live to say that it is done."""
        await self._write(command)
        if await self._read() == "ended":
            raise Killed

    async def is_over(self) -> None:
        """Return when the bot has ended."""
        while self._alive:
            await self._read()

    async def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    async def _read(self) -> str:
        assert self._process.stdout is not None
        word = (await asyncio.to_thread(self._process.stdout.readline)).strip()
        self._alive = self._alive and word != "ended"
        return word
