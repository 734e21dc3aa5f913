"""Doing what a decision asked for. Every effect is done on the present state, so late, twice or in any order is
right."""

from dataclasses import dataclass, replace

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.effects import Alarm, Occasion, Planned, PostCards, RefreshCards
from approvals.request import Request
from cards import sentences
from cards.actions import stamped
from handlers.emergency.review_cards import ReviewCards
from handlers.gathering.helpers import Helpers
from handlers.places import places_of
from handlers.ports.clock import Clock
from handlers.ports.copies import Copies, Copy
from handlers.ports.errors import Gone, PortError, Unavailable, Unreachable
from handlers.ports.places import account_of, conversation_in, is_review
from handlers.ports.teams import Card, Chat
from handlers.showing.attempts import Attempts
from handlers.showing.latest import Latest
from handlers.showing.views import Views

log = structlog.get_logger(__name__)


def _summary(request: Request, place: str) -> str:
    return sentences.reply(request, Occasion.REVIEW_OPENED) if is_review(place) else sentences.summary(request)


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts the cards of a request and keeps them true."""

    clock: Clock
    copies: Copies
    chat: Chat
    helpers: Helpers
    latest: Latest
    views: Views
    attempts: Attempts
    review_cards: ReviewCards

    async def post(self, request: Request) -> None:
        """Post to every channel that has no living copy yet.

        A copy is written down before its post and completed after it. What was begun and never completed is posted
        again: whether it stands there cannot be known, and a second card beats none. The first click adopts the stray
        one. What goes wrong in one place is raised when all the others have theirs.
        """
        living = {copy.channel for copy in await self.attempts.living(request)}
        trouble: PortError | None = None
        for place in places_of(request):
            try:
                if place not in living:
                    await self._post(request, place)
            except PortError as error:
                trouble = error
        if trouble is not None:
            raise trouble

    async def refresh(self, request: Request) -> None:
        """Redraw every copy; one that can no longer be edited is lost, replaced if the request still waits, reported.

        What goes wrong with one is raised when all the others are done.
        """
        await self.latest.shown(request, self._edit_copies)

    async def _edit_copies(self, request: Request) -> None:
        trouble: PortError | None = None
        for copy in await self.attempts.living(request):
            card = await self._card(request, copy)
            try:
                await self.chat.update(copy, card, _summary(request, copy.channel))
                await self.attempts.prove(copy)
            except Gone:
                await self._lose(request, copy)
            except PortError as error:
                trouble = error
        if trouble is not None:
            raise trouble

    async def _post(self, request: Request, channel: str) -> None:
        begun = await self.attempts.begin(request, channel)
        card = await self._card(request, begun)
        asks = request.takes_votes and not is_review(channel)
        helpers = await self.helpers.mentions(request, channel) if asks else []
        try:
            posted = await self.chat.post(conversation_in(channel), card, _summary(request, channel), helpers)
        except PortError as error:
            if not isinstance(error, Unavailable):  # it certainly stands nowhere
                await self.copies.swap(begun, None)
            if not (isinstance(error, Unreachable) and account_of(channel)):
                raise
            log.info("no_status_card", request_id=request.id)  # they are told under the card in the channel instead
            return
        await self.copies.save(
            replace(begun, conversation=posted.conversation, activity_id=posted.activity_id),
            [await self._entry(Kind.POSTED, request, channel)],
            [Planned(RefreshCards(request.id))],
            drawn_from=request.revision,
        )
        log.info("card_posted", request_id=request.id, channel=channel)

    async def _card(self, request: Request, copy: Copy) -> Card:
        place = copy.channel
        drawn = await (self.review_cards.draw(request) if is_review(place) else self.views.base_card(request, place))
        return stamped(drawn, copy.attempt)

    async def _lose(self, request: Request, copy: Copy) -> None:
        """Remember the loss, and post anew while the request waits. What only a click has called a card alarms
        nobody."""
        lost, again = replace(copy, lost=True), [Planned(PostCards(request.id))] if request.takes_votes else []
        log.warning("card_lost", request_id=request.id, channel=copy.channel, adopted=copy.adopted)
        if copy.adopted:
            await self.copies.swap(copy, lost, again)
            return
        alarm = [] if account_of(copy.channel) else [Planned(Alarm(request.id, Occasion.COPY_LOST))]
        await self.copies.save(lost, [await self._entry(Kind.COPY_LOST, request, copy.channel)], [*alarm, *again])

    async def _entry(self, kind: Kind, request: Request, channel: str) -> AuditEntry:
        now = await self.clock.now()
        return AuditEntry(kind, now, request.id, digest=request.digest, evidence={"channel": channel})
