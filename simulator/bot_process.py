"""The product as a separate process, configured by its environment."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from simulator.tenant import Tenant

ROOT = Path(__file__).parent.parent

START_SECONDS = 60.0
"""Enough for a cold start on a slow machine: imports, the embedded server, the first tokens."""

STOP_SECONDS = 30.0


class DidNotStart(Exception):
    """The bot ended or never became ready; the message contains the end of its log."""


@dataclass(frozen=True)
class BotProcess:
    """The bot's address and its log file."""

    url: str
    log: Path


@asynccontextmanager
async def running_bot(
    tenant: Tenant, directory: Path, differently: Mapping[str, str] | None = None, /, **ours: Any
) -> AsyncIterator[BotProcess]:
    """Run `python -m bot serve` with an embedded server in `directory` until the block ends.

    `ours` are settings of its configuration file, `differently` overrides environment variables. It runs in that
    directory because no `.env` of a real bot is there.
    """
    port = _free_port()
    url = f"https://localhost:{port}"
    config = directory / "approvals.json"
    config.write_text(json.dumps(tenant.policy(**ours), indent=2), encoding="utf-8")
    environment = tenant.environment(directory / "ca.pem", url) | {
        "COUNTERSIGN_PORT": str(port),
        "COUNTERSIGN_CONFIG": str(config),
        "COUNTERSIGN_STATE_DIR": str(directory / "state"),
        "COUNTERSIGN_TLS_FILE": str(tenant.authority.write_server(directory / "bot.pem")),
        **(differently or {}),
    }
    bot = BotProcess(url, directory / "bot.log")
    with bot.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            cwd=directory,
            env=_without_ours(os.environ) | environment | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        await _ready(tenant.session, process, bot)
        tenant.teams.messages_url = f"{url}/api/messages"
        yield bot
    finally:
        await _stop(process)


async def _ready(session: aiohttp.ClientSession, process: asyncio.subprocess.Process, bot: BotProcess) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(session, f"{bot.url}/readyz"):
                if process.returncode is not None:
                    raise DidNotStart(f"the bot ended at once:\n{_last_lines(bot.log)}")
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise DidNotStart(f"the bot was not ready in time:\n{_last_lines(bot.log)}") from None


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _without_ours(environment: Any) -> dict[str, str]:
    """Return the environment without the settings of a real bot on this machine."""
    return {name: value for name, value in environment.items() if not name.startswith("COUNTERSIGN_")}


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
