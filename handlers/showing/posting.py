"""Post the cards of a request, and keep every one of them up to date."""

from dataclasses import dataclass

import structlog

from approvals.request import Request
from handlers.ports.errors import Gone, PortError, Unavailable, Unreachable
from handlers.ports.places import InChat, Place
from handlers.ports.teams import Chat
from handlers.showing.attempts import MOST_UNNAMED, Attempts
from handlers.showing.drawing import Drawing, summary_in
from handlers.showing.latest import Latest
from handlers.showing.places import places_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Posting:
    """Writes cards to Teams. An error in one place is raised after all the others are done."""

    chat: Chat
    attempts: Attempts
    drawing: Drawing
    latest: Latest

    async def post(self, request: Request) -> None:
        """Post to every place that has no living copy yet.

        A copy is stored before its post and completed after it. One that was never completed is posted again: whether
        it is there cannot be known, and two cards are better than none. One that Teams accepted without naming it
        cannot be edited: it is posted again, a limited number of times. A stray card is adopted at its first click.
        """
        done = await self.attempts.done_places(request)
        trouble: PortError | None = None
        for place in places_of(request):
            try:
                if place not in done:
                    await self._post(request, place)
            except PortError as error:
                trouble = error
        if trouble is not None:
            raise trouble

    async def refresh(self, request: Request) -> None:
        """Redraw every copy; one that can no longer be edited is lost, reported, and replaced if the request waits."""
        await self.latest.shown(request, self._edit_copies)

    async def _post(self, request: Request, place: Place) -> None:
        begun = await self.attempts.begin(request, place)
        card = await self.drawing.draw(request, begun)
        try:
            posted = await self.chat.post(place, card, summary_in(request, place))
        except PortError as error:
            if not isinstance(error, Unavailable):
                await self.attempts.give_up(begun)
            if not (isinstance(error, Unreachable) and isinstance(place, InChat)):
                raise
            log.info("no_status_card", request_id=request.id)  # they are told under the card in the channel instead
            return
        if posted.activity_id:
            await self.attempts.posted(begun, posted, request)
        elif await self.attempts.unnamed(begun, request) < MOST_UNNAMED:
            raise Unavailable("Teams took the card and did not say as which message")

    async def _edit_copies(self, request: Request) -> None:
        trouble: PortError | None = None
        for copy in await self.attempts.living(request):
            card = await self.drawing.draw(request, copy)
            try:
                await self.chat.update(copy, card, summary_in(request, copy.place))
                await self.attempts.prove(copy)
            except Gone:
                await self.attempts.lose(copy, request)
            except PortError as error:
                trouble = error
        if trouble is not None:
            raise trouble
