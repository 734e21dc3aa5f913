"""The state that all parts of one store in memory share. A call of a part never waits, so each call is one atomic
step."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from approvals.audit import AuditEntry
from tests.fakes.clock import Clock


@dataclass
class Shared:
    """The time, the audit, and whether another configuration than ours is active."""

    clock: Clock
    audit: list[AuditEntry] = field(default_factory=list)
    superseded: bool = False

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Add entries to the audit. The number of an entry is its place, counted from 1."""
        self.audit.extend(entries)
