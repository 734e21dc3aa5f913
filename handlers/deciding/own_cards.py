"""The answer to a click: the person's own card of the latest request."""

from dataclasses import dataclass

from approvals.carry import waits_for
from approvals.request import Request
from cards.actions import Verb
from cards.problems import problem_sentence
from handlers.carrying.troubles import problem_of
from handlers.deciding.scene import Scene
from handlers.incoming.clicks import Answer, Scope, ShowCard
from handlers.ports.errors import NotFound
from handlers.ports.places import channel_of
from handlers.ports.requests import Stored
from handlers.ports.sign_in import SignIn
from handlers.ports.teams import CardJson
from handlers.showing.details import Details
from handlers.showing.latest import Latest
from handlers.showing.views import Views
from handlers.storing.commits import Committed

FORGED = "This click does not belong to you or to this card. Please use the card itself."
OTHER_CONFIG = "Countersign is being updated to another configuration. Please try again in a minute."


@dataclass(frozen=True, slots=True)
class OwnCards:
    """Draws the clicker's own card. Without `sign_in` it offers no way to sign in."""

    latest: Latest
    views: Views
    details: Details
    sign_in: SignIn | None

    async def show(self, scene: Scene, request: Request, notice: str = "", sign_in_url: str = "") -> ShowCard:
        """Return the card of the request as it is now, with a sentence on top."""
        channel = channel_of(scene.clicked.conversation)

        async def own_card(current: Request) -> CardJson:
            return await self.views.own_card(current, scene.eligibility, channel, notice, sign_in_url)

        return ShowCard(await self.latest.shown(request, own_card))

    async def show_stored(self, scene: Scene, committed: Committed) -> ShowCard:
        """Return the card after something was stored, or with the reason why nothing was."""
        return await self.show(scene, committed.request, why_nothing_changed(committed))

    async def refresh(self, scene: Scene) -> Answer:
        """Return the card; a person who has to sign in gets the link again after an edit has removed their view."""
        request, sign_in = scene.request, self.sign_in
        if sign_in and scene.clicked.scope is Scope.CHANNEL and waits_for(request, scene.eligibility.person):
            url = await sign_in.page_for(request.id, scene.clicked.account, Verb.FINISH)
            return await self.show(scene, request, sign_in_url=url)
        return await self.show(scene, request)

    async def show_details(self, scene: Scene) -> Answer:
        """Return the subject in full."""
        try:
            return ShowCard(await self.details.card(scene.request, scene.eligibility, scene.clicked.button.page))
        except NotFound as error:
            return await self.show(scene, scene.request, problem_sentence(problem_of(error)))


def why_nothing_changed(committed: Committed) -> str:
    """Return the sentence for the person: why their click was not stored, or what the rules say."""
    if committed.stored is Stored.FORGED:
        return FORGED
    if committed.stored is Stored.OTHER_CONFIG:
        return OTHER_CONFIG
    return committed.notice
