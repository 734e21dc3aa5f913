"""The card for a place: of the request, or of its review."""

from dataclasses import dataclass
from typing import assert_never

from approvals.effects import NotificationKind
from approvals.request import Request
from cards import sentences
from cards.actions import stamped
from handlers.ports.copies import PostedCard
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel
from handlers.ports.teams import CardJson
from handlers.showing.review_cards import ReviewCards
from handlers.showing.views import Views


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws the card of a place, for everybody there."""

    views: Views
    review_cards: ReviewCards

    async def draw(self, request: Request, copy: PostedCard) -> CardJson:
        """Return the card as it is now, with the id of the attempt that posts it, or has posted it."""
        return stamped(await self._drawn(request, copy.place), copy.attempt)

    async def _drawn(self, request: Request, place: Place) -> CardJson:
        match place:
            case InChannel():
                return await self.views.base_card(request, place.channel)
            case InChat():
                return await self.views.askers_card(request)
            case ReviewInChannel():
                return await self.review_cards.draw(request)
            case _:
                assert_never(place)


def summary_in(request: Request, place: Place) -> str:
    """Return the text that is shown instead of the card: in a notification, in a list of chats."""
    is_review = isinstance(place, ReviewInChannel)
    return sentences.reply(request, NotificationKind.REVIEW_OPENED) if is_review else sentences.summary(request)
