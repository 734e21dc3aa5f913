"""Voting in Teams: the second step, the vote, and what follows if it decides."""

from dataclasses import dataclass
from typing import Literal

from approvals.audit import Identified
from approvals.carry import repeats, waits_for
from approvals.decide import Ballot, cast_vote, why_not, why_not_vote
from approvals.refusals import SignInFirst
from approvals.request import Verdict
from cards.actions import Verb
from cards.refusals import refusal_sentence
from cards.view import CardStep
from handlers.deciding.own_cards import FORGED, OwnCards
from handlers.deciding.scene import Scene
from handlers.deciding.signed import SignableVerb
from handlers.deciding.signing import SigningClicks
from handlers.gathering.eligibilities import Eligibilities
from handlers.incoming.clicks import Answer, ShowCard
from handlers.ports.clock import Clock
from handlers.ports.requests import Requests, Stored
from handlers.showing.views import second_step
from handlers.storing.commits import Commits, Committed


@dataclass(frozen=True, slots=True)
class Voting:
    """Stores votes that are clicked."""

    clock: Clock
    requests: Requests
    commits: Commits
    eligibilities: Eligibilities
    signing: SigningClicks
    own_cards: OwnCards

    async def second_step(self, scene: Scene, verb: Literal[Verb.APPROVE, Verb.REJECT]) -> Answer:
        """Return the second step of a vote, or why there is none; repeating a vote means Finish."""
        verdict = Verdict.APPROVE if verb is Verb.APPROVE else Verdict.REJECT
        now = await self.clock.now()
        refusal = why_not(scene.request, scene.eligibility, scene.clicked.button.fingerprint, now)
        if refusal:
            if repeats(scene.request, scene.eligibility.person, verdict, now):
                return await self.signing.act(scene, scene.request, Verb.FINISH)
            return await self.own_cards.show(scene, scene.request, refusal_sentence(refusal))
        step = CardStep.APPROVE if verdict is Verdict.APPROVE else CardStep.REJECT
        return ShowCard(second_step(scene.request, scene.eligibility, step))

    async def confirm(self, scene: Scene, verb: Literal[Verb.CONFIRM_APPROVE, Verb.CONFIRM_REJECT]) -> Answer:
        """Cast the vote; if it decides, carry the decision to Intune in this person's name."""
        verdict = Verdict.APPROVE if verb is Verb.CONFIRM_APPROVE else Verdict.REJECT
        if repeats(scene.request, scene.eligibility.person, verdict, await self.clock.now()):
            return await self._signed_unless_forged(scene, Verb.FINISH)
        if await self._needs_signature(scene, verdict):
            return await self._signed_unless_forged(scene, Verb.CONFIRM_APPROVE)
        committed = await self._vote(scene, verdict)
        if committed.outcome.refusal or committed.stored is not Stored.SAVED:
            return await self.own_cards.show_stored(scene, committed)
        if waits_for(committed.request, scene.eligibility.person):
            return await self.signing.act(scene, committed.request, Verb.FINISH)
        return await self.own_cards.show(scene, committed.request)

    async def _signed_unless_forged(self, scene: Scene, verb: SignableVerb) -> Answer:
        """Act with a token, unless the click's id is stored with another body: this click stores nothing itself."""
        seen = await self.requests.seen(scene.clicked.once)
        if seen and seen.stored is Stored.FORGED:
            return await self.own_cards.show(scene, scene.request, FORGED)
        return await self.signing.act(scene, scene.request, verb)

    async def _vote(self, scene: Scene, verdict: Verdict) -> Committed:
        ballot = _ballot(scene, verdict)
        return await self.commits.commit_on(
            scene.request.id,
            self.eligibilities.of_voters,
            lambda request, voters, now: cast_vote(request, ballot, voters, now),
            scene.clicked.once,
            scene.clicked.account,
        )

    async def _needs_signature(self, scene: Scene, verdict: Verdict) -> bool:
        """Return whether the rules require this person's own token before they count the vote."""
        refusal = why_not_vote(scene.request, _ballot(scene, verdict), await self.clock.now())
        return isinstance(refusal, SignInFirst)


def _ballot(scene: Scene, verdict: Verdict) -> Ballot:
    clicked = scene.clicked
    return Ballot(scene.eligibility, verdict, clicked.button.fingerprint, Identified.BY_CHANNEL, clicked.note)
