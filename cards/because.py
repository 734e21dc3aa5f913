"""The current wording of the rules' reasons, for readers of the audit."""

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
    """Return the sentence for a reason."""
    if isinstance(because, CountsForNothing):
        return words_of(because.void)
    if isinstance(because, Problem):
        return problem_sentence(because)
    return refusal_sentence(because) if isinstance(because, Refusal) else cause_sentence(because)


def worded(entry: AuditEntry) -> AuditEntry:
    """Return the entry with the reason's current wording, and with the reason and its values as evidence. A text
    that a person wrote stays; the wording is then evidence as well."""
    because = entry.because
    if because is None:
        return entry
    said, evidence = sentence(because), {"reason": because.code, **dict(_values(because)), **entry.evidence}
    if entry.why:
        return replace(entry, evidence={"words": said, **evidence})
    return replace(entry, why=said, evidence=evidence)


def _values(because: Because) -> Iterator[tuple[str, str]]:
    """Yield the reason's values as short texts, without empty ones. A problem within it is expanded in the same way."""
    for field in fields(because):
        value = getattr(because, field.name)
        if isinstance(value, Problem):
            yield field.name, value.code
            yield from _values(value)
        elif field.name != "code" and value:
            yield field.name, _as_text(value)


def _as_text(value: object) -> str:
    """Return a value as text; a dataclass with the names of its fields."""
    if isinstance(value, tuple):
        return ", ".join(map(_as_text, value))
    if is_dataclass(value):
        return " ".join(f"{field.name}={_as_text(getattr(value, field.name))}" for field in fields(value))
    return str(value)
