"""The store of the brakes."""

from collections.abc import Sequence
from typing import Protocol

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned


class Brakes(Protocol):
    """Store of the brakes that are on."""

    async def on(self) -> tuple[Brake, ...]: ...

    async def swap(
        self,
        before: Brake | None,
        after: Brake | None,
        entries: Sequence[AuditEntry],
        planned: Sequence[Planned] = (),
    ) -> bool:
        """Replace one state of a brake with another (`None` is off), and store audit entries and effects, in one step.

        Return false and change nothing if the brake is in another state by now.
        """
