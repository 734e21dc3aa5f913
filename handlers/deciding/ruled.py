"""Clicks that need nothing but a rule: its decision is stored and shown on the card."""

from dataclasses import dataclass
from typing import Literal, assert_never

from approvals.asking import cancel
from approvals.audit import Identified
from approvals.decide import may_vote, withdraw
from approvals.reminding import claim, make_urgent
from cards.actions import Verb
from cards.refusals import refusal_sentence
from cards.view import CardStep
from handlers.deciding.own_cards import OwnCards
from handlers.deciding.scene import Scene
from handlers.incoming.clicks import Answer, ShowCard
from handlers.showing.views import second_step
from handlers.storing.commits import Commits, RequestRule

Ruled = Literal[Verb.WITHDRAW, Verb.CANCEL, Verb.CLAIM, Verb.MAKE_URGENT]
"""Verbs of such clicks."""


@dataclass(frozen=True, slots=True)
class RuledClicks:
    """Handles Withdraw, Cancel, Claim and Make urgent."""

    commits: Commits
    own_cards: OwnCards

    async def act(self, scene: Scene, verb: Ruled) -> Answer:
        """Store what the rule decides about this click, and show the result."""
        clicked = scene.clicked
        rule = _rule_of(scene, verb)
        committed = await self.commits.commit(scene.request.id, rule, clicked.once, clicked.account)
        return await self.own_cards.show_stored(scene, committed)

    async def open_urgent(self, scene: Scene) -> Answer:
        """Return the second step of Urgent, where a person says why it cannot wait."""
        if refusal := may_vote(scene.request, scene.eligibility):
            return await self.own_cards.show(scene, scene.request, refusal_sentence(refusal))
        return ShowCard(second_step(scene.request, scene.eligibility, CardStep.URGENT))


def _rule_of(scene: Scene, verb: Ruled) -> RequestRule:
    eligibility, note, by = scene.eligibility, scene.clicked.note, Identified.BY_CHANNEL
    match verb:
        case Verb.WITHDRAW:
            return lambda request, now: withdraw(request, eligibility.person, by, now)
        case Verb.CANCEL:
            return lambda request, now: cancel(request, eligibility.person, by, now)
        case Verb.CLAIM:
            return lambda request, now: claim(request, eligibility, by, now)
        case Verb.MAKE_URGENT:
            return lambda request, now: make_urgent(request, eligibility, note, by, now)
        case _:
            assert_never(verb)
