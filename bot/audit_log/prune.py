"""Forgetting what is older than the retention: whole days only, and never anything younger, whatever is asked for."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import moment_of, number_in, read
from bot.audit_log.retention import written


@dataclass(frozen=True, slots=True)
class Pruning:
    """Which days' lines are removed, the first and the last number of their entries, and by which retention."""

    days: tuple[str, ...]
    first: int
    last: int
    retention: timedelta


def newest(log: LogDirectory, clock: datetime) -> datetime:
    """The present, as the log itself proves it: its newest entry's time, and never later than the clock."""
    last = clock
    for day in log.days()[-1:]:
        last = max((moment_of(read(line)) for line in log.lines(day)), default=clock)
    return min(last, clock)


def prunable(log: LogDirectory, retention: timedelta, now: datetime) -> Pruning | None:
    """The days, from the oldest on, all of whose entries are older than the retention. The last day always stays."""
    found: list[str] = []
    for day in log.days()[:-1]:
        ended = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
        if ended + retention > now or _youngest(log, day) + retention > now or not _is_closed(log, day):
            break
        found.append(day)
    numbers = [number_in(line) or 0 for day in (found[:1] + found[-1:]) for line in log.lines(day)]
    return Pruning(tuple(found), min(numbers), max(numbers), retention) if numbers else None


def prune(log: LogDirectory, pruning: Pruning, at: datetime) -> None:
    """Remove these days' lines, after a record of it stands beside the log. Their checkpoints stay, and what closes
    them, so that what is left can be verified from there on. The caller holds the directory's `writing`."""
    log.append_pruning(json.dumps({"at": at.isoformat(), **evidence_of(pruning)}))
    for day in pruning.days:
        log.remove_lines(day)


def evidence_of(pruning: Pruning) -> dict[str, str]:
    """What is recorded of it."""
    return {
        "days": f"{pruning.days[0]} to {pruning.days[-1]}",
        "entries": f"{pruning.first} to {pruning.last}",
        "retention": written(pruning.retention),
    }


def _is_closed(log: LogDirectory, day: str) -> bool:
    """Whether verification could begin after it. Signatures are for `verify`; here it is there or it is not."""
    return bool(log.closings(day))


def _youngest(log: LogDirectory, day: str) -> datetime:
    """An entry's own time counts: one whose clock was ahead stays until it is old enough itself."""
    return max((moment_of(read(line)) for line in log.lines(day)), default=datetime.min.replace(tzinfo=UTC))
