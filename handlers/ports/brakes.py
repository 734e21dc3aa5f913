"""The store of the brakes."""

from collections.abc import Sequence
from typing import Protocol

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned


class Brakes(Protocol):
    """The brakes that are on."""

    async def on(self) -> tuple[Brake, ...]: ...

    async def swap(
        self,
        before: Brake | None,
        after: Brake | None,
        entries: Sequence[AuditEntry],
        planned: Sequence[Planned] = (),
    ) -> bool:
        """Put one state of a brake in the place of another (`None` is off), in one step with what is recorded and
        what follows.

        False, and nothing happens, if it is in another state meanwhile.
        """
