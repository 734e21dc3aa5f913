"""A waiting request chosen on the emergency page: the form is checked, and shown once more."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.audit import Identified
from approvals.break_glass import Prompt
from approvals.people import Person
from approvals.request import Request
from cards import words
from cards.actions import Verb
from cards.refusals import refusal_sentence
from cards.stakes import stakes
from handlers.emergency.prompt_checks import PromptChecks
from handlers.emergency.prompt_scenes import PromptScenes
from handlers.emergency_page.deed import Deed
from handlers.ordering.askers import NOT_SET_UP
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.sign_in import SignIn
from handlers.storing.ids import new_request_id


@dataclass(frozen=True, slots=True)
class DoorPrompts:
    """Creates a confirmed prompt from the form. Without `sign_in` nobody can come this far."""

    clock: Clock
    sign_in: SignIn | None
    prompts: Drafts[Prompt]
    scenes: PromptScenes
    checks: PromptChecks

    async def typed(
        self, account: str, request: Request, fingerprint: str, fields: Mapping[str, str], context: str
    ) -> Deed | str:
        """Return the operation to confirm, or why the form is not enough; record a refusal."""
        if self.sign_in is None:
            return NOT_SET_UP
        prompt = await self._prompt(account, request, fingerprint, fields)
        scene = await self.scenes.gather(prompt, request)
        if refusal := await self.checks.why_not(scene, fields.get("name", ""), Identified.BY_TOKEN):
            return refusal_sentence(refusal)
        await self.prompts.save(prompt)
        facts = (("Requested by", words.asker(request)), ("Reason", request.justification or "none given"))
        onward = await self.sign_in.page_for(prompt.id, account, Verb.BREAK, context=context)
        return Deed(words.title_of(request), stakes(request.subject), facts, onward)

    async def _prompt(self, account: str, request: Request, fingerprint: str, fields: Mapping[str, str]) -> Prompt:
        now = await self.clock.now()
        return Prompt(
            id=new_request_id(now),
            request_id=request.id,
            invoker=Person(account, "", frozenset({account})),
            began_at=now,
            drill=fields.get("drill") == "yes",
            why=fields.get("why", ""),
            ticket=fields.get("ticket", "").strip(),
            acting=fields.get("acting", ""),
            fingerprint=fingerprint,
            confirmed=True,
        )
