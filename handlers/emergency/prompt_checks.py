"""Checks of a filled-in prompt, before the person proves who they are."""

from dataclasses import dataclass

from approvals.audit import Identified
from approvals.change import Change
from approvals.prompts import why_not_confirm
from approvals.refusals import Refusal
from handlers.emergency.prompt_scenes import PromptScene
from handlers.ports.clock import Clock
from handlers.storing.commits import Commits


@dataclass(frozen=True, slots=True)
class PromptChecks:
    """Checks what was filled in. A refused attempt is recorded with the request."""

    clock: Clock
    commits: Commits

    async def why_not(self, scene: PromptScene, typed_name: str, identified: Identified) -> Refusal | None:
        """Return what is wrong with it, if anything, and record that."""
        invocation, fingerprint = scene.invocation(identified), scene.prompt.fingerprint
        now = await self.clock.now()
        refusal = why_not_confirm(scene.request, scene.emergency, invocation, fingerprint, typed_name, now)
        if refusal:
            await self.record(scene, refusal, identified)
        return refusal

    async def record(self, scene: PromptScene, refusal: Refusal, identified: Identified) -> None:
        """Record that this person was refused."""
        person = scene.eligibility.person
        await self.commits.commit(
            scene.request.id,
            lambda request, now: Change(request, now).refuse(refusal, person, identified),
            person=person.account,
        )
