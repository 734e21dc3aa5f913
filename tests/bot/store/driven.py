"""What the store's tests write."""

from approvals.audit import AuditEntry, Identified, Kind
from approvals.effects import Planned
from approvals.request import Request
from handlers.ports.requests import IdempotencyKey, Write
from tests.approvals.builders import NOW, request
from tests.fakes.clock import Clock

NEW = request(revision=0)
"""A request that has never been stored."""

DrivenClock = Clock
"""What the rooms of the audit's tests call the clock."""


def write(of: Request, *planned: Planned, once: IdempotencyKey | None = None) -> Write:
    """A change with one audit entry."""
    return Write(of, changed=True, entries=(entry(of),), planned=planned, at=NOW, once=once)


def entry(of: Request, kind: Kind = Kind.VOTED) -> AuditEntry:
    """Somebody did something."""
    return AuditEntry(kind, NOW, of.id, "alex", "Alex", Identified.BY_CHANNEL, evidence={"groups": "g"})
