"""What all replicas know of polling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from approvals.effects import Planned


@dataclass(frozen=True, slots=True)
class Polling:
    """How polling goes, the same for all replicas.

    A poll is complete when every row was taken in and the watermark moved. `wanted_since` is when the first replica
    wanted one; `stuck` are the rows, by Intune's id, that the last incomplete one could not take in.
    """

    wanted_since: datetime
    complete_at: datetime | None = None
    alarmed: bool = False
    stuck: tuple[str, ...] = ()
    beaten_at: datetime | None = None

    @property
    def blind_since(self) -> datetime:
        """From when on nobody knows what Intune has to say."""
        return self.complete_at or self.wanted_since


class PollState(Protocol):
    """The one poller's memory and its lease."""

    async def lead(self, replica: str) -> bool:
        """Become or stay the one poller; false if another replica is, or if this one stands back."""

    async def release(self, replica: str) -> None:
        """Leave polling to whoever asks next."""

    async def stand_back(self, replica: str, pause: timedelta) -> None:
        """Leave polling to the others, until every one of them has had the time to take it, and a pause longer."""

    async def watermark(self) -> datetime | None:
        """Up to where Intune was read; `None` before the very first poll."""

    async def complete(self, to: datetime, recovered: Sequence[Planned] = ()) -> None:
        """Everything up to here was taken in: the watermark, the time of it and the end of an alarm, in one step.

        `recovered` is planned only where it was alarmed that no poll is complete.
        """

    async def incomplete(self, stuck: Sequence[str]) -> None:
        """Remember which rows could not be taken in, until a poll is complete."""

    async def polling(self) -> Polling:
        """How polling goes, for all replicas together."""

    async def alarm(self, seen: Polling, planned: Sequence[Planned]) -> bool:
        """Have it told that no poll is complete, once until one is. False, and nothing happens, if it was alarmed or
        is over meanwhile."""

    async def beaten(self) -> None:
        """Remember that a heartbeat was sent now."""
