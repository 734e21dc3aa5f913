"""The card of a place: of the request, or of its review."""

from dataclasses import dataclass

from approvals.effects import Occasion
from approvals.request import Request
from cards import sentences
from cards.actions import stamped
from handlers.emergency.review_cards import ReviewCards
from handlers.ports.copies import Copy
from handlers.ports.places import is_review
from handlers.ports.teams import Card
from handlers.showing.views import Views


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws what stands in a place, for everybody there."""

    views: Views
    review_cards: ReviewCards

    async def draw(self, request: Request, copy: Copy) -> Card:
        """The card as it is now, with the id of the attempt that posts it, or has posted it."""
        place = copy.channel
        drawn = await (self.review_cards.draw(request) if is_review(place) else self.views.base_card(request, place))
        return stamped(drawn, copy.attempt)


def summary_in(request: Request, place: str) -> str:
    """What is shown of it where no card can be: in a notification, in a list of chats."""
    return sentences.reply(request, Occasion.REVIEW_OPENED) if is_review(place) else sentences.summary(request)
