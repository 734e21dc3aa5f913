"""Our values as JSON and back. State carries its schema version; what is newer than this program is refused."""

from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from approvals import effects
from approvals.audit import AuditEntry
from approvals.effects import Effect, Occasion
from approvals.request import Request
from handlers.ports import Copy, Unavailable

SCHEMA = 1

_REQUEST = TypeAdapter(Request)
_ENTRY = TypeAdapter(AuditEntry)
_COPY = TypeAdapter(Copy)
_EFFECT = TypeAdapter(dict[str, str])


def write_request(request: Request) -> str:
    """A request as it is stored."""
    return _REQUEST.dump_json(request).decode()


def read_request(text: str, schema: str, revision: int) -> Request:
    """A stored request; `Unavailable` for one that a newer version of this program wrote."""
    if int(schema) > SCHEMA:
        raise Unavailable(f"a newer version wrote this request (schema {schema}, known up to {SCHEMA})")
    return replace(_REQUEST.validate_json(text), revision=revision)


def write_entry(entry: AuditEntry) -> str:
    """An audit entry as it is stored."""
    return _ENTRY.dump_json(entry).decode()


def read_entry(text: str) -> AuditEntry:
    """A stored audit entry."""
    return _ENTRY.validate_json(text)


def write_copy(copy: Copy) -> str:
    """A posted card as it is stored."""
    return _COPY.dump_json(copy).decode()


def read_copy(text: str) -> Copy:
    """A stored copy."""
    return _COPY.validate_json(text)


def write_effect(effect: Effect) -> str:
    """An effect by the name of its class and its fields."""
    return _EFFECT.dump_json({"effect": type(effect).__name__, **asdict(effect)}).decode()


def read_effect(text: str) -> Effect:
    """A stored effect; an unknown name raises, and so ends as a dead letter that an operator sees."""
    fields: dict[str, Any] = _EFFECT.validate_json(text)
    kind = getattr(effects, fields.pop("effect"))
    if "occasion" in fields:
        fields["occasion"] = Occasion(fields["occasion"])
    made: Effect = kind(**fields)
    return made
