"""`make bench`: full Approve clicks per second, beside a bare handler, in one run on one server (fsync always).

A full click is what a person's second step is to the bot: token checked, groups and account read from Graph over https,
rules applied, state, audit, effects and click id stored in one script, and the person's own card drawn as the answer.
The bare handler verifies the same token and does one SET.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from benchmarks.clicks import activity, prepare
from benchmarks.load import Measured, send
from bot.store.embedded import embedded_server

ROOT = Path(__file__).parent.parent
BARE_PORT, BOT_PORT = 18081, 18082
CLICKS = {1: 300, 16: 1200, 64: 2400}
"""Connections, and how many clicks go over them in one round."""

ROUNDS = 3


async def main(rounds: int) -> None:
    """Measure in turns, so that what slows the machine down slows both down."""
    console = Console()
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-bench-")))
        redis_url = await stack.enter_async_context(embedded_server(directory / "redis"))
        public_url = f"https://localhost:{BOT_PORT}"
        site = await stack.enter_async_context(_neighbours(directory, public_url))
        environment = _environment(site, directory, redis_url)
        with console.status("Preparing requests to vote on…"):
            number = rounds * sum(CLICKS.values())
            waiting = await prepare(environment, json.dumps(site["policy"]), redis_url, site["channel"], number)
        key, audience = json.dumps(site["key"]), site["bot"]
        await stack.enter_async_context(
            _running("benchmarks.bare", key, audience, redis_url, str(BARE_PORT), environment=dict(os.environ))
        )
        await stack.enter_async_context(_running("bot", "serve", environment=environment, log=directory / "bot.log"))
        await _until_ready(directory / "bot.log")
        measured: dict[tuple[int, str], list[Measured]] = {}
        for turn in range(rounds):
            for connections, clicks in CLICKS.items():
                console.print(f"round {turn + 1} of {rounds}, {connections} connections", style="dim")
                bodies = [activity(site, next(waiting), index) for index in range(clicks)]
                for name, port in (("bare", BARE_PORT), ("countersign", BOT_PORT)):
                    url = f"http://127.0.0.1:{port}/api/messages"
                    one = await send(url, site["token"], bodies, connections, _GOOD[name])
                    measured.setdefault((connections, name), []).append(one)
        console.print(_report(measured))


def _report(measured: dict[tuple[int, str], list[Measured]]) -> Table:
    """Medians of all rounds."""
    table = Table("connections", "", "clicks/s", "p50 ms", "p99 ms", "of bare")
    for connections in CLICKS:
        bare = median(one.rate for one in measured[connections, "bare"])
        for name in ("bare", "countersign"):
            runs = measured[connections, name]
            rate = median(one.rate for one in runs)
            p50, p99 = median(one.p50 for one in runs), median(one.p99 for one in runs)
            table.add_row(str(connections), name, f"{rate:.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{rate / bare:.2f}")
    return table


def _is_vote(answer: dict[str, Any]) -> bool:
    return "1 of 2 approvals" in json.dumps(answer) and "You approved this" in json.dumps(answer)


_GOOD = {"bare": lambda answer: answer["statusCode"] == 200, "countersign": _is_vote}


def _environment(site: dict[str, Any], directory: Path, redis_url: str) -> dict[str, str]:
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
async def _neighbours(directory: Path, public_url: str) -> AsyncIterator[dict[str, Any]]:
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
async def _running(
    module: str, *arguments: str, environment: dict[str, str], log: Path | None = None
) -> AsyncIterator[None]:
    with (log or Path(os.devnull)).open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments), cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def _until_ready(log: Path) -> None:
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured; {ROUNDS} if not given")
    asyncio.run(main(parser.parse_args().rounds))
