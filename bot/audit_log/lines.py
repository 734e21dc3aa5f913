"""Reads a log's lines for verification: each must be the next one in order, and every checkpoint must match."""

import base64
from collections.abc import Callable, Iterator, Mapping

from bot.audit_log.checkpoints import DayNotes, Noted
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import FIRST, day_in, mark_of, number_in, previous_in
from bot.audit_log.merkle import Tree
from bot.audit_log.verdict import Mismatch, incomplete, tampered

TOLD_EVERY = 20_000  # entries between two reports of progress


def counted(number: int, one: str, more: str) -> str:
    """Return the number with its noun, singular or plural."""
    return f"{number} {one if number == 1 else more}"


class LineReader:
    """Reads days one after the other. `begun` entries were pruned, `sealed` are proved, `largest` were signed."""

    def __init__(
        self,
        log: LogDirectory,
        tree: Tree,
        outside: Mapping[int, Noted],
        progress: Callable[[int, int], None],
        expected: int,
    ) -> None:
        self.tree = tree
        self.begun = self.sealed = self.largest = tree.size
        self._log = log
        self._outside = outside
        self._progress = progress
        self._expected = expected
        self._mark = FIRST.encode() if tree.size == 0 else b""
        self._unfinished = ""

    def read(self, day: str, notes: DayNotes) -> None:
        """Read the lines of the next day. Raises `Mismatch` for the first one that is not what was sealed."""
        end = notes.closing.size if notes.closing else None
        waiting = iter(notes.all)
        due = self._next(waiting, day, self.tree.size)
        begins = True
        for line in self._log.lines(day):
            self._take(line, day)
            if begins:
                self._begins(line, day)
                begins = False
            size = self.tree.size
            if end is not None and size > end:
                raise tampered(f"{day} was closed at entry {end}, but its file goes on: lines were moved.", size)
            while due is not None and due.size == size:
                self._compare(due, day)
                due = self._next(waiting, day, size - 1)
            if size in self._outside:
                self._compare_outside(self._outside[size])
        self.largest = max([self.largest, *(one.size for one in notes.all)])
        if end is not None and self.tree.size < end:
            self._unfinished = f"{day} was closed at entry {end}, but its file ends at entry {self.tree.size}"

    def _next(self, waiting: Iterator[Noted], day: str, after: int) -> Noted | None:
        due = next(waiting, None)
        if due is not None and due.size <= after:
            raise tampered(f"The checkpoint of entry {due.size} stands in {day}, where it does not belong.", due.size)
        return due

    def _take(self, line: bytes, day: str) -> None:
        expected = self.tree.size + 1
        if not line.startswith(b'{"number":%d,' % expected):
            raise self._out_of_order(line, expected, day)
        if self._unfinished:
            raise tampered(f"{self._unfinished}: lines were moved to {day}.", expected)
        if self._mark and previous_in(line) != self._mark:
            sentence = f"Entry {expected - 1} was changed, or another one was put in before entry {expected} in {day}."
            raise tampered(sentence, expected - 1)
        self.tree.append(line)
        self._mark = mark_of(line).encode()
        if expected % TOLD_EVERY == 0:
            self._progress(expected, self._expected)

    def _begins(self, line: bytes, day: str) -> None:
        """Check that a file's first line is of its day: every day begins with an entry of its own."""
        if day_in(line) != day:
            raise tampered(f"The file of {day} begins with an entry of {day_in(line)}: it was renamed.", self.tree.size)

    def _compare(self, due: Noted, day: str) -> None:
        if due.root != self._root():
            first = self.sealed + 1
            told = f"entries {first} to {due.size} are" if due.size > first else f"entry {first} is"
            raise tampered(f"Something in {day} was changed: {told} not what was sealed.", first)
        self.sealed = due.size

    def _compare_outside(self, kept: Noted) -> None:
        if kept.root != self._root():
            sentence = f"The checkpoint from outside, of {kept.size} entries, contradicts the log: it was rewritten."
            raise tampered(sentence, kept.size)
        self.sealed = kept.size

    def _root(self) -> str:
        return base64.b64encode(self.tree.root()).decode()

    def _out_of_order(self, line: bytes, expected: int, day: str) -> Mismatch:
        number = number_in(line)
        if number is None or number == expected:
            return tampered(f"Entry {expected} in {day} cannot be read.", expected)
        if self._mark and previous_in(line) == self._mark:
            return tampered(f"The number of entry {expected} in {day} was changed to {number}.", expected)
        if number > expected and not self._stands_in(day, expected):
            missing = f"Entry {expected} is" if number == expected + 1 else f"Entries {expected} to {number - 1} are"
            return incomplete(f"{missing} missing: in {day}, entry {number} follows entry {expected - 1}.", expected)
        how = "the order was changed" if number > expected else "a line was put in, or an old file put back"
        sentence = f"In {day}, entry {number} stands where entry {expected} belongs: {how}."
        return tampered(sentence, expected)

    def _stands_in(self, day: str, number: int) -> bool:
        return any(number_in(line) == number for line in self._log.lines(day))
