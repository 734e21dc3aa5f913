"""Finds the end of a log. Everything is compared before anything is written or removed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from approvals.audit import AuditEntry
from bot.audit_log.closing import Closing, opened_closing
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.entries import FIRST, line_of, mark_of
from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened, restored
from bot.store.sealed import Sealed

Numbered = tuple[int, AuditEntry]


@dataclass(slots=True)
class LogEnd:
    """The end of a log, with what the next line needs. `noted` are the last day's checkpoints; `note` is the last one,
    of `size` entries."""

    tree: Tree = field(default_factory=Tree)
    mark: str = FIRST
    day: str = ""
    note: str = ""
    size: int = 0
    origin: str = ""
    noted: list[str] = field(default_factory=list)
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class _Signed:
    checkpoint: Checkpoint
    day: str
    note: str


def resume(log: LogDirectory, known: Sealed, entries: Sequence[Numbered], verifiers: Sequence[Verifier]) -> LogEnd:
    """Return the log's last signed position, which is `known` or later; remove unsigned lines.

    Signed lines stay: they may have been copied before the state was saved. So they must match these entries, which
    follow `known`. Raises `LogLost` if they do not, and then changes nothing.
    """
    return _Resuming(log, known, entries, verifiers).place()


class _Resuming:
    def __init__(
        self, log: LogDirectory, known: Sealed, entries: Sequence[Numbered], verifiers: Sequence[Verifier]
    ) -> None:
        self._log = log
        self._known = known
        self._entries = entries
        self._verifiers = verifiers
        self._signed = self._every_checkpoint()
        self._last = max(self._signed, default=0)

    def place(self) -> LogEnd:
        """Compare everything first, then remove unsigned lines."""
        if not self._known.number:
            self._refuse_a_foreign_log()
        place = LogEnd(self._tree_before())
        kept = {day: list(self._walked(day, place)) for day in self._log.days() if day >= self._known.day}
        if place.tree.size != self._last:
            raise self._not_what_was_sealed(self._last)
        for day, lines in kept.items():
            self._log.keep_lines(day, lines)
        for day in self._noted_days():
            self._log.keep_notes(day, self._log.notes(day))
            self._log.keep_closings(day)
        if self._last:
            end = self._signed[self._last]
            place.day, place.note, place.size = end.day, end.note, end.checkpoint.size
            place.origin, place.noted = end.checkpoint.origin, self._log.notes(end.day)
            place.is_closed = bool(self._log.closings(end.day))
        return place

    def _every_checkpoint(self) -> dict[int, _Signed]:
        """Return the verified checkpoints from the known one on, by size; the later one of two with the same size."""
        found: dict[int, _Signed] = {}
        for day in self._noted_days():
            self._closing(day)
            for note, checkpoint in self._opened(day):
                if checkpoint.size >= self._known.number:
                    found[checkpoint.size] = _Signed(checkpoint, day, note)
        if self._known.number and self._known.note not in self._log.notes(self._known.day):
            raise LogLost(f"{self._log.path} does not hold the last checkpoint, of entry {self._known.number}")
        if len({one.checkpoint.origin for one in found.values()}) > 1:
            raise LogLost(f"{self._log.path} holds checkpoints of more than one log")
        return found

    def _refuse_a_foreign_log(self) -> None:
        """Raise `LogLost` unless the directory holds only what an earlier attempt at the first sealing has left."""
        mark = FIRST
        written = (line for day in self._log.days() for line in self._log.lines(day))
        for place, line in enumerate(written):
            if place >= len(self._entries) or line != line_of(*self._entries[place], mark):
                raise LogLost(f"{self._log.path} holds a log that this store knows nothing of")
            mark = mark_of(line)

    def _walked(self, day: str, place: LogEnd) -> Iterator[bytes]:
        """Yield a day's signed lines, and update `place` with each."""
        for line in self._log.lines(day):
            size = place.tree.size + 1
            if size > self._last:
                return
            if size > self._known.number:
                self._compare(size, line, place.mark)
            place.tree.append(line)
            place.mark = mark_of(line)
            if size in self._signed and self._signed[size].checkpoint.root != place.tree.root():
                raise self._not_what_was_sealed(size)
            yield line

    def _compare(self, size: int, line: bytes, mark: str) -> None:
        """Raise `LogLost` unless this signed line, which the state does not know, matches the store's entry."""
        there = self._entries[size - self._known.number - 1 :][:1]
        if not there or there[0][0] != size or line != line_of(*there[0], mark):
            raise LogLost(
                f"entry {size} is sealed, and the store does not have it, or another one in its place: the store has "
                "gone back"
            )

    def _tree_before(self) -> Tree:
        """Return the tree at the end of the previous day, from its closing note."""
        for day in reversed([one for one in self._log.noted_days() if one < self._known.day]):
            closing = self._closing(day)
            if closing is None:
                raise LogLost(f"the note that closes {day} is missing")
            try:
                return closing.tree()
            except ValueError:
                raise LogLost(f"the note that closes {day} contradicts itself") from None
        return Tree()

    def _closing(self, day: str) -> Closing | None:
        """Return a day's closing, if there is one. Raises `LogLost` unless it matches the day's checkpoints."""
        lines, notes = self._log.closings(day), self._log.noted(day)
        if not lines:
            return None
        try:
            closing = opened_closing(restored(b"".join(lines)), self._verifiers)
        except BadNote as error:
            raise LogLost(f"the note that closes {day} is not valid: {error}") from None
        if not any(closing.fits(day, last, notes) for _, last in self._opened(day)[-1:]):
            raise LogLost(f"the note that closes {day} contradicts its checkpoints")
        return closing

    def _noted_days(self) -> list[str]:
        return [day for day in self._log.noted_days() if day >= self._known.day]

    def _opened(self, day: str) -> list[tuple[str, Checkpoint]]:
        try:
            return [(note, opened(note, self._verifiers)) for note in self._log.notes(day)]
        except BadNote as error:
            raise LogLost(f"a checkpoint of {day} is not valid: {error}") from None

    def _not_what_was_sealed(self, size: int) -> LogLost:
        return LogLost(f"{self._log.path} does not hold what was sealed up to entry {size}")
