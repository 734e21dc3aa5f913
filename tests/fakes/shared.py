"""What all parts of one store in memory share. One call of a part never waits, so it is one step for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from approvals.audit import AuditEntry
from tests.fakes.clock import Clock


@dataclass
class Shared:
    """The time, what was recorded, and whether another configuration than ours is the active one."""

    clock: Clock
    audit: list[AuditEntry] = field(default_factory=list)
    superseded: bool = False

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Add to the audit; an entry's number is its place, counted from 1."""
        self.audit.extend(entries)
