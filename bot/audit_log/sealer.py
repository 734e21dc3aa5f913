"""Sealing: from the stream of entries to lines on disk and a signed checkpoint, in steps that may each be the last.

What is written after the last checkpoint that the state knows is written again, to the byte, because entries never
change and signing the same gives the same. So a crash between any two steps leaves no gap and no double number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from approvals.audit import AuditEntry
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.entries import FIRST, line_of, mark_of, number_in
from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Signer, Verifier, opened

Numbered = tuple[int, AuditEntry]


@dataclass(frozen=True, slots=True)
class Sealed:
    """How far the log is sealed: the number of the last entry, its day, and the checkpoint. Nothing, at first."""

    number: int = 0
    day: str = ""
    note: str = ""


class Sealer:
    """Writes to one directory. `signers` all sign: while a key is being changed, the old one and the new one.

    `step` is called after each step with what was done; tests stop there.
    """

    def __init__(
        self,
        log: LogDirectory,
        origin: str,
        signers: Sequence[Signer],
        verifiers: Sequence[Verifier] = (),
        step: Callable[[str], None] = lambda _done: None,
    ) -> None:
        self._log = log
        self._origin = origin
        self._signers = signers
        self._verifiers = [*verifiers, *(signer.verifier() for signer in signers)]
        self._step = step

    def seal(self, known: Sealed, entries: Sequence[Numbered]) -> Sealed:
        """Append these entries, which follow what is sealed, and sign; `LogLost` if the directory is not the one.

        The answer is for the state to keep; until then nothing of this counts. From before `known` is loaded until
        then the caller must hold the directory's `writing`: what is beyond an outdated `known` would be forgotten.
        """
        if not entries:
            return known
        tree, mark = self._recover(known) if known.number else self._begin(entries)
        return self._append(known, entries, tree, mark)

    def _recover(self, known: Sealed) -> tuple[Tree, str]:
        """The directory as the state knows it, and the tree that it holds."""
        days = self._log.days()
        if known.note not in self._log.notes(known.day):
            raise LogLost(f"{self._log.path} does not hold the last checkpoint, of entry {known.number}")
        self._forget_after(known.number, known.day)
        tree, mark = self._tree_before(known.day), ""
        first = known.day if tree.size else ""
        for day in (day for day in days if day >= first):
            for line in self._log.lines(day):
                tree.append(line)
                mark = mark_of(line)
        try:
            checkpoint = opened(known.note, self._verifiers)
        except BadNote as error:
            raise LogLost(f"the last checkpoint does not hold: {error}") from None
        if (checkpoint.size, checkpoint.root) != (tree.size, tree.root()):
            raise LogLost(f"{self._log.path} does not hold what was sealed up to entry {known.number}")
        self._step("recovered")
        return tree, mark or self._last_mark(known.day)

    def _begin(self, entries: Sequence[Numbered]) -> tuple[Tree, str]:
        """An empty log. What stands there may only be the beginning of these entries: a first sealing, cut short."""
        mark, expected = FIRST, list[bytes]()
        for number, entry in entries:
            expected.append(line_of(number, entry, mark))
            mark = mark_of(expected[-1])
        written = [line for day in self._log.days() for line in self._log.lines(day)]
        if written != expected[: len(written)]:
            raise LogLost(f"{self._log.path} holds a log that this store knows nothing of")
        self._forget_after(0, "")
        self._step("begun")
        return Tree(), FIRST

    def _tree_before(self, day: str) -> Tree:
        """The tree at the end of the day before, from the checkpoint that closes it."""
        for noted in reversed([one for one in self._log.noted_days() if one < day]):
            for note in reversed(self._log.notes(noted)):
                try:
                    checkpoint = opened(note, self._verifiers)
                except BadNote as error:
                    raise LogLost(f"a checkpoint of {noted} does not hold: {error}") from None
                if checkpoint.closes:
                    return Tree(checkpoint.size, checkpoint.subtrees)
        return Tree()

    def _last_mark(self, day: str) -> str:
        """Of the last line before this day, where the day itself has none yet."""
        for earlier in reversed([one for one in self._log.days() if one <= day]):
            lines = list(self._log.lines(earlier))
            if lines:
                return mark_of(lines[-1])
        return FIRST

    def _forget_after(self, number: int, day: str) -> None:
        """What was written and never became known was cut short: it is written again."""
        for written in self._log.days():
            if written < day:
                continue
            lines = list(self._log.lines(written))
            self._log.keep_lines(written, [line for line in lines if (number_in(line) or number + 1) <= number])
        for noted in self._log.noted_days():
            if noted >= day:
                self._log.keep_notes(noted, self._log.notes(noted))  # whole ones may be copied already: they stay true

    def _append(self, known: Sealed, entries: Sequence[Numbered], tree: Tree, mark: str) -> Sealed:
        day, batch, note = known.day, list[bytes](), known.note
        for number, entry in entries:
            if number != tree.size + 1:
                raise LogLost(f"entry {tree.size + 1} is missing in the stream; the next one is {number}")
            written = max(day, entry.at.date().isoformat())  # the clock may go back, the log never does
            if day and written > day:
                self._write(day, batch)
                batch = []
                note = self._sign(tree, day, closes=True)
            day = written
            line = line_of(number, entry, mark)
            tree.append(line)
            mark = mark_of(line)
            batch.append(line)
        self._write(day, batch)
        note = self._sign(tree, day, closes=False)
        return Sealed(tree.size, day, note)

    def _write(self, day: str, lines: Sequence[bytes]) -> None:
        if lines:
            self._log.append_lines(day, lines)
            self._step("lines written")

    def _sign(self, tree: Tree, day: str, *, closes: bool) -> str:
        checkpoint = Checkpoint(self._origin, tree.size, tree.root())
        if closes:
            checkpoint = Checkpoint(self._origin, tree.size, tree.root(), day, tree.subtrees)
        first, *more = [signer.sign(checkpoint) for signer in self._signers]
        note = first + "".join(other.split("\n\n", 1)[1] for other in more)
        if note not in self._log.notes(day):
            self._log.append_note(day, note)
        self._step("checkpoint written")
        return note
