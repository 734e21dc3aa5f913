"""One line of the log for each audit entry: canonical bytes, so that the same entry is always the same line."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from approvals.audit import AuditEntry, Identified, Kind

FORMAT = 1
"""Of a line; to be raised when an older reader could misunderstand one."""

PREVIOUS_DIGITS = 16
"""So much of the line before is repeated in each: enough to name the one that was changed. The proof is the tree."""

FIRST = "0" * PREVIOUS_DIGITS

_NUMBER = b'{"number":'
_AT = b'"at":"'  # quotes within a text are escaped, and only `after` sorts before it: the first one is the field
_MOST_DIGITS = 15


def line_of(number: int, entry: AuditEntry, previous: str) -> bytes:
    """The line, without its end; its number stands first. `previous` is the `mark_of` the line before."""
    fields = {
        "format": FORMAT,
        "previous": previous,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "request": entry.request_id,
        "who": entry.who,
        "name": entry.name,
        "identified": entry.identified,
        "before": entry.before,
        "after": entry.after,
        "why": entry.why,
        "digest": entry.digest,
        "evidence": dict(sorted(entry.evidence.items())),
    }
    rest = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return _NUMBER + str(number).encode() + b"," + rest[1:]


def number_in(line: bytes) -> int | None:
    """The number that a line begins with; nothing where it is no line of ours."""
    if not line.startswith(_NUMBER):
        return None
    digits = line[len(_NUMBER) : line.find(b",")]
    return int(digits) if digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def previous_in(line: bytes) -> bytes:
    """What a line says of the one before it."""
    place = line.rfind(b'"previous":"')  # the last one: evidence may have a key of that name, and sorts before
    return line[place + 12 : place + 12 + PREVIOUS_DIGITS] if place >= 0 else b""


def day_in(line: bytes) -> str:
    """The UTC day that a line says it is of."""
    place = line.find(_AT)
    return line[place + len(_AT) :][:10].decode(errors="replace") if place >= 0 else ""


def mark_of(line: bytes) -> str:
    """What the next line says of this one."""
    return hashlib.sha256(line).hexdigest()[:PREVIOUS_DIGITS]


def read(line: bytes) -> Mapping[str, Any]:
    """The entry's fields; `ValueError` for what is no line of ours."""
    try:
        fields = json.loads(line)
    except RecursionError:
        fields = None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise ValueError("this is no entry that this version can read")
    return fields


def entry_of(fields: Mapping[str, Any]) -> AuditEntry:
    """The entry again; `ValueError` for a kind that this version does not know."""
    return AuditEntry(
        kind=Kind(fields["kind"]),
        at=moment_of(fields),
        request_id=fields["request"],
        who=fields["who"],
        name=fields["name"],
        identified=Identified(fields["identified"]),
        before=fields["before"],
        after=fields["after"],
        why=fields["why"],
        digest=fields["digest"],
        evidence=fields["evidence"],
    )


def moment_of(fields: Mapping[str, Any]) -> datetime:
    """When it happened."""
    return datetime.fromisoformat(fields["at"])
