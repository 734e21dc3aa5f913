"""Distinguish a neighbour that is unavailable from one row that cannot be read."""

from contextlib import suppress
from dataclasses import dataclass

from handlers.intune.lead import Lead
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError, Throttled, Unavailable, Unreadable
from handlers.ports.intune import Intune


@dataclass(frozen=True, slots=True)
class Away:
    """Ends a round of reading if a neighbour is unavailable."""

    clock: Clock
    lead: Lead
    intune: Intune

    async def end_if(self, error: PortError) -> None:
        """Raise if a neighbour is unavailable: then the row is not at fault, and every other row would fail as well. To
        find out, the lease is read from Redis again, and the list from Graph."""
        if isinstance(error, Throttled):
            raise error
        if isinstance(error, Unavailable):
            await self.lead.is_ours()
            with suppress(Unreadable):  # it has answered
                async for _ in self.intune.changed_since(await self.clock.now()):
                    pass
