"""Finish, and withdrawing an approval in Intune: retry what got stuck on its way there."""

from dataclasses import dataclass

from approvals import lifecycle
from approvals.decide import may_vote
from approvals.lifecycle import CarryEvent
from cards.actions import Verb
from cards.refusals import refusal_sentence
from handlers.deciding.own_cards import OwnCards
from handlers.deciding.scene import Scene
from handlers.deciding.signing import SigningClicks
from handlers.filing.pushing import Pushing
from handlers.incoming.clicks import Answer
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Finishing:
    """Retries what got stuck on its way to Intune."""

    requests: Requests
    pushing: Pushing
    signing: SigningClicks
    own_cards: OwnCards

    async def finish(self, scene: Scene) -> Answer:
        """Retry for an approver, with their own token if a decision waits."""
        request = scene.request
        if lifecycle.may(request.carry_state, CarryEvent.CALLED):
            return await self.signing.act(scene, request, Verb.FINISH)
        if refusal := may_vote(request, scene.eligibility):
            return await self.own_cards.show(scene, request, refusal_sentence(refusal))
        await self.pushing.push(request.id)
        return await self.own_cards.show(scene, await self.requests.load(request.id) or request)

    async def cancel_approval(self, scene: Scene) -> Answer:
        """Withdraw an approval that was given in Intune without a decision here, with this person's own token."""
        return await self.signing.act(scene, scene.request, Verb.CANCEL_APPROVAL)
