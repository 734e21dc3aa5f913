"""Notices for one recipient, combined into one message."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from approvals.effects import Medium, Notice


class Notices(Protocol):
    """Store of the notices that wait to be combined into one message for their recipient."""

    async def add(
        self, medium: Medium, target: str, notice: Notice, now: datetime, due: datetime, *, patient: bool = False
    ) -> None:
        """Add a notice. The message is sent when its first notice is due, at `due` at the latest.

        A `patient` notice does not move a planned delivery, even if that is later.
        """

    async def waiting(self, medium: Medium, target: str) -> tuple[Notice, ...]:
        """Return the waiting notices, in the order of the requests."""

    async def delivered(self, medium: Medium, target: str, notices: Sequence[Notice]) -> None:
        """Remove the delivered notices; those added since then stay."""
