"""The card of a review, drawn from the latest request."""

from dataclasses import dataclass

from approvals.request import Request
from cards.review_card import review_card
from handlers.incoming.clicks import Answer, Say, ShowCard
from handlers.ports.clock import Clock
from handlers.ports.teams import CardJson
from handlers.showing.latest import Latest

NO_REVIEW = "There is no review of this any more."


@dataclass(frozen=True, slots=True)
class ReviewCards:
    """Draws reviews as they are now; if there is none any more, it says so."""

    clock: Clock
    latest: Latest

    async def draw(self, request: Request, notice: str = "", *, closing: bool = False) -> CardJson:
        """Return the review's card; with `closing` it asks for the finding."""
        overdue = request.review is not None and request.review.is_overdue(await self.clock.now())
        return review_card(request, overdue=overdue, notice=notice, closing=closing)

    async def show(self, request: Request, notice: str = "", *, closing: bool = False) -> Answer:
        """Return the same as the answer to a click."""
        if request.review is None:
            return Say(NO_REVIEW)
        return ShowCard(await self.latest.shown(request, lambda current: self.draw(current, notice, closing=closing)))
