"""The result of verifying a log."""

from dataclasses import dataclass
from enum import IntEnum


class Result(IntEnum):
    """The result; its values are exit statuses."""

    GOOD = 0
    TAMPERED = 1
    INCOMPLETE = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result, a sentence, and the number of the first wrong entry if it is known."""

    result: Result
    sentence: str
    entry: int | None = None
    entries: int = 0


class Wrong(Exception):
    """The log is not what was sealed. Carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict.sentence)


def tampered(sentence: str, entry: int | None = None) -> Wrong:
    """Return the error that something was changed."""
    return Wrong(Verdict(Result.TAMPERED, sentence, entry))


def incomplete(sentence: str, entry: int | None = None, entries: int = 0) -> Wrong:
    """Return the error that something is missing."""
    return Wrong(Verdict(Result.INCOMPLETE, sentence, entry, entries))
