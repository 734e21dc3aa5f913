"""The real bot as a process that can be killed, and that does its rounds when it is told to.

One interpreter does the imports; for every line of standard input it forks a fresh bot, which answers on the same pipes
until it is killed or its input says "end". Lines are JSON on the way in, words on the way out.
"""

import asyncio
import json
import os
import ssl
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot import jobs, logs
from bot.app import Work, application
from bot.config import parse
from bot.settings import read
from bot.wiring import Timing, assembled
from handlers.poll import poll
from handlers.ports import PortError


class FileClock:
    """The port `Clock`, read from a file that the tenant writes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text(encoding="utf-8"))


async def live(told: dict[str, Any]) -> None:
    """Serve, and do what the lines of standard input say."""
    os.environ.update(told["environment"])
    settings = read()
    timing = Timing(FileClock(Path(told["clock"])), time.monotonic, asyncio.sleep)
    async with assembled(settings, parse(told["policy"]), told["redis_url"], timing) as bot:
        runner = web.AppRunner(application(bot, Work(bot)), access_log=None)
        await runner.setup()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(told["tls_file"])
        await web.TCPSite(runner, "127.0.0.1", told["port"], ssl_context=tls).start()
        _say("ready")
        while (command := await asyncio.to_thread(sys.stdin.readline)).strip() != "end":
            try:
                await _do(command.strip(), bot.desk)
            except PortError as error:
                sys.stderr.write(f"{error}\n")
            _say("done")
        await runner.cleanup()


async def _do(command: str, desk: Any) -> None:
    if command == "poll":
        await poll(desk)
    else:
        while await jobs.do_due(desk):
            pass


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Fork a bot per line, and say when it has ended."""
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
