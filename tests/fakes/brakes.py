"""The brakes that are on, in memory."""

from collections.abc import Sequence

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned
from tests.fakes.outbox import Outbox
from tests.fakes.shared import Shared


class Brakes:
    """Keeps brakes by name."""

    def __init__(self, shared: Shared, outbox: Outbox) -> None:
        self.pulled: dict[str, Brake] = {}
        self._shared = shared
        self._outbox = outbox

    async def on(self) -> tuple[Brake, ...]:
        return tuple(self.pulled[name] for name in sorted(self.pulled))

    async def swap(
        self,
        before: Brake | None,
        after: Brake | None,
        entries: Sequence[AuditEntry],
        planned: Sequence[Planned] = (),
    ) -> bool:
        named = after or before
        assert named is not None, "nothing is swapped for nothing"
        if self.pulled.get(named.name) != before:
            return False
        if after is None:
            del self.pulled[named.name]
        else:
            self.pulled[named.name] = after
        self._shared.record(entries)
        if planned:
            self._outbox.add(planned, entries[0].at)
        return True
