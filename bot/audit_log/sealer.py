"""Sealing: from the stream of entries to lines on disk and a signed checkpoint. A crash may happen after each step.

Signed lines that were not recorded in the state are kept. Unsigned lines are written again, byte for byte, because
entries never change. So a crash between two steps leaves no gap and no duplicate number.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from approvals.audit import AuditEntry
from bot.audit_log.closing import closing_of
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.entries import line_of, mark_of
from bot.audit_log.note import Checkpoint, NoteSigner, Verifier, stored, together
from bot.audit_log.resume import (
    LogEnd,
    Numbered,
    resume,
)
from bot.store.sealed import Sealed

SLACK = timedelta(minutes=10)
"""An entry further ahead of the clock than this has a wrong time, and starts no new day."""


def is_ahead(entry: AuditEntry, now: datetime) -> bool:
    """Return whether the clock was wrong when this entry was written."""
    return entry.at > now + SLACK


class Sealer:
    """Writes to one directory. All `signers` sign: during a key change, the old key and the new one.

    `verifiers` are past public keys. `step` is called after each step with its name; tests stop there.
    """

    def __init__(
        self,
        log: LogDirectory,
        signers: Sequence[NoteSigner],
        verifiers: Sequence[Verifier] = (),
        step: Callable[[str], None] = lambda _done: None,
    ) -> None:
        self._log = log
        self._signers = signers
        self._verifiers = [*verifiers, *(signer.verifier() for signer in signers)]
        self._step = step

    def seal(self, known: Sealed, entries: Sequence[Numbered], now: datetime) -> Sealed:
        """Append these entries, which follow `known`, and sign. Raises `LogLost` if the directory holds another log.

        Nothing counts until the caller has stored the result. The caller must hold the directory's `writing` from
        before it loads `known` until then.
        """
        if not entries:
            return known
        place = resume(self._log, known, entries, self._verifiers)
        self._step("resumed")
        self._append(place, entries[max(0, place.tree.size - known.number) :], now)
        return replace(known, number=place.tree.size, day=place.day, note=place.note)

    def _append(self, place: LogEnd, entries: Sequence[Numbered], now: datetime) -> None:
        batch: list[bytes] = []
        for number, entry in entries:
            if number != place.tree.size + 1:
                raise LogLost(f"entry {place.tree.size + 1} is missing in the stream; the next one is {number}")
            day = _day_of(number, entry, place, now)
            if place.day and day > place.day:
                self._write(place.day, batch)
                batch = []
                self._close(place)
            if day > place.day:
                place.day, place.noted, place.is_closed = day, [], False
            line = line_of(number, entry, place.mark)
            place.origin = place.origin or f"{self._signers[0].name}/audit/{entry.at:%Y%m%dT%H%M%SZ}"
            place.tree.append(line)
            place.mark = mark_of(line)
            batch.append(line)
        if batch:
            self._write(place.day, batch)
            self._sign(place, Checkpoint(place.origin, place.tree.size, place.tree.root()))

    def _write(self, day: str, lines: Sequence[bytes]) -> None:
        if lines:
            self._log.append_lines(day, lines)
            self._step("lines written")

    def _close(self, place: LogEnd) -> None:
        """Write the day's last checkpoint and its closing note, unless they are there already from before a crash."""
        if place.is_closed:
            return
        last = Checkpoint(place.origin, place.tree.size, place.tree.root())
        if place.size != last.size:
            self._sign(place, last)
        closing = closing_of(place.day, last, place.tree, [stored(note) for note in place.noted])
        self._log.append_closing(place.day, together([signer.sign(closing) for signer in self._signers]))
        self._step("day closed")

    def _sign(self, place: LogEnd, checkpoint: Checkpoint) -> None:
        place.note, place.size = together([signer.sign(checkpoint) for signer in self._signers]), checkpoint.size
        self._log.append_note(place.day, place.note)
        place.noted.append(place.note)
        self._step("checkpoint written")


def _day_of(number: int, entry: AuditEntry, place: LogEnd, now: datetime) -> str:
    """Return the day whose file the entry belongs in. It never goes back, even if the clock does. An entry far ahead of
    the clock does not move it forward, because every later entry would have to follow."""
    own = entry.at.astimezone(UTC).date().isoformat()
    if place.is_closed and own <= place.day:
        raise LogLost(f"entry {number} is of {own}, and {place.day} is closed already")
    if place.is_closed or not is_ahead(entry, now):
        return max(place.day, own)
    if not place.day:
        raise LogLost(f"the first entry is dated {own}, ahead of the clock")
    return place.day
