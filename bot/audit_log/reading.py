"""Reading a log: entries that match, as lines, as a table, and as the story of one request."""

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
"""Of a line that is shown; an export has all of it."""

TOLD_EVERY = 20_000  # entries between two reports of progress

_OPERATION = ("operations", "act", "title")
"""Evidence of the first entries of a request that says what it is about."""

_FORMULA = re.compile(r"(^|[;,|])(\s*)(?=[=+@-])")

COLUMNS = (
    *("number", "at", "kind", "request", "who", "name", "identified"),
    *("before", "after", "why", "digest", "evidence"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: `person`, who did it or whom the evidence names, is an object id or a part of a name; `operation`
    is a part of what was asked about."""

    since: datetime | None = None
    until: datetime | None = None
    request: str = ""
    person: str = ""
    operation: str = ""


def entries(
    log: LogDirectory, wanted: Wanted, progress: Callable[[int, int], None] = lambda _read, _of: None
) -> Iterator[Fields]:
    """Every entry that matches, in order. `ValueError` for a line that cannot be read: verify the log first."""
    asked = _requests_about(log, wanted.operation) if wanted.operation else None
    # An entry never stands in a file of an earlier day than its own, but in a later one where a clock went back. Only
    # one whose clock was far ahead does: it is found by when it was sealed.
    first = wanted.since.astimezone(UTC).date().isoformat() if wanted.since else ""
    for day in (day for day in log.days() if day >= first):
        for line in log.lines(day):
            fields = read(line)
            if fields["number"] % TOLD_EVERY == 0:
                progress(fields["number"], 0)
            if _matches(fields, wanted) and (asked is None or fields["request"] in asked):
                yield fields


def write_json(found: Iterable[Fields], file: TextIO) -> int:
    """One JSON object in each line; how many."""
    count = 0
    for fields in found:
        file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(found: Iterable[Fields], file: TextIO) -> int:
    """A table with one row for each, for people and their spreadsheets; how many. Nothing in it is a formula, whatever
    the spreadsheet takes for the end of a cell, and each is one line without control characters."""
    table = csv.writer(file, quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    count = 0
    for fields in found:
        row = {**fields, "evidence": "; ".join(f"{key}={value}" for key, value in fields["evidence"].items())}
        table.writerow([_harmless(str(row[column])) for column in COLUMNS])
        count += 1
    return count


def story(found: Iterable[Fields]) -> Iterator[str]:
    """One line for each entry, as a manager reads it. What people typed cannot end it, or move a terminal's cursor."""
    for fields in found:
        yield f"{moment_of(fields):%Y-%m-%d %H:%M:%S} UTC  {plain(_said(fields), LONGEST)}"


def _said(fields: Fields) -> str:
    """In words; a log of many years meets kinds that this version has no words for."""
    try:
        return sentence(entry_of(fields))
    except ValueError:
        return " ".join(str(fields[name]) for name in ("name", "kind", "before", "after", "why") if fields[name])


def _matches(fields: Fields, wanted: Wanted) -> bool:
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
    """The requests whose first entries name this operation."""
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
