"""Detection of data that the store has lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approvals.audit import AuditEntry
from approvals.effects import Planned


@dataclass(frozen=True, slots=True)
class Loss:
    """Data that the store has lost: the number of audit entries, and the requests known to be affected.

    `ended` holds those of them whose cancellation, rejection or expiry was lost. `told` is true if the operators know
    already, because Intune could not be searched at once.
    """

    entries: int
    requests: tuple[str, ...]
    ended: frozenset[str] = frozenset()
    told: bool = False


class Continuity(Protocol):
    """Record of whether the store has lost data."""

    async def doubt(self, why: str) -> None:
        """Stop calls to Intune until an operator accepts the store, because of what was found elsewhere."""


class Losses(Protocol):
    """Losses that the bot recovered from by itself, until the affected requests are checked."""

    async def loss(self) -> Loss | None:
        """Return what the store has lost, if it was not searched for yet."""

    async def told(self) -> None:
        """Record that the operators know of the loss."""

    async def recovered(self, loss: Loss, entries: Sequence[AuditEntry], planned: Sequence[Planned]) -> bool:
        """Allow calls again after the search for this loss; return false if more was found to be lost since then."""
