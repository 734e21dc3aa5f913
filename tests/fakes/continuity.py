"""Losses of the store in memory, as a test causes them."""

from collections.abc import Sequence
from dataclasses import replace

from approvals.audit import AuditEntry
from approvals.brake import RECOVERY, STORE, recovery_brake, store_brake
from approvals.effects import Planned
from handlers.ports.continuity import Loss
from tests.fakes.brakes import Brakes
from tests.fakes.outbox import Outbox
from tests.fakes.shared import Shared


class Continuity:
    """Pulls the store's brake on a doubt."""

    def __init__(self, shared: Shared, brakes: Brakes) -> None:
        self._shared = shared
        self._brakes = brakes

    async def doubt(self, why: str) -> None:
        self._brakes.pulled.setdefault(STORE, store_brake(why, self._shared.clock.time))


class Losses:
    """Keeps a loss that a test causes, until the bot has recovered from it."""

    def __init__(self, shared: Shared, outbox: Outbox, brakes: Brakes) -> None:
        self.lost: Loss | None = None
        self._shared = shared
        self._outbox = outbox
        self._brakes = brakes

    def lose(self, loss: Loss) -> None:
        """Let the store lose this, and stop calls to Intune."""
        self.lost = loss
        self._brakes.pulled.setdefault(RECOVERY, recovery_brake(self._shared.clock.time))

    async def loss(self) -> Loss | None:
        return self.lost

    async def told(self) -> None:
        if self.lost:
            self.lost = replace(self.lost, told=True)

    async def recovered(self, loss: Loss, entries: Sequence[AuditEntry], planned: Sequence[Planned]) -> bool:
        if self.lost is None or self.lost.entries != loss.entries:
            return False
        self.lost = None
        self._brakes.pulled.pop(RECOVERY, None)
        self._shared.record(entries)
        self._outbox.add(planned, self._shared.clock.time)
        return True
