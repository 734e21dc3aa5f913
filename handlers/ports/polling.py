"""The state of polling that all replicas share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from approvals.effects import Planned


@dataclass(frozen=True, slots=True)
class Polling:
    """The state of polling, the same for all replicas.

    A poll is complete when every row was taken in and the watermark moved. `wanted_since` is when the first replica
    wanted one; `stuck` are the rows, by Intune's id, that the last incomplete poll could not take in.
    """

    wanted_since: datetime
    complete_at: datetime | None = None
    alarmed: bool = False
    stuck: tuple[str, ...] = ()
    beaten_at: datetime | None = None

    @property
    def blind_since(self) -> datetime:
        """Time since which nothing is known of Intune."""
        return self.complete_at or self.wanted_since


class PollState(Protocol):
    """The lease and the memory of the one poller."""

    async def lead(self, replica: str) -> bool:
        """Become or stay the only poller; return false if another replica is the poller, or if this one stands back."""

    async def release(self, replica: str) -> None:
        """Leave polling to the replica that asks next."""

    async def stand_back(self, replica: str, pause: timedelta) -> None:
        """Leave polling to the others until each of them has had time to take it, and a pause longer."""

    async def watermark(self) -> datetime | None:
        """Return up to when Intune was read; `None` before the very first poll."""

    async def complete(self, to: datetime, recovered: Sequence[Planned] = ()) -> None:
        """Store in one step that everything up to here was taken in, the time, and the end of an alarm.

        `recovered` is planned only if there was an alarm that no poll is complete.
        """

    async def incomplete(self, stuck: Sequence[str]) -> None:
        """Store which rows could not be taken in, until a poll is complete."""

    async def polling(self) -> Polling:
        """Return the state of polling, for all replicas together."""

    async def alarm(self, seen: Polling, planned: Sequence[Planned]) -> bool:
        """Plan the alarm that no poll is complete, once until one is. Return false and change nothing if it was planned
        or is over meanwhile."""

    async def beaten(self) -> None:
        """Record that a heartbeat was sent now."""
