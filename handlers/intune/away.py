"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from dataclasses import dataclass

from handlers.ports.clock import Clock
from handlers.ports.errors import PortError, Throttled, Unavailable
from handlers.ports.intune import Intune
from handlers.ports.polling import PollState


@dataclass(frozen=True, slots=True)
class Away:
    """Tells a neighbour that is away from one bad row."""

    clock: Clock
    poll_state: PollState
    intune: Intune
    replica: str

    async def end_if(self, error: PortError) -> None:
        """End the round where a neighbour is away, for then nothing is wrong with what was being read, and every other
        row would fail alike. Both are asked what they answered a moment ago: Redis for the lease, Graph for the
        list."""
        if isinstance(error, Throttled):
            raise error
        if isinstance(error, Unavailable):
            await self.poll_state.lead(self.replica)
            async for _ in self.intune.changed_since(await self.clock.now()):
                pass
