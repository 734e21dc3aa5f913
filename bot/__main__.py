"""`python -m bot serve` runs the bot; `python -m bot check` tells what is wrong with its set-up."""

import argparse
import asyncio
import sys

from rich.console import Console
from rich.text import Text

from bot import logs
from bot.app import serve
from bot.check import Finding, Mark, findings
from bot.config import ConfigError
from bot.settings import SettingsError, read
from bot.store.embedded import NoServer
from bot.store.fitness import Unfit
from handlers.ports import PortError

_STYLES = {Mark.GOOD: "green", Mark.DOUBTFUL: "yellow", Mark.WRONG: "bold red"}
_CANNOT_START = (ConfigError, SettingsError, NoServer, Unfit, PortError, OSError, ValueError)


def main() -> int:
    """The exit status: 0 if it served until told to stop, or found nothing wrong."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="Approve Intune requests from Microsoft Teams.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the bot until it is told to stop (Ctrl-C, SIGTERM)")
    commands.add_parser("check", help="tell what is wrong with settings, configuration, credentials, groups and Redis")
    command = parser.parse_args().command
    return asyncio.run(_check()) if command == "check" else _serve()


def _serve() -> int:
    try:
        settings = read()
        logs.configure(settings.log_level)
        asyncio.run(serve(settings))
    except _CANNOT_START as error:
        _complain(error)
        return 1
    return 0


def _complain(error: Exception) -> None:
    """In sentences for the person who started it; `check` tells what to do."""
    console = Console(stderr=True, soft_wrap=True)
    console.print(Text("Countersign cannot start:", style="bold red"))
    for line in str(error).splitlines():
        console.print(Text(f"  {line}"))
    console.print(Text("`python -m bot check` tells what to do about it."))


async def _check() -> int:
    console = Console(soft_wrap=True)
    worst = Mark.GOOD
    with console.status("Looking at the set-up…"):
        async for finding in findings():
            _show(console, finding)
            worst = finding.mark if finding.mark is Mark.WRONG or worst is Mark.GOOD else worst
    return 1 if worst is Mark.WRONG else 0


def _show(console: Console, finding: Finding) -> None:
    console.print(Text.assemble((finding.mark.value, _STYLES[finding.mark]), f" {finding.what}"))
    if finding.advice:
        console.print(Text(f"  → {finding.advice}", style="dim"))


if __name__ == "__main__":
    sys.exit(main())
