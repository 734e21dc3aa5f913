"""`python -m bot audit …`: verify, export and read the sealed log, prune old days, make a key."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from bot.audit_log.directory import LogBusy, LogDirectory
from bot.audit_log.keys import PUBLIC, make_key, read_verifiers
from bot.audit_log.note import BadNote, unpacked
from bot.audit_log.places import Places
from bot.audit_log.places import places as default_places
from bot.audit_log.reading import EntryFilter, entries, story, write_csv, write_json
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.cli.audit_prune import carry_out, planned
from bot.config.durations import duration
from bot.config.environment import PREFIX
from bot.config.file import ConfigError

WITH_STORE = frozenset({"reconcile", "rejoin", "retention"})
"""The subcommands that need the bot's settings and its store. The others use only files."""

NOT_DONE = 3
"""The exit status if a command could not be done. 1 and 2 are results about the log."""

_STYLES = {Result.GOOD: "green", Result.TAMPERED: "bold red", Result.INCOMPLETE: "yellow"}
_MARKS = {Result.GOOD: "✔", Result.TAMPERED: "✘", Result.INCOMPLETE: "!"}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with our own status: argparse's would say that the log is incomplete."""
        self.print_usage(sys.stderr)
        self.exit(NOT_DONE, f"{self.prog}: error: {message}\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Report unknown arguments as this subcommand's mistake, with its exit status."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, []


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command `audit` and its subcommands."""
    text = "verify, export and read the sealed audit"
    audit = commands.add_parser("audit", help=text, description=text)
    ways = audit.add_subparsers(dest="way", required=True, parser_class=_Parser)
    places = default_places()
    _add_verify(ways, places)
    _add_export(ways, places)
    show = _way(ways, places, "show", "show every entry about one request, oldest first")
    show.add_argument("id", help="the id of the request, as on its card")
    old = _way(ways, places, "prune", "remove days that are older than the promised retention")
    _add_key(old, places)
    old.add_argument("--config", type=Path, default=places.config, help="the configuration file (default %(default)s)")
    old.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    compare = _subcommand(ways, "reconcile", "report approvals in Intune's audit that the bot never saw")
    compare.add_argument(
        "--since", type=_moment, required=True, help="first day to compare, such as 2026-11-23; Intune keeps a year"
    )
    again = _subcommand(ways, "rejoin", "continue sealing at the end of the log, after Redis or the directory was lost")
    again.add_argument("--why", required=True, help="what happened; recorded in the log")
    _add_retention(ways)
    key = _subcommand(ways, "key", "create a private key, and beside it its public key (.pub)")
    key.add_argument("file", type=Path, help="the new file for the private key, such as audit-key.pem")
    key.add_argument("--name", required=True, help="the name of the key in signatures, such as the bot's host name")


def run(given: argparse.Namespace) -> int:
    """Run a subcommand and return its exit status. If it cannot be done, print the reason and return 3."""
    try:
        return _WAYS[given.way](given)
    except (OSError, BadNote, LogBusy, ValueError, ConfigError) as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"Not done: {error}", style="bold red"))
        return NOT_DONE


def _add_verify(ways: "argparse._SubParsersAction[_Parser]", places: Places) -> None:
    text = "check that the log is unchanged (exit status 0: intact, 1: tampered with, 2: incomplete, 3: not checked)"
    check = _way(ways, places, "verify", text)
    _add_key(check, places)
    check.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        help="a file with a checkpoint that was kept elsewhere (repeatable)",
    )
    check.add_argument(
        "--retention",
        type=_duration,
        default="P2555D",
        help="how long entries must be kept, as an ISO 8601 duration in days or weeks (default %(default)s)",
    )


def _add_export(ways: "argparse._SubParsersAction[_Parser]", places: Places) -> None:
    export = _way(ways, places, "export", "write entries as JSON lines or as CSV")
    export.add_argument(
        "--format", choices=["jsonl", "csv"], default="jsonl", help="output format (default %(default)s)"
    )
    export.add_argument("--output", type=Path, help="write to this file instead of standard output")
    for name, text in (("since", "only entries from this time on"), ("until", "only entries before this time")):
        export.add_argument(f"--{name}", type=_moment, help=f"{text}: 2026-11-23 or 2026-11-23T08:00, in UTC")
    export.add_argument("--request", default="", help="only entries about the request with this id")
    export.add_argument(
        "--person", default="", help="only entries by or about a person: an object id, or part of a name"
    )
    export.add_argument("--operation", default="", help="only requests of this operation: part of its name")


def _add_retention(ways: "argparse._SubParsersAction[_Parser]") -> None:
    text = "confirm an auditLogRetention that is longer than the promised one; it is never shortened again"
    parser = _subcommand(ways, "retention", text)
    parser.add_argument("what", choices=["confirm"], help="confirm the retention")
    parser.add_argument("period", type=_duration, help="the same period as in the configuration, such as P3650D")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _way(ways: "argparse._SubParsersAction[_Parser]", places: Places, name: str, text: str) -> argparse.ArgumentParser:
    parser = _subcommand(ways, name, text)
    parser.add_argument("--log", type=Path, default=places.log, help="the log's directory (default %(default)s)")
    return parser


def _subcommand(ways: "argparse._SubParsersAction[_Parser]", name: str, text: str) -> argparse.ArgumentParser:
    return ways.add_parser(name, help=text, description=text)


def _add_key(parser: argparse.ArgumentParser, places: Places) -> None:
    default = " and ".join(map(str, places.keys))
    text = f"a file with public keys, one per line (repeatable; default {default})"
    parser.add_argument("--key", type=Path, action="append", default=None, help=text.replace("%", "%%"))


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2026-11-23") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _duration(text: str) -> object:
    try:
        return duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _log(given: argparse.Namespace) -> LogDirectory:
    if not given.log.is_dir():
        raise ValueError(f"there is no log in {given.log}; name its directory with --log")
    return LogDirectory(given.log)


def _verify(given: argparse.Namespace) -> int:
    log = _log(given)
    keys = [key for path in given.key or Places().keys for key in read_verifiers(path)]
    outside = [_kept(path) for path in given.checkpoint]
    kept_since = datetime.now(UTC) - given.retention  # noqa: TID251  this host's clock
    console = Console(soft_wrap=True)
    with _progress() as told:
        verdict = verify(log, keys, outside, told, kept_since)
    console.print(Text.assemble((_MARKS[verdict.result], _STYLES[verdict.result]), f" {verdict.sentence}"))
    if verdict.entry is not None:
        console.print(Text(f"  The first entry that is wrong: {verdict.entry}", style="dim"))
    return int(verdict.result)


def _kept(path: Path) -> str:
    try:
        return unpacked(path.read_bytes())
    except BadNote as error:
        raise ValueError(f"{path}: {error}") from None


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Yield a callback that shows progress (done, total), on a terminal only."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading entries", total=None)
        yield lambda read, of: progress.update(task, completed=read, total=of or None)


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    """Open the export's destination. A file gets its name only when it is complete, and only its owner may read it."""
    if path is None:
        yield sys.stdout
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def _export(given: argparse.Namespace) -> int:
    log, console = _log(given), Console(stderr=True, soft_wrap=True)
    wanted = EntryFilter(given.since, given.until, given.request, given.person, given.operation)
    write = write_csv if given.format == "csv" else write_json
    with _output(given.output) as file, _progress() as told:
        count = write(entries(log, wanted, told), file)
    console.print("1 entry." if count == 1 else f"{count} entries.")
    console.print(Text("To check that these entries are unchanged, run `python -m bot audit verify`.", style="dim"))
    return 0


def _show(given: argparse.Namespace) -> int:
    console = Console(soft_wrap=True)
    lines = list(story(entries(_log(given), EntryFilter(request=given.id))))
    for line in lines:
        console.print(Text(line))
    if not lines:
        console.print(Text(f"The log has no entry about {given.id}.", style="yellow"))
    return 0 if lines else NOT_DONE


def _prune(given: argparse.Namespace) -> int:
    keys = [key for path in given.key or Places().keys for key in read_verifiers(path)]
    log = _log(given)
    with _progress() as told:
        plan = planned(log, keys, given.config, told)
    return carry_out(log, plan, yes=given.yes)


def _key(given: argparse.Namespace) -> int:
    verifier = make_key(given.file, given.name)
    console = Console(soft_wrap=True)
    console.print(f"Created {given.file} and {given.file.with_suffix(PUBLIC)}. Set {PREFIX}AUDIT_KEY to {given.file}.")
    console.print(Text(verifier.text(), style="dim"))
    return 0


_WAYS: dict[str, Callable[[argparse.Namespace], int]] = {
    "verify": _verify,
    "export": _export,
    "show": _show,
    "prune": _prune,
    "key": _key,
}
