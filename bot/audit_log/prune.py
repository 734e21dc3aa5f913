"""Forgetting what is older than the retention: whole days only, and never anything younger, whatever is asked for."""

from datetime import UTC, date, datetime, time, timedelta

from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import moment_of, read


def prunable(log: LogDirectory, retention: timedelta, now: datetime) -> list[str]:
    """The days, from the oldest on, all of whose entries are older than the retention. The last day always stays."""
    found: list[str] = []
    for day in log.days()[:-1]:
        ended = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
        if ended + retention > now or _youngest(log, day) + retention > now or not _is_closed(log, day):
            break
        found.append(day)
    return found


def prune(log: LogDirectory, retention: timedelta, now: datetime) -> list[str]:
    """Remove their lines. Their checkpoints stay, so that what is left can be verified from there on."""
    days = prunable(log, retention, now)
    for day in days:
        log.remove_lines(day)
    return days


def _is_closed(log: LogDirectory, day: str) -> bool:
    """Whether verification could begin after it. Signatures are for `verify`; here it is there or it is not."""
    return any(f"\ncloses {day}\n" in note for note in log.notes(day))


def _youngest(log: LogDirectory, day: str) -> datetime:
    """An entry's own time counts: a day may hold some of the next one's."""
    return max((moment_of(read(line)) for line in log.lines(day)), default=datetime.min.replace(tzinfo=UTC))
