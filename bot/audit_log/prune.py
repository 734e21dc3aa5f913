"""Removes entries older than the retention: whole days only, and never anything younger."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import moment_of, number_in, read
from bot.audit_log.retention import written


@dataclass(frozen=True, slots=True)
class Pruning:
    """The days whose lines are removed, their first and last entry numbers, and the retention used."""

    days: tuple[str, ...]
    first: int
    last: int
    retention: timedelta


def newest(log: LogDirectory, clock: datetime) -> datetime:
    """Return the present as the log proves it: its newest entry's time, but never later than the clock."""
    last = clock
    for day in log.days()[-1:]:
        last = max((moment_of(read(line)) for line in log.lines(day)), default=clock)
    return min(last, clock)


def prunable(log: LogDirectory, retention: timedelta, now: datetime) -> Pruning | None:
    """Return the oldest days, all of whose entries are older than the retention. The last day always stays."""
    found: list[str] = []
    for day in log.days()[:-1]:
        ended = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
        if ended + retention > now or _youngest(log, day) + retention > now or not _is_closed(log, day):
            break
        found.append(day)
    numbers = [number_in(line) or 0 for day in (found[:1] + found[-1:]) for line in log.lines(day)]
    return Pruning(tuple(found), min(numbers), max(numbers), retention) if numbers else None


def prune(log: LogDirectory, pruning: Pruning, at: datetime) -> None:
    """Remove these days' lines, after writing a record of it beside the log. Checkpoints and closing notes stay, so
    that the rest can be verified. The caller holds the directory's `writing`."""
    log.append_pruning(json.dumps({"at": at.isoformat(), **evidence_of(pruning)}))
    for day in pruning.days:
        log.remove_lines(day)


def evidence_of(pruning: Pruning) -> dict[str, str]:
    """Return the audit evidence of a pruning."""
    return {
        "days": f"{pruning.days[0]} to {pruning.days[-1]}",
        "entries": f"{pruning.first} to {pruning.last}",
        "retention": written(pruning.retention),
    }


def _is_closed(log: LogDirectory, day: str) -> bool:
    """Return whether verification could begin after this day. Only `verify` checks the note's signature."""
    return bool(log.closings(day))


def _youngest(log: LogDirectory, day: str) -> datetime:
    """Return the newest entry's own time: an entry from a clock that was ahead stays until it is old enough itself."""
    return max((moment_of(read(line)) for line in log.lines(day)), default=datetime.min.replace(tzinfo=UTC))
