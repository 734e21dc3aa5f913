"""The words of this day for a reason that the rules gave, for whoever reads the audit."""

from collections.abc import Iterator
from dataclasses import fields, replace

from approvals.audit import AuditEntry
from approvals.because import Because
from approvals.problems import Problem
from approvals.void import CountsForNothing
from cards.problems import problem_sentence
from cards.refusals import refusal_sentence
from cards.void import words_of


def sentence(because: Because) -> str:
    """The sentence that tells it."""
    if isinstance(because, CountsForNothing):
        return words_of(because.void)
    return problem_sentence(because) if isinstance(because, Problem) else refusal_sentence(because)


def worded(entry: AuditEntry) -> AuditEntry:
    """The entry with our words of today beside its reason, and the reason and its values among the evidence; what
    somebody wrote stays."""
    because = entry.because
    if because is None:
        return entry
    evidence = {"reason": because.code, **dict(_values(because)), **entry.evidence}
    return replace(entry, why=entry.why or sentence(because), evidence=evidence)


def _values(because: Because) -> Iterator[tuple[str, str]]:
    """What the reason is about, as short texts; nothing for what is empty. A reason within it is told like this one."""
    for field in fields(because):
        value = getattr(because, field.name)
        if isinstance(value, Problem):
            yield field.name, value.code
            yield from _values(value)
        elif field.name != "code" and value:
            yield field.name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
