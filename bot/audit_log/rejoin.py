"""Continues a log after Redis or the directory was lost or restored.

Entries in the log are not sealed again, whatever numbers the store gives them. Entries that only the store has follow.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from approvals.audit import AuditEntry
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.entries import line_of, number_in, previous_in
from bot.audit_log.note import BadNote, Verifier, opened
from bot.audit_log.resume import (
    Numbered,
    resume,
)
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.store.sealed import Sealed

_WHATEVER_IS_PRUNED = datetime.max.replace(tzinfo=UTC)


def end_of(log: LogDirectory, verifiers: Sequence[Verifier]) -> Sealed:
    """Return the end of a log; its beginning if the directory is empty. Raises `LogLost` unless all of it verifies.
    Removes unsigned lines."""
    if not (log.days() or log.noted_days()):
        return Sealed()
    try:
        *earlier, day = log.noted_days()
        note = log.notes(day)[-1]
        # Nobody knows what was sent. The last day's checkpoint, sent again, also covers all earlier days.
        known = Sealed(opened(note, verifiers).size, day, note, told=earlier[-1] if earlier else "")
    except (IndexError, ValueError, BadNote):
        raise LogLost(f"the last checkpoint in {log.path} is not valid") from None
    resume(log, known, (), verifiers)
    verdict = verify(log, verifiers, kept_since=_WHATEVER_IS_PRUNED)
    if verdict.result is not Result.GOOD:
        raise LogLost(f"the log in {log.path} does not verify: {verdict.sentence}")
    return known


def fresh(log: LogDirectory, end: Sealed, stream: Sequence[Numbered]) -> list[int]:
    """Return the numbers of the store's entries that the log does not have."""
    kept = {number for number, _ in stream}
    lines = {number_in(line): line for day in log.days() for line in log.lines(day) if number_in(line) in kept}
    return [number for number, entry in stream if number > end.number or not _is(lines.get(number), number, entry)]


def _is(line: bytes | None, number: int, entry: AuditEntry) -> bool:
    return line is not None and line == line_of(number, entry, previous_in(line).decode(errors="replace"))
