"""Verifies that a log is what was sealed: nothing changed, removed or inserted. Needs only the files and public
keys."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from bot.audit_log.checkpoints import DayNotes, Noted, noted, of_day
from bot.audit_log.closing import Closing
from bot.audit_log.directory import LogDirectory
from bot.audit_log.lines import LineReader, counted
from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened
from bot.audit_log.verdict import Mismatch, Result, Verification, incomplete, tampered

EVER = datetime.min.replace(tzinfo=UTC)

OnProgress = Callable[[int, int], None]
"""Called with the number of entries read, and the number expected according to the last checkpoint."""


def verify(
    log: LogDirectory,
    verifiers: Iterable[Verifier],
    outside: Iterable[str] = (),
    progress: OnProgress = lambda _read, _of: None,
    kept_since: datetime = EVER,
) -> Verification:
    """Compare the whole log with every checkpoint; `outside` are checkpoints that were kept elsewhere.

    Lines of days that ended before `kept_since` may have been pruned; all others must be there.
    """
    try:
        return _Verifying(log, list(verifiers), outside, progress, kept_since).verdict()
    except Mismatch as wrong:
        return wrong.verdict


class _Verifying:
    def __init__(
        self,
        log: LogDirectory,
        verifiers: list[Verifier],
        outside: Iterable[str],
        progress: OnProgress,
        kept_since: datetime,
    ) -> None:
        self._log = log
        self._verifiers = verifiers
        self._progress = progress
        self._kept_since = kept_since
        self._origin = ""
        self._kept = [self._from_outside(note) for note in outside]
        self._outside = self._by_size()
        self._days = sorted({*log.days(), *log.noted_days(), *log.closed_days()})

    def verdict(self) -> Verification:
        """Return the verdict. Reads day by day, so that no more than one is in memory."""
        self._refuse_what_is_no_day()
        first = next(iter(self._log.days()), "9999")
        gone = [day for day in self._days if day < first]
        tree = self._after_pruned([self._notes(day) for day in gone])
        reader = LineReader(self._log, tree, self._outside, self._progress, self._expected())
        for day in self._days[len(gone) :]:
            reader.read(day, self._notes(day))
        return self._end(reader)

    def _from_outside(self, note: str) -> Checkpoint:
        try:
            return opened(note, self._verifiers)
        except BadNote as error:
            raise tampered(f"The checkpoint from outside is not valid: {error}.") from None

    def _by_size(self) -> dict[int, Noted]:
        found: dict[int, Noted] = {}
        for one in map(noted, self._kept):
            if found.setdefault(one.size, one) != one:
                raise tampered(f"Two checkpoints of {one.size} entries contradict each other: the log was rewritten.")
        return found

    def _refuse_what_is_no_day(self) -> None:
        for name in self._log.strangers():
            raise tampered(f"{name} is no file of this log: somebody has put it there, or renamed one.")
        for name in [name for day in self._days[:-1] for name in self._log.torn(day)]:
            raise tampered(f"The last line of {name} has no end: it was changed after the day was closed.")

    def _expected(self) -> int:
        """Return the number of entries according to the last checkpoint. It may be wrong: it only shows progress."""
        notes = self._log.noted(self._days[-1]) if self._days else []
        number = notes[-1].split(b"\\n", 2)[1:2] if notes else []
        return int(number[0]) if number and number[0].isdigit() and len(number[0]) < 16 else 0

    def _notes(self, day: str) -> DayNotes:
        notes = of_day(self._log, day, self._verifiers, is_newest=day == self._days[-1])
        for where, one in self._first_of(day, notes.last) if notes.last else ():
            if one.origin != self._origin:
                raise tampered(f"{where} is of another log: {one.origin}, not {self._origin}.")
        return notes

    def _first_of(self, day: str, last: Checkpoint) -> list[tuple[str, Checkpoint]]:
        """Return what has to belong to this log. The first checkpoint gives the log's name."""
        outside = [] if self._origin else [("The checkpoint from outside", one) for one in self._kept]
        self._origin = self._origin or last.origin
        return [*outside, (f"A checkpoint of {day}", last)]

    def _after_pruned(self, gone: list[DayNotes]) -> Tree:
        """Return an empty tree, or that of the last pruned day."""
        closing = [notes.closing for notes in gone if notes.closing]
        self._may_be_gone(closing)
        for one in (one for notes in gone for one in notes.all):
            known = self._outside.pop(one.size, one)
            if known != one:
                sentence = f"Two checkpoints of {one.size} entries contradict each other: the log was rewritten."
                raise tampered(sentence, one.size)
        if not closing:
            return Tree()
        try:
            return closing[-1].tree()
        except ValueError:
            raise tampered(f"The note that closes {closing[-1].day} contradicts itself.") from None

    def _may_be_gone(self, closing: list[Closing]) -> None:
        """Raise `Mismatch` unless every day without lines is old enough to have been pruned."""
        before = 0
        for one in closing:
            ended = datetime.combine(date.fromisoformat(one.day) + timedelta(days=1), time(), UTC)
            if ended > self._kept_since:
                sentence = f"The entries of {one.day} are gone, {before + 1} to {one.size}, but had to be kept."
                raise incomplete(sentence, before + 1)
            before = one.size

    def _end(self, reader: LineReader) -> Verification:
        """Return the verdict, or raise `Mismatch` if something sealed is missing."""
        size, largest = reader.tree.size, max([reader.largest, *self._outside])
        self._progress(size, size)
        if largest > size:
            told = f"The log ends at entry {size}, but a checkpoint says that there were {largest}"
            raise incomplete(f"{told}: its end was cut off.", size + 1, size)
        if not reader.sealed:
            raise incomplete("There is no checkpoint, so nothing is proved.", None, size)
        if size > reader.sealed:
            entries = counted(size - reader.sealed, "entry is", "entries are")
            raise incomplete(f"The last {entries} not sealed (yet), so nothing proves them.", reader.sealed + 1, size)
        if pruned := [number for number in self._outside if number <= reader.begun]:
            told = f"The checkpoint from outside, of {counted(pruned[0], 'entry', 'entries')}"
            raise incomplete(f"{told}, proves nothing: those were pruned.", None, size)
        since = f" from entry {reader.begun + 1} on" if reader.begun else ""
        read = size - reader.begun
        match = f"All {read} entries{since} match" if read > 1 else f"Entry {size} matches"
        return Verification(Result.GOOD, f"{match} what was sealed.", None, size)
