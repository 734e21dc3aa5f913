"""Begin break-glass on a request: give the person a prompt, or say why not."""

from dataclasses import dataclass

from approvals.audit import Identified
from approvals.break_glass import Prompt, why_not_break, why_not_invoke
from approvals.people import Person
from approvals.request import Request
from cards import glass_card
from cards.actions import fingerprint_of
from cards.refusals import refusal_sentence
from handlers.emergency.prompt_checks import PromptChecks
from handlers.emergency.prompt_scenes import PromptScenes
from handlers.gathering.invokers import Invokers
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.teams import CardJson
from handlers.storing.ids import new_request_id
from handlers.storing.refusals import Refusals


@dataclass(frozen=True, slots=True)
class Prompting:
    """Opens prompts. Nothing is broken here, and every refusal is recorded."""

    clock: Clock
    prompts: Drafts[Prompt]
    refusals: Refusals
    invokers: Invokers
    scenes: PromptScenes
    checks: PromptChecks

    async def begin(self, request: Request, account: str, name: str, *, drill: bool = False) -> CardJson:
        """Return the prompt, or why this person gets none."""
        now = await self.clock.now()
        prompt = Prompt(new_request_id(now), request.id, Person(account, name, frozenset({account})), now, drill)
        scene = await self.scenes.gather(prompt, request)
        refusal = why_not_invoke(scene.emergency, scene.eligibility) or why_not_break(
            request, fingerprint_of(request), now
        )
        if refusal:
            await self.checks.record(scene, refusal, Identified.BY_CHANNEL)
            return glass_card.over(refusal_sentence(refusal))
        await self.prompts.save(prompt)
        return scene.card()

    async def why_nowhere(self, account: str, name: str) -> str:
        """Return why this person may not break glass at all; empty if they may.

        The answer for an unknown request is the same as for every other, so that it reveals none.
        """
        eligibility = await self.invokers.eligibility(account, name)
        refusal = why_not_invoke(self.invokers.emergency, eligibility)
        return (
            await self.refusals.record(eligibility.person, refusal_sentence(refusal), reason=refusal.code)
            if refusal
            else ""
        )
