"""The result of verifying a log."""

from dataclasses import dataclass
from enum import IntEnum


class Result(IntEnum):
    """The result; its values are exit statuses."""

    GOOD = 0
    TAMPERED = 1
    INCOMPLETE = 2


@dataclass(frozen=True, slots=True)
class Verification:
    """The result, a sentence, and the number of the first wrong entry if it is known."""

    result: Result
    sentence: str
    entry: int | None = None
    entries: int = 0


class Mismatch(Exception):
    """The log is not what was sealed. Carries the verdict."""

    def __init__(self, verdict: Verification) -> None:
        self.verdict = verdict
        super().__init__(verdict.sentence)


def tampered(sentence: str, entry: int | None = None) -> Mismatch:
    """Return the error that something was changed."""
    return Mismatch(Verification(Result.TAMPERED, sentence, entry))


def incomplete(sentence: str, entry: int | None = None, entries: int = 0) -> Mismatch:
    """Return the error that something is missing."""
    return Mismatch(Verification(Result.INCOMPLETE, sentence, entry, entries))
