"""One line of the log per audit entry, in canonical form: the same entry always gives the same line."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from approvals.audit import AuditEntry, Identified, Kind

FORMAT = 1
"""Format of a line. Raise it when an older reader could misunderstand one."""

PREVIOUS_DIGITS = 16
"""Digits of the previous line's hash in each line: enough to tell which line was changed. The tree is the proof."""

FIRST = "0" * PREVIOUS_DIGITS

_NUMBER = b'{"number":'
_AT = b'"at":"'  # quotes in texts are escaped, and only `after` sorts before it: the first match is the field
_MOST_DIGITS = 15


def line_of(number: int, entry: AuditEntry, previous: str) -> bytes:
    """Return the line without a newline, starting with its number. `previous` is `mark_of` the line before."""
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
    """Return the number at the start of a line; `None` if it is not a line of ours."""
    if not line.startswith(_NUMBER):
        return None
    digits = line[len(_NUMBER) : line.find(b",")]
    return int(digits) if digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def previous_in(line: bytes) -> bytes:
    """Return the mark of the previous line that a line contains."""
    place = line.rfind(b'"previous":"')  # the last match: evidence may have a key of that name, but sorts before
    return line[place + 12 : place + 12 + PREVIOUS_DIGITS] if place >= 0 else b""


def day_in(line: bytes) -> str:
    """Return the UTC day in a line's time."""
    place = line.find(_AT)
    return line[place + len(_AT) :][:10].decode(errors="replace") if place >= 0 else ""


def mark_of(line: bytes) -> str:
    """Return the mark of this line, which the next line contains."""
    return hashlib.sha256(line).hexdigest()[:PREVIOUS_DIGITS]


def read(line: bytes) -> Mapping[str, Any]:
    """Return the entry's fields. Raises `ValueError` if it is not a line of ours."""
    try:
        fields = json.loads(line)
    except RecursionError:
        fields = None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise ValueError("this is no entry that this version can read")
    return fields


def entry_of(fields: Mapping[str, Any]) -> AuditEntry:
    """Return the entry from its fields. Raises `ValueError` for a kind that this version does not know."""
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
    """Return the entry's time."""
    return datetime.fromisoformat(fields["at"])
