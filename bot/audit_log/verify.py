"""Whether a log is what was sealed: nothing changed, taken out or put in. It needs files and public keys alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import FIRST, mark_of, number_in, previous_in
from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened

TOLD_EVERY = 20_000  # entries between two reports of progress

EVER = datetime.min.replace(tzinfo=UTC)

Progress = Callable[[int], None]
"""Takes how many entries have been read."""


class Result(IntEnum):
    """What came of it; the values are exit statuses."""

    GOOD = 0
    TAMPERED = 1
    INCOMPLETE = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result and a sentence; the number of the first entry that is wrong, where it is known."""

    result: Result
    sentence: str
    entry: int | None = None
    entries: int = 0


class _Wrong(Exception):
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict.sentence)


def verify(
    log: LogDirectory,
    verifiers: Iterable[Verifier],
    outside: Iterable[str] = (),
    progress: Progress = lambda _entries: None,
    kept_since: datetime = EVER,
) -> Verdict:
    """Read all of it and compare it with every checkpoint; `outside` are checkpoints that were kept elsewhere.

    Lines of days that ended before `kept_since` may have been pruned; any others must be there.
    """
    keys = list(verifiers)
    try:
        checkpoints: dict[int, Checkpoint] = {}
        for day in log.noted_days():
            _add(checkpoints, f"A checkpoint of {day}", log.notes(day), keys)
        held = set(checkpoints)
        _add(checkpoints, "The checkpoint from outside", outside, keys)
        return _read(log, checkpoints, held, progress, kept_since)
    except _Wrong as wrong:
        return wrong.verdict


def _add(found: dict[int, Checkpoint], where: str, notes: Iterable[str], keys: list[Verifier]) -> None:
    """Add checkpoints by their size, signatures checked; two that contradict each other prove a change."""
    for note in notes:
        try:
            checkpoint = opened(note, keys)
        except BadNote as error:
            raise _Wrong(Verdict(Result.TAMPERED, f"{where} does not hold: {error}.")) from None
        known = next(iter(found.values()), checkpoint)
        if known.origin != checkpoint.origin:
            sentence = f"{where} is of another log: {checkpoint.origin}, not {known.origin}."
            raise _Wrong(Verdict(Result.TAMPERED, sentence))
        known = found.setdefault(checkpoint.size, checkpoint)
        if known.root != checkpoint.root:
            sentence = f"Two checkpoints of {checkpoint.size} entries contradict each other: the log was rewritten."
            raise _Wrong(Verdict(Result.TAMPERED, sentence, checkpoint.size))
        if checkpoint.closes:
            found[checkpoint.size] = checkpoint


def _read(
    log: LogDirectory, checkpoints: dict[int, Checkpoint], held: set[int], progress: Progress, kept_since: datetime
) -> Verdict:
    days = log.days()
    tree = _begin(days, checkpoints, kept_since)
    pruned = [size for size in checkpoints if size < tree.size and size not in held]
    reader = _Reader(log, tree, checkpoints, progress)
    for day in days:
        for line in log.lines(day):
            reader.take(line, day)
    verdict = reader.end()
    if verdict.result is Result.GOOD and pruned:
        sentence = f"The checkpoint from outside, of {pruned[0]} entries, proves nothing: those were pruned."
        return Verdict(Result.INCOMPLETE, sentence, None, verdict.entries)
    return verdict


def _begin(days: list[str], checkpoints: dict[int, Checkpoint], kept_since: datetime) -> Tree:
    """An empty tree, or that of the day before the first one that is left: what is older was pruned."""
    first = days[0] if days else ""
    closing = [one for one in checkpoints.values() if one.closes and (not first or one.closes < first)]
    if not closing:
        return Tree()
    last = max(closing, key=lambda one: one.size)
    _may_be_gone(closing, kept_since)
    tree = Tree(last.size, last.subtrees)
    if tree.root() != last.root:
        raise _Wrong(Verdict(Result.TAMPERED, f"The checkpoint that closes {last.closes} contradicts itself."))
    return tree


def _may_be_gone(closing: list[Checkpoint], kept_since: datetime) -> None:
    """Whether every day whose lines are not there any more is old enough; the numbers of those before are known."""
    before = 0
    for one in sorted(closing, key=lambda one: one.size):
        ended = datetime.combine(date.fromisoformat(one.closes) + timedelta(days=1), time(), UTC)
        if ended > kept_since:
            sentence = f"The entries of {one.closes} are gone, {before + 1} to {one.size}, but had to be kept."
            raise _Wrong(Verdict(Result.INCOMPLETE, sentence, before + 1))
        before = one.size


class _Reader:
    """Takes lines one by one."""

    def __init__(self, log: LogDirectory, tree: Tree, checkpoints: dict[int, Checkpoint], progress: Progress) -> None:
        self._log = log
        self._tree = tree
        self._begun = tree.size
        self._checkpoints = checkpoints
        self._progress = progress
        self._sealed = tree.size
        self._mark = FIRST if tree.size == 0 else ""

    def take(self, line: bytes, day: str) -> None:
        """The next line; `_Wrong` if it is not the one that belongs there."""
        expected = self._tree.size + 1
        number = number_in(line)
        if number is None:
            raise _Wrong(Verdict(Result.TAMPERED, f"Entry {expected} in {day} cannot be read.", expected))
        if number != expected:
            self._out_of_order(number, expected, day)
        if self._mark and previous_in(line) != self._mark:
            self._changed_before(expected, day)
        self._tree.append(line)
        self._mark = mark_of(line)
        self._compare(day)
        if expected % TOLD_EVERY == 0:
            self._progress(expected)

    def end(self) -> Verdict:
        """Whether everything that was sealed was there."""
        size, largest = self._tree.size, max(self._checkpoints, default=0)
        self._progress(size)
        if largest > size:
            sentence = (
                f"The log ends at entry {size}, but a checkpoint says that there were {largest}: its end was cut off."
            )
            return Verdict(Result.INCOMPLETE, sentence, size + 1, size)
        if not largest:
            return Verdict(Result.INCOMPLETE, "There is no checkpoint, so nothing is proved.", None, size)
        if size > self._sealed:
            sentence = f"Entries {self._sealed + 1} to {size} are not sealed (yet), so nothing proves them."
            return Verdict(Result.INCOMPLETE, sentence, self._sealed + 1, size)
        read = size - self._begun
        since = f" from entry {self._begun + 1} on" if self._begun else ""
        return Verdict(Result.GOOD, f"{read} entries{since} are what was sealed.", None, size)

    def _compare(self, day: str) -> None:
        checkpoint = self._checkpoints.get(self._tree.size)
        if checkpoint is None:
            return
        if checkpoint.root != self._tree.root():
            first = self._sealed + 1
            sentence = f"Something in {day} was changed: entries {first} to {checkpoint.size} are not what was sealed."
            raise _Wrong(Verdict(Result.TAMPERED, sentence, first))
        self._sealed = self._tree.size

    def _out_of_order(self, number: int, expected: int, day: str) -> None:
        if number > expected and not self._stands_in(day, expected):
            missing = f"Entry {expected} is" if number == expected + 1 else f"Entries {expected} to {number - 1} are"
            sentence = f"{missing} missing: in {day}, entry {number} follows entry {expected - 1}."
            raise _Wrong(Verdict(Result.INCOMPLETE, sentence, expected))
        how = "the order was changed" if number > expected else "a line was put in, or an old file put back"
        sentence = f"In {day}, entry {number} stands where entry {expected} belongs: {how}."
        raise _Wrong(Verdict(Result.TAMPERED, sentence, expected))

    def _stands_in(self, day: str, number: int) -> bool:
        return any(number_in(line) == number for line in self._log.lines(day))

    def _changed_before(self, expected: int, day: str) -> None:
        sentence = f"Entry {expected - 1} was changed, or another one was put in before entry {expected} in {day}."
        raise _Wrong(Verdict(Result.TAMPERED, sentence, expected - 1))
