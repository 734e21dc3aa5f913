"""What the store's tests write, and the clock that they drive."""

from datetime import datetime, timedelta

from approvals.audit import AuditEntry, Identified, Kind
from approvals.effects import Planned
from approvals.request import Request
from handlers.ports.requests import Once, Write
from tests.approvals.builders import NOW, request

NEW = request(revision=0)
"""A request that has never been stored."""


class DrivenClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.time = NOW

    async def now(self) -> datetime:
        """The present."""
        return self.time

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.time += timedelta(**span)


def write(of: Request, *planned: Planned, once: Once | None = None) -> Write:
    """A change with one audit entry."""
    return Write(of, changed=True, entries=(entry(of),), planned=planned, at=NOW, once=once)


def entry(of: Request, kind: Kind = Kind.VOTED) -> AuditEntry:
    """Somebody did something."""
    return AuditEntry(kind, NOW, of.id, "alex", "Alex", Identified.BY_CHANNEL, evidence={"groups": "g"})
