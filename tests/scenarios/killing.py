"""Kills a bot at a named moment. Every call of the bot to the outside passes through here and is counted."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis

from bot.store import scripts
from bot.store.scripts import LuaScript
from simulator.clock import Clock

SCRIPTS = {script.sha: name.lower() for name, script in vars(scripts).items() if isinstance(script, LuaScript)}
"""The names of the store's scripts, by the hash under which a server knows them."""


@dataclass(frozen=True)
class Moment:
    """The n-th time that a certain call passes in a step of the story.

    `what` is "<service> asked" (the bot has sent the call, and it never arrives) or "<service> answered" (the call was
    carried out, and the answer never arrives). The services are redis, graph, teams and entra. `about` is the store's
    script or command, or a part of the address.
    """

    step: str
    what: str
    about: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.step}: {self.what} {self.about} {self.number}"

    @property
    def kind(self) -> str:
        """What passes, without the step."""
        return f"{self.what} {self.about}"


class Killed(Exception):
    """The bot was killed, as planned."""


@dataclass
class Watcher:
    """Counts the calls that pass, and kills the bot at the moment. Without a `pid` no bot is watched."""

    moment: Moment
    step: str = ""
    pid: int = 0
    struck: bool = False
    passed: Counter[str] = field(default_factory=Counter)

    def pass_by(self, what: str, about: str) -> None:
        """Count a call. Raise `Killed` if this is the moment, or if the bot is already dead: a dead bot neither sends
        nor receives."""
        if self.struck:
            raise Killed
        if self.step != self.moment.step:
            return
        self.passed[f"{what} {about}"] += 1
        if what == self.moment.what and self.moment.about in about:
            self.passed["met"] += 1
        if self.passed["met"] == self.moment.number:
            self.struck = True
            os.kill(self.pid, signal.SIGKILL)
            raise Killed

    def end(self) -> None:
        """Kill the bot if it still lives, for example because the moment never came. From now on no bot is watched."""
        if self.pid and not self.struck:
            os.kill(self.pid, signal.SIGKILL)
        self.pid = 0

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        """Count the calls that the tenant's services report."""
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
    """Open a way to the store on which the watcher sees every command and every answer, and yield its address."""
    server = redis_url.removeprefix("unix://")
    path = str(directory / "watched.sock")
    await _teach(redis_url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(server)
        waiting: list[str] = []
        ways = {
            asyncio.create_task(_pass_commands(reader, back, watcher, waiting)),
            asyncio.create_task(_pass_answers(there, writer, watcher, waiting)),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, back):
            end.close()

    async with await asyncio.start_unix_server(serve, path):
        yield f"unix://{path}"


@asynccontextmanager
async def telling_time(clock: Clock, directory: Path) -> AsyncIterator[str]:
    """Serve the tenant's time to another process, and yield the path of the socket.

    Each line holds seconds. That much time passes, in whole milliseconds, and the answer is the new time.
    """
    path = str(directory / "time.sock")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while seconds := await reader.readline():
                clock.advance(timedelta(milliseconds=ceil(float(seconds) * 1000)))
                writer.write(f"{clock.now().isoformat()}\n".encode())
        writer.close()

    async with await asyncio.start_unix_server(serve, path):
        yield path


async def _teach(redis_url: str) -> None:
    """Load every script into the server, so that each call of a script is one command from the first time on."""
    async with Redis.from_url(redis_url) as redis:
        for script in vars(scripts).values():
            if isinstance(script, LuaScript):
                await redis.script_load(script.source)


async def _pass_commands(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watcher: Watcher, waiting: list[str]
) -> None:
    with suppress(Killed, ConnectionError, asyncio.IncompleteReadError):
        while True:
            raw, words = await _command(reader)
            name = SCRIPTS.get(words[1].decode(), "") if words[0] == b"EVALSHA" else words[0].decode().lower()
            watcher.pass_by("redis asked", name)
            waiting.append(name)
            writer.write(raw)


async def _pass_answers(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watcher: Watcher, waiting: list[str]
) -> None:
    """Pass on answers, and count each by its first piece. An answer may come in several pieces, and the answers to a
    greeting in one."""
    with suppress(Killed, ConnectionError):
        while data := await reader.read(2**20):
            if waiting:
                watcher.pass_by("redis answered", waiting[-1])
                waiting.clear()
            writer.write(data)


async def _command(reader: asyncio.StreamReader) -> tuple[bytes, list[bytes]]:
    """Read one command, and return its bytes and its words. On the wire it is an array of strings, each after its
    length."""
    head = await reader.readuntil(b"\r\n")
    raw, words = bytearray(head), list[bytes]()
    for _ in range(int(head[1:])):
        length = await reader.readuntil(b"\r\n")
        word = await reader.readexactly(int(length[1:]) + 2)
        raw += length + word
        words.append(word[:-2])
    return bytes(raw), words
