"""What came of verifying a log."""

from dataclasses import dataclass
from enum import IntEnum


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


class Wrong(Exception):
    """The log is not what was sealed; carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict.sentence)


def tampered(sentence: str, entry: int | None = None) -> Wrong:
    """Something was changed."""
    return Wrong(Verdict(Result.TAMPERED, sentence, entry))


def incomplete(sentence: str, entry: int | None = None, entries: int = 0) -> Wrong:
    """Something is not there."""
    return Wrong(Verdict(Result.INCOMPLETE, sentence, entry, entries))
