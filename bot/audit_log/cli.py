"""`python -m bot audit …`: verify, export and read the sealed log, prune what is too old, make a key."""

import argparse
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.prompt import Confirm
from rich.text import Text

from bot.audit_log.directory import Busy, LogDirectory
from bot.audit_log.keys import PUBLIC, make_key, read_verifiers
from bot.audit_log.note import BadNote, unpacked
from bot.audit_log.prune import prunable, prune
from bot.audit_log.reading import Wanted, entries, story, write_csv, write_json
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.config import load
from bot.settings import PREFIX

LOG = Path(".state/audit")
KEY = Path(".state/audit-key.pub")

_DURATION = TypeAdapter(timedelta)

_STYLES = {Result.GOOD: "green", Result.TAMPERED: "bold red", Result.INCOMPLETE: "yellow"}
_MARKS = {Result.GOOD: "✔", Result.TAMPERED: "✘", Result.INCOMPLETE: "!"}


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command `audit` and what stands behind it."""
    audit = commands.add_parser("audit", help="verify, export and read the sealed audit")
    ways = audit.add_subparsers(dest="way", required=True)
    check = _way(ways, "verify", "whether it is what was sealed; status 0: it is, 1: tampered with, 2: incomplete")
    check.add_argument("--key", type=Path, default=KEY, help="the public key, or several, one in each line")
    check.add_argument("--checkpoint", type=Path, action="append", default=[], help="one that was kept elsewhere")
    check.add_argument(
        "--retention", type=_DURATION.validate_python, default="P2555D", help="older entries may be gone; ISO 8601"
    )
    export = _way(ways, "export", "write entries as JSON lines or as a table")
    export.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    export.add_argument("--output", type=Path, help="a file; else they go to standard output")
    for name, text in (("since", "from this moment on"), ("until", "before this moment")):
        export.add_argument(f"--{name}", type=_moment, help=f"{text}, as 2026-11-23 or 2026-11-23T08:00; UTC")
    export.add_argument("--request", default="", help="of one request")
    export.add_argument("--person", default="", help="by an object id, or a part of a name")
    export.add_argument("--operation", default="", help="of requests of an operation, by a part of its name")
    show = _way(ways, "show", "tell the story of one request")
    show.add_argument("id", help="the request's id, as on its card")
    old = _way(ways, "prune", "remove days that are older than the configuration's auditLogRetention")
    old.add_argument("--config", type=Path, default=Path("config/approvals.json"))
    old.add_argument("--yes", action="store_true", help="do not ask")
    compare = ways.add_parser("reconcile", help="report approvals in Intune's own audit that the bot never saw")
    compare.add_argument(
        "--since", type=_moment, required=True, help="as 2026-11-23; Intune keeps its audit for a year"
    )
    key = ways.add_parser("key", help="make a key pair: the private half here, the public half beside it")
    key.add_argument("file", type=Path)
    key.add_argument("--name", required=True, help="the name that stands before signatures: the bot's host")


def run(given: argparse.Namespace) -> int:
    """The exit status. What cannot be read is told in a sentence, with status 2."""
    try:
        return _WAYS[given.way](given)
    except (OSError, BadNote, Busy, ValueError) as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"Not done: {error}", style="bold red"))
        return int(Result.INCOMPLETE)


def _way(ways: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    parser = ways.add_parser(name, help=text)
    parser.add_argument("--log", type=Path, default=LOG, help="the log's directory")
    return parser


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _log(given: argparse.Namespace) -> LogDirectory:
    if not given.log.is_dir():
        raise ValueError(f"there is no log in {given.log}")
    return LogDirectory(given.log)


def _verify(given: argparse.Namespace) -> int:
    log, keys = _log(given), read_verifiers(given.key)
    outside = [unpacked(path.read_bytes()) for path in given.checkpoint]
    kept_since = datetime.now(UTC) - given.retention  # noqa: TID251  an auditor's own moment
    console = Console(soft_wrap=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading entries", total=None)
        verdict = verify(
            log, keys, outside, lambda read, of: progress.update(task, completed=read, total=of), kept_since
        )
    console.print(Text.assemble((_MARKS[verdict.result], _STYLES[verdict.result]), f" {verdict.sentence}"))
    if verdict.entry is not None:
        console.print(Text(f"  The first entry that is wrong: {verdict.entry}", style="dim"))
    return int(verdict.result)


def _export(given: argparse.Namespace) -> int:
    wanted = Wanted(given.since, given.until, given.request, given.person, given.operation)
    write = write_csv if given.format == "csv" else write_json
    with given.output.open("w", encoding="utf-8", newline="") if given.output else nullcontext(sys.stdout) as file:
        count = write(entries(_log(given), wanted), file)
    Console(stderr=True).print(f"{count} entries")
    return 0


def _show(given: argparse.Namespace) -> int:
    console = Console(soft_wrap=True)
    lines = list(story(entries(_log(given), Wanted(request=given.id))))
    for line in lines:
        console.print(Text(line))
    if not lines:
        console.print(Text(f"The log says nothing of {given.id}.", style="yellow"))
    return 0 if lines else int(Result.INCOMPLETE)


def _prune(given: argparse.Namespace) -> int:
    console, log = Console(soft_wrap=True), _log(given)
    emergency = load(given.config).emergency_access
    if emergency is None:
        raise ValueError("the configuration names no auditLogRetention, so nothing may be removed")
    retention, now = emergency.audit_log_retention, datetime.now(UTC)  # noqa: TID251  an operator's own moment
    days = prunable(log, retention, now)
    if not days:
        console.print(f"Nothing is older than {retention.days} days.")
        return 0
    console.print(f"{len(days)} days, {days[0]} to {days[-1]}, are older than {retention.days} days.")
    if not (given.yes or Confirm.ask("Remove their entries?", default=False)):
        return 0
    with log.writing():
        console.print(f"Removed {len(prune(log, retention, now))} days. Their checkpoints stay.")
    return 0


def _key(given: argparse.Namespace) -> int:
    verifier = make_key(given.file, given.name)
    console = Console(soft_wrap=True)
    console.print(f"Made {given.file} and {given.file.with_suffix(PUBLIC)}. Set {PREFIX}AUDIT_KEY to the first one.")
    console.print(Text(verifier.text(), style="dim"))
    return 0


_WAYS: dict[str, Callable[[argparse.Namespace], int]] = {
    "verify": _verify,
    "export": _export,
    "show": _show,
    "prune": _prune,
    "key": _key,
}
