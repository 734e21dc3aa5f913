"""The processes of a benchmark: the simulated tenant, and the measured program."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parent.parent
BOT_PORT = 18082


def environment_of(site: dict[str, Any], directory: Path, redis_url: str) -> dict[str, str]:
    """Return the bot's environment."""
    config = directory / "approvals.json"
    config.write_text(json.dumps(site["policy"]), encoding="utf-8")
    ours: dict[str, str] = site["environment"] | {
        "COUNTERSIGN_CONFIG": str(config),
        "COUNTERSIGN_REDIS_URL": redis_url,
        "COUNTERSIGN_SESSION_KEY": "x" * 32,
        "COUNTERSIGN_PORT": str(BOT_PORT),
        "COUNTERSIGN_LOG_LEVEL": "WARNING",
    }
    return dict(os.environ) | ours


@asynccontextmanager
async def neighbours(directory: Path, public_url: str) -> AsyncIterator[dict[str, Any]]:
    """Run the simulated tenant in a separate process, and yield its output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.neighbours", str(directory), public_url),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        site: dict[str, Any] = json.loads(await process.stdout.readline())
        yield site
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def running(
    module: str, *arguments: str, environment: dict[str, str], log: Path | None = None
) -> AsyncIterator[Process]:
    """Run one of our programs until the block ends."""
    with (log or Path(os.devnull)).open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments), cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def until_ready(log: Path) -> None:
    """Wait until the bot reports that it is ready. Raises `RuntimeError` with its log if it cannot start."""
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{BOT_PORT}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if "cannot start" in (said := await asyncio.to_thread(log.read_text)):
                raise RuntimeError(said)
            await asyncio.sleep(0.1)
