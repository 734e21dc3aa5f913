"""Reads a log: matching entries, as lines, as a table, and as the story of one request."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import entry_of, moment_of, read
from cards.text import plain
from cards.trail import sentence

Fields = Mapping[str, Any]

LONGEST = 4000
"""Characters of a line that is shown. An export is complete."""

TOLD_EVERY = 20_000  # entries between two reports of progress

_OPERATION = ("operations", "act", "title")
"""Evidence in a request's first entries that says what it is about."""

_FORMULA = re.compile(r"(^|[;,|])(\s*)(?=[=+@-])")

COLUMNS = (
    *("number", "at", "kind", "request", "who", "name", "identified"),
    *("before", "after", "why", "digest", "evidence"),
)


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """A filter for entries. `person` is an object id or part of a name, of the actor or of somebody in the evidence;
    `operation` is part of what was requested."""

    since: datetime | None = None
    until: datetime | None = None
    request: str = ""
    person: str = ""
    operation: str = ""


def entries(
    log: LogDirectory, wanted: EntryFilter, progress: Callable[[int, int], None] = lambda _read, _of: None
) -> Iterator[Fields]:
    """Yield every matching entry in order. Raises `ValueError` for an unreadable line: verify the log first."""
    asked = _requests_about(log, wanted.operation) if wanted.operation else None
    # An entry is never in the file of an earlier day than its own, but in a later one if a clock went back. The
    # exception is an entry whose clock was far ahead: it is found by the day of its sealing.
    first = wanted.since.astimezone(UTC).date().isoformat() if wanted.since else ""
    for day in (day for day in log.days() if day >= first):
        for line in log.lines(day):
            fields = read(line)
            if fields["number"] % TOLD_EVERY == 0:
                progress(fields["number"], 0)
            if _matches(fields, wanted) and (asked is None or fields["request"] in asked):
                yield fields


def write_json(found: Iterable[Fields], file: TextIO) -> int:
    """Write one JSON object per line; return how many."""
    count = 0
    for fields in found:
        file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(found: Iterable[Fields], file: TextIO) -> int:
    """Write a table with one row per entry, for spreadsheets; return how many. No cell is a formula, whichever
    separator the spreadsheet uses, and each is one line without control characters."""
    table = csv.writer(file, quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    count = 0
    for fields in found:
        row = {**fields, "evidence": "; ".join(f"{key}={value}" for key, value in fields["evidence"].items())}
        table.writerow([_harmless(str(row[column])) for column in COLUMNS])
        count += 1
    return count


def story(found: Iterable[Fields]) -> Iterator[str]:
    """Yield one readable line per entry. Text that people typed cannot start a new line or move a terminal's cursor."""
    for fields in found:
        yield f"{moment_of(fields):%Y-%m-%d %H:%M:%S} UTC  {plain(_said(fields), LONGEST)}"


def _said(fields: Fields) -> str:
    """Return the entry as a sentence, or its fields if this version does not know its kind."""
    try:
        return sentence(entry_of(fields))
    except ValueError:
        return " ".join(str(fields[name]) for name in ("name", "kind", "before", "after", "why") if fields[name])


def _matches(fields: Fields, wanted: EntryFilter) -> bool:
    at = moment_of(fields)
    return (
        (wanted.since is None or at >= wanted.since)
        and (wanted.until is None or at < wanted.until)
        and (not wanted.request or fields["request"] == wanted.request)
        and (not wanted.person or _is_by(fields, wanted.person.casefold()))
    )


def _is_by(fields: Fields, person: str) -> bool:
    named = (fields["name"], *fields["evidence"].values())
    return fields["who"].casefold() == person or any(person in name.casefold() for name in named)


def _requests_about(log: LogDirectory, operation: str) -> set[str]:
    """Return the requests whose first entries name this operation."""
    wanted, found = operation.casefold(), set[str]()
    for day in log.days():
        for line in log.lines(day):
            fields = read(line)
            said = " ".join(fields["evidence"].get(name, "") for name in _OPERATION)
            if fields["kind"] in ("picked-up", "asked") and wanted in said.casefold():
                found.add(fields["request"])
    return found


def _harmless(text: str) -> str:
    return _FORMULA.sub(r"\1\2'", plain(text, len(text) + 1))
