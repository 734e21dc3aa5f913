"""Who is locked because a review is overdue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.locking import is_locked
from approvals.people import Person
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class ReviewLock:
    """Who is locked because a review is overdue."""

    requests: Requests

    async def holds(self, people: Iterable[Person], now: datetime) -> bool:
        """Whether a review of something that one of these people had a part in is overdue."""
        return is_locked(await self.requests.open(), list(people), now)
