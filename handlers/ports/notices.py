"""What is gathered for one recipient, to be told as one message."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from approvals.effects import Medium, Notice


class Notices(Protocol):
    """What is gathered for one recipient until it is delivered as one message."""

    async def add(
        self, medium: Medium, target: str, notice: Notice, now: datetime, due: datetime, *, patient: bool = False
    ) -> None:
        """Gather it, to be delivered when what was gathered first is due, at `due` at the latest.

        One that is `patient` leaves a delivery that is planned where it is, also where that is later.
        """

    async def waiting(self, medium: Medium, target: str) -> tuple[Notice, ...]:
        """What is gathered, in the order of the requests."""

    async def delivered(self, medium: Medium, target: str, notices: Sequence[Notice]) -> None:
        """Forget what was told; what came in meanwhile stays."""
