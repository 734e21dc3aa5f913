"""Distinguish a neighbour that is away from one row that cannot be read."""

from contextlib import suppress
from dataclasses import dataclass

from handlers.intune.lead import Lead
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError, Throttled, Unavailable, Unreadable
from handlers.ports.intune import Intune


@dataclass(frozen=True, slots=True)
class Away:
    """Ends a round of reading if a neighbour is away."""

    clock: Clock
    lead: Lead
    intune: Intune

    async def end_if(self, error: PortError) -> None:
        """Raise if a neighbour is away: then nothing is wrong with what was being read, and every other row would fail
        as well. Both are asked what they answered a moment ago: Redis for the lease, Graph for the list."""
        if isinstance(error, Throttled):
            raise error
        if isinstance(error, Unavailable):
            await self.lead.is_ours()
            with suppress(Unreadable):  # it has answered
                async for _ in self.intune.changed_since(await self.clock.now()):
                    pass
