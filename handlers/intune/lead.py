"""The role of the one replica that polls; other work for one replica alone depends on it."""

from dataclasses import dataclass
from datetime import timedelta

from handlers.ports.polling import PollState


@dataclass(frozen=True, slots=True)
class Lead:
    """This replica's part in that role. `replica` tells it from the others."""

    poll_state: PollState
    replica: str

    async def is_ours(self) -> bool:
        """Become or stay the one that polls; return whether this replica is."""
        return await self.poll_state.lead(self.replica)

    async def stand_back(self, pause: timedelta) -> None:
        """Leave the role to the others for at least that long."""
        await self.poll_state.stand_back(self.replica, pause)

    async def leave(self) -> None:
        """Leave the role to the replica that asks next, at once."""
        await self.poll_state.release(self.replica)
