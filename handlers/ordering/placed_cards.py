"""The author's view of the request that an order became."""

from dataclasses import dataclass

from approvals.asking import Draft
from approvals.request import Request
from cards import drafting
from cards.actions import stamped
from handlers.incoming.clicks import Click, Scope
from handlers.ports.requests import Requests
from handlers.ports.teams import CardJson
from handlers.showing.latest import Latest
from handlers.showing.views import Views


@dataclass(frozen=True, slots=True)
class PlacedCards:
    """Shows the latest request: in their own chat as its card, elsewhere as a line that only they see."""

    requests: Requests
    latest: Latest
    views: Views

    async def show(self, draft: Draft, made: Request, clicked: Click) -> CardJson:
        """Return the card that replaces the confirmation."""
        current = await self.requests.load(made.id) or made
        if clicked.scope is not Scope.PERSONAL:
            return drafting.asked(current)
        return stamped(await self.latest.shown(current, self.views.askers_card), draft.id)
