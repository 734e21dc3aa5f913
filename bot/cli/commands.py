"""The program's commands, except those that only read the audit."""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from rich.console import Console
from rich.prompt import Confirm
from rich.text import Text

from approvals.lifting import Move, refuse_acceptance
from bot import logs
from bot.app import serve, serve_emergency
from bot.audit_log import retention
from bot.audit_log.directory import LogBusy, LogLost
from bot.audit_log.note import BadNote
from bot.audit_log.reading import LONGEST
from bot.check import key_files
from bot.check.finding import CheckResult, Mark
from bot.check.run import findings
from bot.cli import accepting, operators
from bot.cli import audit as cli
from bot.cli.operators import who_operates
from bot.config.environment import Settings, SettingsError, names_in_file, read
from bot.config.file import ConfigError
from bot.emergency import settings as emergency_settings
from bot.store.active import OtherSchema, Superseded
from bot.store.embedded import NoServer, ServerLost
from bot.store.fitness import Unfit
from cards.brakes import answer, brake_sentence
from cards.refusals import refusal_sentence
from cards.text import plain
from handlers.ports.errors import PortError

log = structlog.get_logger(__name__)

_STYLES = {Mark.GOOD: "green", Mark.DOUBTFUL: "yellow", Mark.WRONG: "bold red"}
_CANNOT = (
    *(ConfigError, SettingsError, NoServer, ServerLost, Unfit, OtherSchema, Superseded),
    *(PortError, OSError, ValueError, LogLost, LogBusy, BadNote),
)


def run(given: argparse.Namespace) -> int:
    """Run a command and return its exit status: 0 if it served until told to stop, found nothing wrong, or was done."""
    return _COMMANDS[given.command](given)


def _serve(*, adopt: bool) -> int:
    try:
        if held := emergency_settings.refuse_emergency_credential([*os.environ, *names_in_file()]):
            raise SettingsError((held,))
        settings = read()
        logs.configure(settings.log_level)
        _judge(list(key_files.of_bot(settings)))
        asyncio.run(serve(settings, who_operates() if adopt else None))
    except _CANNOT as error:
        _complain(error)
        return 1
    return 0


def _emergency() -> int:
    try:
        settings = emergency_settings.read()
        logs.configure("INFO")
        _judge(list(key_files.of_emergency(settings)))
        asyncio.run(serve_emergency(settings))
    except _CANNOT as error:
        _complain(error, emergency=True)
        return 1
    return 0


def _judge(files: Sequence[key_files.NamedFile]) -> None:
    """Refuse unusable files; log certificates that are not valid now or expire soon."""
    key_files.refuse_bad_files(files)
    for finding in key_files.times(files, datetime.now(UTC)):  # noqa: TID251  there is no store yet
        log.warning("certificate_out_of_time", what=finding.what, do=finding.advice)


def _operate(command: Callable[[Settings], Awaitable[int]], not_done: int = 1) -> int:
    async def operate() -> int:
        return await command(read())

    try:
        return asyncio.run(operate())
    except _CANNOT as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"Not done: {error}", style="bold red"))
        return not_done


async def _moved(moving: Awaitable[Move]) -> int:
    """Print what happened to a brake; nothing happening is a failure."""
    moved = await moving
    return _told(moved, answer(moved))


def _told(moved: Move, sentences: str) -> int:
    Console(soft_wrap=True).print(Text(refusal_sentence(moved.refusal) if moved.refusal else sentences))
    return 1 if moved.refusal else 0


async def _agreed(question: str) -> bool:
    """Ask the operator; without somebody to answer, the answer is no."""
    try:
        return await asyncio.to_thread(Confirm.ask, question, default=False)
    except EOFError:
        return False


async def _brakes(settings: Settings) -> int:
    console, on = Console(soft_wrap=True), await operators.brakes(settings)
    for brake in on:
        console.print(
            Text.assemble((brake.name, "bold red"), f"  since {brake.at:%Y-%m-%d %H:%M} UTC  {brake_sentence(brake)}")
        )
    console.print(Text("No other brake is on." if on else "No brake is on.", style="dim"))
    return 0


async def _store(settings: Settings, given: argparse.Namespace) -> int:
    """Show what the store holds. To accept it, explain what that does and ask first."""
    console, found = Console(soft_wrap=True), await operators.store_found(settings)
    for line in found.lines():
        console.print(Text(plain(line, LONGEST)))
    if given.what == "show":
        return 0
    if refusal := refuse_acceptance(found.brakes, given.why, ledger=found.ledger is not None):
        console.print(Text(refusal_sentence(refusal)))
        return 1
    console.print(Text(accepting.WHAT_IT_DOES, style="yellow"))
    if not (given.yes or await _agreed("Accept the store?")):
        console.print("Nothing was changed.")
        return 1
    accepted = await operators.accept_store(settings, found, who_operates(), given.why)
    return _told(accepted.move, accepted.line())


async def _review(settings: Settings, request_id: str, why: str, people: list[str]) -> int:
    opened = await operators.open_review(settings, request_id, why, people)
    console = Console(soft_wrap=True)
    console.print("The review is open. Its card is posted now." if opened else f"There is no request {request_id}.")
    return 0 if opened else 1


async def _reconcile(settings: Settings, since: datetime) -> int:
    console = Console(soft_wrap=True)
    found = await operators.reconcile(settings, since)
    for sentences, style in ((found.unclear, "dim"), (found.unseen, "yellow")):
        for sentence in sentences:
            console.print(Text(plain(sentence, LONGEST), style=style))
    console.print(f"Missing from our audit: {len(found.unseen)} approvals. Not comparable: {len(found.unclear)}.")
    return 1 if found.unseen else 2 if found.unclear else 0


async def _rejoin(settings: Settings, why: str) -> int:
    Console(soft_wrap=True).print(await operators.rejoin(settings, why))
    return 0


async def _confirm_retention(settings: Settings, period: timedelta, *, yes: bool) -> int:
    """Show what it means, ask, and confirm it."""
    console, (held, until) = Console(soft_wrap=True), await operators.refuse_retention(settings, period)
    before = f"promised so far: {retention.written(held) if held else 'nothing'}"
    console.print(
        f"Entries will be kept for {retention.written(period)} ({before}), today's entries until {until:%Y-%m-%d}. "
        "This period can never be shortened."
    )
    if not (yes or await _agreed("Confirm this retention?")):
        return 0
    await operators.confirm_retention(settings, held, period)
    console.print("Confirmed. The new retention applies as soon as this is sealed, within a few minutes.")
    return 0


def _complain(error: Exception, *, emergency: bool = False) -> None:
    """Print the error in sentences, and where to read on: `check` does not check the emergency process."""
    console = Console(stderr=True, soft_wrap=True)
    what = "continue" if isinstance(error, ServerLost) else "start"
    console.print(Text(f"Countersign cannot {what}:", style="bold red"))
    for line in str(error).splitlines():
        console.print(Text(f"  {line}"))
    if emergency or emergency_settings.CREDENTIAL in str(error).upper():
        console.print(Text("See docs/emergencies.md for the setup of the emergency process."))
    else:
        console.print(Text("Run `python -m bot check` to see what to do."))


async def _check() -> int:
    """Print every finding. Whatever the setup contains, this ends with a sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8 has no check marks
    console = Console(soft_wrap=True)
    worst = Mark.GOOD
    try:
        with console.status("Checking the setup…"):
            async for finding in findings():
                _show(console, finding)
                worst = finding.mark if finding.mark is Mark.WRONG or worst is Mark.GOOD else worst
    except Exception as error:  # noqa: BLE001  whoever checks a setup wants to read what is wrong with it
        what = f"The check cannot go on: {error} ({type(error).__name__})"
        _show(console, CheckResult(Mark.WRONG, what, "Correct the setting that this names, and check again."))
        worst = Mark.WRONG
    return 1 if worst is Mark.WRONG else 0


def _show(console: Console, finding: CheckResult) -> None:
    console.print(Text.assemble((finding.mark.value, _STYLES[finding.mark]), f" {finding.what}"))
    if finding.advice:
        console.print(Text(f"  → {finding.advice}", style="dim"))


def _audit(given: argparse.Namespace) -> int:
    """Run the subcommands that need the store."""
    if given.way == "reconcile":
        return _operate(lambda settings: _reconcile(settings, given.since), cli.NOT_DONE)
    if given.way == "retention":
        return _operate(lambda settings: _confirm_retention(settings, given.period, yes=given.yes), cli.NOT_DONE)
    return _operate(lambda settings: _rejoin(settings, given.why), cli.NOT_DONE)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": lambda given: _serve(adopt=given.adopt),
    "check": lambda _: asyncio.run(_check()),
    "emergency": lambda _: _emergency(),
    "audit": _audit,
    "review": lambda given: _operate(lambda settings: _review(settings, given.id, given.why, given.person)),
    "pause": lambda given: _operate(lambda at: _moved(operators.pause(at, who_operates(), given.reason))),
    "resume": lambda _: _operate(lambda at: _moved(operators.resume(at, who_operates()))),
    "unlock": lambda given: _operate(lambda at: _moved(operators.unlock(at, who_operates(), given.name))),
    "brakes": lambda _: _operate(_brakes),
    "store": lambda given: _operate(lambda settings: _store(settings, given)),
}
