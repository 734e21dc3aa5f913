"""The words of this day for a reason that the rules gave, for whoever reads the audit."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from approvals.audit import AuditEntry
from approvals.because import Because
from approvals.refusals import Refusal
from cards.causes import cause_sentence
from cards.refusals import refusal_sentence


def sentence(because: Because) -> str:
    """The sentence that tells it."""
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
    """What the reason is about, as short texts; nothing for what is empty."""
    for field in fields(because):
        value = getattr(because, field.name)
        if field.name != "code" and value:
            yield field.name, _as_text(value)


def _as_text(value: object) -> str:
    """One value; what has values of its own names them."""
    if isinstance(value, tuple):
        return ", ".join(map(_as_text, value))
    if is_dataclass(value):
        return " ".join(f"{field.name}={_as_text(getattr(value, field.name))}" for field in fields(value))
    return str(value)
