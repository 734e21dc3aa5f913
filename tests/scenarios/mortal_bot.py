"""The real bot as a process that can be killed, and that does its rounds when it is told to.

One interpreter does the imports. For every line of standard input it forks a fresh bot, which answers on the same pipes
until it is killed or reads "end". Input lines are JSON, answers are words.
"""

import asyncio
import json
import os
import socket
import ssl
import sys
from datetime import datetime
from typing import Any

from bot import logs
from bot.app import application
from bot.config.environment import read
from bot.config.file import parse
from bot.web.listener import listening_on
from bot.wiring.bot import (
    Bot,
    assembled,
)
from bot.wiring.neighbours import Timing
from handlers.ports.errors import PortError


class TenantTime:
    """The tenant's time, read from the tenant. A pause lets the time pass at once. It is also the port `Clock`."""

    def __init__(self, path: str) -> None:
        line = socket.socket(socket.AF_UNIX)
        line.connect(path)
        self._words = line.makefile("rw")

    def pass_by(self, seconds: float = 0.0) -> datetime:
        """Let so much time pass, and return the new time."""
        self._words.write(f"{seconds}\n")
        self._words.flush()
        return datetime.fromisoformat(self._words.readline().strip())

    async def now(self) -> datetime:
        return self.pass_by()

    def monotonic(self) -> float:
        """Return the tenant's time in seconds."""
        return self.pass_by().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Let the tenant's time pass, and return at once."""
        self.pass_by(seconds)


async def live(told: dict[str, Any]) -> None:
    """Serve, and carry out the commands on standard input."""
    os.environ.update(told["environment"])
    settings = read()
    time = TenantTime(told["time"])
    timing = Timing(time, time.monotonic, time.sleep)
    async with assembled(settings, parse(told["policy"]), told["redis_url"], timing) as bot:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(told["tls_file"])
        async with listening_on(application(bot), "127.0.0.1", told["port"], tls):
            _say("ready")
            while (command := await asyncio.to_thread(sys.stdin.readline)).strip() != "end":
                try:
                    await _do(command.strip(), bot)
                except PortError as error:
                    sys.stderr.write(f"{error}\n")
                _say("done")


async def _do(command: str, bot: Bot) -> None:
    if command == "poll":
        await bot.journeys.poll.poll()
    else:
        while await bot.worker.do_due():
            pass


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Fork a bot per line, and report when it has ended."""
    logs.configure("CRITICAL", to_terminal=False)
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            asyncio.run(live(json.loads(line)))
            os._exit(0)
        _say(f"pid {child}")
        os.waitpid(child, 0)
        _say("ended")


if __name__ == "__main__":
    main()
