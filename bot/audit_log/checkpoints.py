"""A day's checkpoints, as a verifier reads them. When the day has ended, one signature covers all of them."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.audit_log.closing import Closing, digest, opened_closing
from bot.audit_log.directory import LogDirectory
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened, restored
from bot.audit_log.verdict import incomplete, tampered


@dataclass(frozen=True, slots=True)
class Noted:
    """The number of entries in a checkpoint, and their root in base 64."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class DayNotes:
    """The checkpoints of one day in order; the verified last one, if there is one; and the note that closes the day."""

    all: tuple[Noted, ...]
    last: Checkpoint | None
    closing: Closing | None = None


def of_day(log: LogDirectory, day: str, verifiers: Sequence[Verifier], *, is_newest: bool) -> DayNotes:
    """Read a day's checkpoints. Raises `Wrong` unless they are what was signed. Only the newest day may lack a closing
    note."""
    lines, closing = log.noted(day), _closing(log, day, verifiers)
    if closing is None and not is_newest:
        raise incomplete(f"The note that closes {day} is missing.")
    if closing is None:
        opened_all = [_opened(line, day, verifiers) for line in lines]
        return DayNotes(tuple(map(noted, opened_all)), opened_all[-1] if opened_all else None)
    if not lines:
        raise incomplete(f"The checkpoints of {day} are missing, and the note that closes it is there.")
    last = _opened(lines[-1], day, verifiers)
    if closing.covers != digest(lines):
        raise _blame(lines, day, verifiers)
    if not closing.fits(day, last, lines):
        raise tampered(f"The note that closes {day} contradicts its last checkpoint.")
    return DayNotes(tuple(_covered(line, day, last) for line in lines), last, closing)


def _closing(log: LogDirectory, day: str, verifiers: Sequence[Verifier]) -> Closing | None:
    lines = log.closings(day)
    if not lines:
        return None
    try:
        closing = opened_closing(restored(b"".join(lines)), verifiers)
    except BadNote as error:
        raise tampered(f"The note that closes {day} is not valid: {error}.") from None
    if closing.day != day:
        raise tampered(f"The note that closes {closing.day} stands in the place of that of {day}.")
    return closing


def noted(checkpoint: Checkpoint) -> Noted:
    """Return the parts of a checkpoint that are compared."""
    return Noted(checkpoint.size, base64.b64encode(checkpoint.root).decode())


def _covered(line: bytes, day: str, last: Checkpoint) -> Noted:
    """Return what a checkpoint says. The closing note covers every byte of it."""
    try:
        origin, size, root, _ = json.loads(line)["note"].split("\n", 3)
        found = Noted(int(size), root)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise tampered(f"A checkpoint of {day} cannot be read, although it was signed for.") from None
    if origin != last.origin:
        raise tampered(f"A checkpoint of {day} is of another log: {origin}, not {last.origin}.")
    return found


def _opened(line: bytes, day: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    try:
        return opened(restored(line), verifiers)
    except BadNote as error:
        raise tampered(f"A checkpoint of {day} is not valid: {error}.") from None


def _blame(lines: Sequence[bytes], day: str, verifiers: Sequence[Verifier]) -> Exception:
    """Return the error for the first wrong checkpoint, or, if each is valid, that one is missing or was inserted."""
    for line in lines:
        _opened(line, day, verifiers)
    return tampered(f"Checkpoints of {day} were taken out, put in or moved after the day was closed.")
