"""The words of this day for a reason that the rules gave, for whoever reads the audit."""

from collections.abc import Iterator
from dataclasses import fields, replace

from approvals.audit import AuditEntry
from approvals.because import Because
from cards.refusals import refusal_sentence


def sentence(because: Because) -> str:
    """The sentence that tells it."""
    return refusal_sentence(because)


def worded(entry: AuditEntry) -> AuditEntry:
    """The entry with our words of today beside its reason, and the reason and its values among the evidence; what
    somebody wrote stays."""
    because = entry.because
    if because is None:
        return entry
    evidence = {"reason": because.code, **dict(_values(because)), **entry.evidence}
    return replace(entry, why=entry.why or sentence(because), evidence=evidence)


def _values(because: Because) -> Iterator[tuple[str, str]]:
    """What the reason is about, as short texts; nothing for what is empty."""
    for field in fields(because):
        value = getattr(because, field.name)
        if field.name != "code" and value:
            yield field.name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
