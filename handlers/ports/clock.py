"""The one time that everybody decides by."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The one time that all replicas agree on."""

    async def now(self) -> datetime:
        """The present, aware, in UTC."""
