"""The answer after somebody broke the glass: their own card of the request, or why nothing was broken."""

from dataclasses import dataclass

from cards import glass_card
from handlers.emergency.glass_breaker import Broken
from handlers.emergency.prompt_scenes import PromptScene
from handlers.gathering.eligibilities import Eligibilities
from handlers.incoming.clicks import Answer, ShowCard
from handlers.ports.requests import Requests
from handlers.showing.latest import Latest
from handlers.showing.views import Views


@dataclass(frozen=True, slots=True)
class BrokenCards:
    """Shows the result of breaking the glass, on the latest request."""

    requests: Requests
    eligibilities: Eligibilities
    latest: Latest
    views: Views

    async def show(self, scene: PromptScene, broken: Broken) -> Answer:
        """Return the card with the sentence on top; a refusal is shown alone."""
        if broken.committed.outcome.refusal:
            return ShowCard(glass_card.over(broken.said))
        stored, person = broken.committed.request, scene.eligibility.person
        request = await self.requests.load(stored.id) or stored
        eligibility = await self.eligibilities.to(request, person.account, person.name)
        return ShowCard(
            await self.latest.shown(request, lambda current: self.views.own_card(current, eligibility, "", broken.said))
        )
