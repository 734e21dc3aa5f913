"""Which replica is the one that polls; what only one of them does goes by that."""

from dataclasses import dataclass
from datetime import timedelta

from handlers.ports.polling import PollState


@dataclass(frozen=True, slots=True)
class Lead:
    """This replica's part in it. `replica` tells it from its siblings."""

    poll_state: PollState
    replica: str

    async def is_ours(self) -> bool:
        """Become or stay the one, if no other replica is."""
        return await self.poll_state.lead(self.replica)

    async def stand_back(self, pause: timedelta) -> None:
        """Leave it to the others for at least that long."""
        await self.poll_state.stand_back(self.replica, pause)

    async def leave(self) -> None:
        """Leave it to whoever asks next, at once."""
        await self.poll_state.release(self.replica)
