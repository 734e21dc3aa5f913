"""The common time of all replicas."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time that all replicas agree on."""

    async def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
