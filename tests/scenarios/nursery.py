"""Starts the bots that will be killed. It is the other end of `mortal_bot`'s pipes."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.scenarios.killing import Killed

ROOT = Path(__file__).parent.parent.parent


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
        """End the interpreter."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()

    async def bear(self, told: dict[str, Any]) -> int:
        """Start a fresh bot that is ready to serve, and return its process id."""
        await self._write(json.dumps(told))
        word, _, pid = (await self._read()).partition(" ")
        assert word == "pid", word
        ready = await self._read()
        assert ready == "ready", ready
        self._alive = True
        return int(pid)

    async def tell(self, command: str) -> None:
        """Give the bot a command, and wait until it is done. Raise `Killed` if the bot dies first."""
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
