"""Breaking the glass: the prompt, the proof of who it is, and what then happens at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.people import Person
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class ReviewLock:
    """Who is locked because a review is overdue."""

    requests: Requests

    async def holds(self, people: Iterable[Person], now: datetime) -> bool:
        """Whether a review of something that one of these people had a part in is overdue."""
        behind = list(people)
        for request in await self.requests.open():
            review = request.review
            if review is not None and review.is_overdue(now) and any(map(review.has_part, behind)):
                return True
        return False
