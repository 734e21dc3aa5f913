"""The store of requests, their audit and their effects: all that one decision changes is one step."""

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
class Once:
    """The identity of something a person did, so that its repetition changes nothing.

    `id` is the activity's id, `fingerprint` a hash over person and body without any token; `notice` is the sentence
    that the person was shown, to be shown again.
    """

    id: str
    fingerprint: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """All that one decision changes, to be stored in one step.

    `changed` is false for a refusal: then only the entries and the click are recorded, rate-limited per `person`.
    Nothing is stored where a brake called like one of `unless` is on; `locks` are pulled. `asked` makes it one more
    order of its initiator, if no other was asked for meanwhile.
    """

    request: Request
    changed: bool
    entries: tuple[AuditEntry, ...]
    planned: tuple[Planned, ...]
    at: datetime
    once: Once | None = None
    person: str = ""
    unless: tuple[str, ...] = ()
    locks: tuple[Brake, ...] = ()
    asked: "Asked | None" = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for something in chat since a moment: one account for each order, oldest first."""

    since: datetime
    accounts: tuple[str, ...]


class Stored(StrEnum):
    """What became of a write."""

    SAVED = "saved"
    CONFLICT = "conflict"  # somebody else was faster: decide again on fresh state
    REPEATED = "repeated"  # this very click is stored already; nothing changed
    FORGED = "forged"  # this click id is stored with another body or person; nothing changed
    OTHER_CONFIG = "other-config"  # another configuration is active; nothing changed
    BRAKED = "braked"  # a brake is on, and the notice says which; nothing changed


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a write, and the notice of the first time where it was a repetition."""

    stored: Stored
    notice: str = ""


class Requests(Protocol):
    """Requests with their audit and effects: one atomic step per write."""

    async def load(self, request_id: str) -> Request | None: ...

    async def load_by_intune_id(self, intune_id: str) -> Request | None: ...

    async def open(self) -> tuple[Request, ...]:
        """Every request that has not reached Intune's own end, oldest first."""

    async def seen(self, once: Once) -> Receipt | None:
        """REPEATED or FORGED if this click id is known, else nothing."""

    async def commit(self, write: Write) -> Receipt:
        """Store all of it or nothing. Compares `request.revision` with what is stored, and stores it plus one."""

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Audit entries that belong to no decision (started, posted, configuration loaded)."""

    async def refuse(self, entry: AuditEntry) -> None:
        """A refusal that belongs to no request; so many of one person within a minute are recorded."""

    async def recorded(self, request_id: str, since: datetime) -> tuple[AuditEntry, ...]:
        """What was recorded of a request since then, oldest first, as far as it is still at hand."""

    async def recorded_last(self, kinds: Container[Kind], most: int) -> tuple[AuditEntry, ...]:
        """The last `most` entries of these kinds, oldest first, as far as they are still at hand."""

    async def asked_since(self, since: datetime) -> Asked:
        """Who has asked for something in chat since then."""
