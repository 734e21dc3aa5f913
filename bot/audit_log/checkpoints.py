"""A day's checkpoints, as a verifier reads them: one signature vouches for all of a day that has ended."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.audit_log.directory import LogDirectory
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened, restored
from bot.audit_log.verdict import incomplete, tampered


@dataclass(frozen=True, slots=True)
class Noted:
    """How many entries a checkpoint speaks of, and their root in base 64."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class DayNotes:
    """The checkpoints of one day, in order; the last one, opened, where there is one."""

    all: tuple[Noted, ...]
    last: Checkpoint | None

    @property
    def closing(self) -> Checkpoint | None:
        """The one that closes the day."""
        return self.last if self.last and self.last.closes else None


def of_day(log: LogDirectory, day: str, verifiers: Sequence[Verifier], *, is_newest: bool) -> DayNotes:
    """Read them; `Wrong` unless they are what was signed. Only the newest day may lack the one that closes it."""
    lines = log.noted(day)
    if not lines:
        if is_newest:
            return DayNotes((), None)
        raise incomplete(f"The checkpoint that closes {day} is missing.")
    *before, final = lines
    last = _opened(final, day, verifiers)
    if not last.closes:
        if not is_newest:
            raise incomplete(f"The checkpoint that closes {day} is missing.")
        return DayNotes(tuple(noted(_opened(line, day, verifiers)) for line in lines), last)
    if last.closes != day:
        raise tampered(f"The checkpoint that closes {last.closes} stands in the file of {day}.")
    if hashlib.sha256(b"".join(before)).digest() != last.covers:
        raise _blame(before, day, verifiers)
    return DayNotes((*(_covered(line, day, last) for line in before), noted(last)), last)


def noted(checkpoint: Checkpoint) -> Noted:
    """What is compared of it."""
    return Noted(checkpoint.size, base64.b64encode(checkpoint.root).decode())


def _covered(line: bytes, day: str, closing: Checkpoint) -> Noted:
    """What a checkpoint says of which the closing one vouches for every byte."""
    try:
        origin, size, root, _ = json.loads(line)["note"].split("\n", 3)
        found = Noted(int(size), root)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise tampered(f"A checkpoint of {day} cannot be read, although it was signed for.") from None
    if origin != closing.origin:
        raise tampered(f"A checkpoint of {day} is of another log: {origin}, not {closing.origin}.")
    return found


def _opened(line: bytes, day: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    try:
        return opened(restored(line), verifiers)
    except BadNote as error:
        raise tampered(f"A checkpoint of {day} does not hold: {error}.") from None


def _blame(lines: Sequence[bytes], day: str, verifiers: Sequence[Verifier]) -> Exception:
    """Which of them is wrong; if each holds by itself, one is missing or was put in."""
    for line in lines:
        _opened(line, day, verifiers)
    return tampered(f"Checkpoints of {day} were taken out, put in or moved after the day was closed.")
