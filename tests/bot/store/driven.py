"""Requests, changes and audit entries for the tests of the store."""

from approvals.audit import AuditEntry, Identified, Kind
from approvals.effects import Planned
from approvals.request import Request
from handlers.ports.requests import IdempotencyKey, Write
from tests.approvals.builders import NOW, request
from tests.fakes.clock import Clock

NEW = request(revision=0)
"""A request that has never been stored."""

DrivenClock = Clock
"""The name of this clock in the tests of the audit."""


def write(of: Request, *planned: Planned, once: IdempotencyKey | None = None) -> Write:
    """Return a change with one audit entry."""
    return Write(of, changed=True, entries=(entry(of),), planned=planned, at=NOW, once=once)


def entry(of: Request, kind: Kind = Kind.VOTED) -> AuditEntry:
    """Return an audit entry of an action by Alex."""
    return AuditEntry(kind, NOW, of.id, "alex", "Alex", Identified.BY_CHANNEL, evidence={"groups": "g"})
