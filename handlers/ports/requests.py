"""The store of requests, their audit and their effects: one decision is stored in one step."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from approvals.audit import AuditEntry, Kind
from approvals.brake import Brake
from approvals.effects import Planned
from approvals.request import Request


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The identity of a click or message, so that its repetition changes nothing.

    `id` is the activity's id, `digest` a hash over person and body without any token; `notice` is the sentence
    that the person was shown, to be shown again.
    """

    id: str
    digest: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """All changes of one decision, to be stored in one step.

    `changed` is false for a refusal: then only the entries and the click are recorded, rate-limited per `person`.
    Nothing is stored if a brake named in `unless` is on; `locks` are pulled. `asked` counts it as one more order of its
    initiator, if no other order came in between.
    """

    request: Request
    changed: bool
    entries: tuple[AuditEntry, ...]
    planned: tuple[Planned, ...]
    at: datetime
    once: IdempotencyKey | None = None
    person: str = ""
    unless: tuple[str, ...] = ()
    locks: tuple[Brake, ...] = ()
    asked: "Asked | None" = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The people who requested something in chat since a moment: one account for each order, oldest first."""

    since: datetime
    accounts: tuple[str, ...]


class Stored(StrEnum):
    """Result of a write."""

    SAVED = "saved"
    CONFLICT = "conflict"  # another write came first: decide again on fresh state
    REPEATED = "repeated"  # this click is stored already; nothing changed
    FORGED = "forged"  # this click id is stored with another body or person; nothing changed
    OTHER_CONFIG = "other-config"  # another configuration is active; nothing changed
    BRAKED = "braked"  # a brake is on, and the notice says which; nothing changed


@dataclass(frozen=True, slots=True)
class Receipt:
    """Result of a write, with the notice of the first time if it was a repetition."""

    stored: Stored
    notice: str = ""


class Requests(Protocol):
    """Requests with their audit and effects: one atomic step per write."""

    async def load(self, request_id: str) -> Request | None: ...

    async def load_by_intune_id(self, intune_id: str) -> Request | None: ...

    async def open(self) -> tuple[Request, ...]:
        """Return every request that has not ended in Intune, oldest first."""

    async def seen(self, once: IdempotencyKey) -> Receipt | None:
        """Return REPEATED or FORGED if this click id is known, else nothing."""

    async def commit(self, write: Write) -> Receipt:
        """Store all of it or nothing. Compare `request.revision` with what is stored, and store it plus one."""

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Record audit entries that belong to no decision (started, posted, configuration loaded)."""

    async def refuse(self, entry: AuditEntry) -> None:
        """Record a refusal that belongs to no request; the number per person and minute is limited."""

    async def recorded(self, request_id: str, since: datetime) -> tuple[AuditEntry, ...]:
        """Return what was recorded of a request since then, oldest first, as far as it is available."""

    async def recorded_last(self, kinds: Container[Kind], most: int) -> tuple[AuditEntry, ...]:
        """Return the last `most` entries of these kinds, oldest first, as far as they are available."""

    async def asked_since(self, since: datetime) -> Asked:
        """Return who has requested something in chat since then."""
