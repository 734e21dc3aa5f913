"""`make bench`: full Approve clicks per second, beside a bare handler, in one run on one server (fsync always).

A full click is what a person's second step is to the bot: token checked, groups and account read from Graph over https,
rules applied, state, audit, effects and click id stored in one script, and the person's own card drawn as the answer.
The bare handler verifies the same token and does one SET.
"""

import argparse
import asyncio
import json
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.clicks import activity, prepare
from benchmarks.load import Measured, send
from benchmarks.processes import BOT_PORT, environment_of, neighbours, running, until_ready
from bot.store.embedded import embedded_server

BARE_PORT = 18081
CLICKS = {1: 300, 16: 1200, 64: 2400}
"""Number of connections, and how many clicks are sent over them in one round."""

ROUNDS = 3


async def main(rounds: int) -> None:
    """Measure both in turns, so that a slow machine affects both."""
    console = Console()
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-bench-")))
        redis_url = await stack.enter_async_context(embedded_server(directory / "redis"))
        public_url = f"https://localhost:{BOT_PORT}"
        site = await stack.enter_async_context(neighbours(directory, public_url))
        environment = environment_of(site, directory, redis_url)
        with console.status("Preparing requests to vote on…"):
            number = rounds * sum(CLICKS.values())
            waiting = await prepare(environment, json.dumps(site["policy"]), redis_url, site["channel"], number)
        key, audience = json.dumps(site["key"]), site["bot"]
        await stack.enter_async_context(
            running("benchmarks.bare", key, audience, redis_url, str(BARE_PORT), environment=dict(os.environ))
        )
        await stack.enter_async_context(running("bot", "serve", environment=environment, log=directory / "bot.log"))
        await until_ready(directory / "bot.log")
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
    """Tabulate the medians of all rounds."""
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured; {ROUNDS} if not given")
    asyncio.run(main(parser.parse_args().rounds))
