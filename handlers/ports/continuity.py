"""Whether the store is still the one that it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approvals.audit import AuditEntry
from approvals.effects import Planned


@dataclass(frozen=True, slots=True)
class Loss:
    """What a store that went back has lost: how many audit entries, and the requests that are known to be touched.

    `ended` are those of them of which it has lost that they were cancelled, rejected or expired. `told` says that the
    operators know already, because Intune could not be searched at once.
    """

    entries: int
    requests: tuple[str, ...]
    ended: frozenset[str] = frozenset()
    told: bool = False


class Continuity(Protocol):
    """Whether the store is still the one that it was."""

    async def doubt(self, why: str) -> None:
        """Stop calls to Intune until an operator accepts the store, because of what was found elsewhere."""

    async def loss(self) -> Loss | None:
        """Return what the store has lost and was not looked for yet."""

    async def told(self) -> None:
        """Remember that the operators know of the loss."""

    async def recovered(self, loss: Loss, entries: Sequence[AuditEntry], planned: Sequence[Planned]) -> bool:
        """Let calls go on after this loss was looked for; false if more was found to be lost meanwhile."""
