"""The words of this day for a reason that the rules gave, for whoever reads the audit."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from approvals.audit import AuditEntry
from approvals.because import Because
from approvals.problems import Problem
from approvals.refusals import Refusal
from approvals.void import CountsForNothing
from cards.causes import cause_sentence
from cards.problems import problem_sentence
from cards.refusals import refusal_sentence
from cards.void import words_of


def sentence(because: Because) -> str:
    """The sentence that tells it."""
    if isinstance(because, CountsForNothing):
        return words_of(because.void)
    if isinstance(because, Problem):
        return problem_sentence(because)
    return refusal_sentence(because) if isinstance(because, Refusal) else cause_sentence(because)


def worded(entry: AuditEntry) -> AuditEntry:
    """The entry with our words of today beside its reason, and the reason and its values among the evidence. What
    somebody wrote stays, and then our words are evidence as well."""
    because = entry.because
    if because is None:
        return entry
    said, evidence = sentence(because), {"reason": because.code, **dict(_values(because)), **entry.evidence}
    if entry.why:
        return replace(entry, evidence={"words": said, **evidence})
    return replace(entry, why=said, evidence=evidence)


def _values(because: Because) -> Iterator[tuple[str, str]]:
    """What the reason is about, as short texts; nothing for what is empty. A reason within it is told like this one."""
    for field in fields(because):
        value = getattr(because, field.name)
        if isinstance(value, Problem):
            yield field.name, value.code
            yield from _values(value)
        elif field.name != "code" and value:
            yield field.name, _as_text(value)


def _as_text(value: object) -> str:
    """One value; what has values of its own names them."""
    if isinstance(value, tuple):
        return ", ".join(map(_as_text, value))
    if is_dataclass(value):
        return " ".join(f"{field.name}={_as_text(getattr(value, field.name))}" for field in fields(value))
    return str(value)
