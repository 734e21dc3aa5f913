"""The card of a review, drawn from what the request is by then."""

from dataclasses import dataclass

from approvals.request import Request
from cards.review_card import review_card
from handlers.incoming.clicks import Answer, Say, ShowCard
from handlers.ports.clock import Clock
from handlers.ports.teams import Card
from handlers.showing.latest import Latest

NO_REVIEW = "There is no review of this any more."


@dataclass(frozen=True, slots=True)
class ReviewCards:
    """Draws reviews as they are now; where there is none any more it says so."""

    clock: Clock
    latest: Latest

    async def draw(self, request: Request, notice: str = "", *, closing: bool = False) -> Card:
        """The review of this request; with `closing` it asks for what was found."""
        overdue = request.review is not None and request.review.is_overdue(await self.clock.now())
        return review_card(request, overdue=overdue, notice=notice, closing=closing)

    async def show(self, request: Request, notice: str = "", *, closing: bool = False) -> Answer:
        """The same in answer to a click."""
        if request.review is None:
            return Say(NO_REVIEW)
        return ShowCard(await self.latest.shown(request, lambda current: self.draw(current, notice, closing=closing)))
