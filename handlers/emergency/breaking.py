"""Continue a prompt: leave it, fill it in and prove it by clicks, or finish it after the sign-in page.

Everything that was typed is checked; then they prove who they are; then the glass is broken.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from approvals.audit import Identified
from approvals.break_glass import Prompt
from approvals.prompts import PROMPT_OVER
from cards import glass_card
from cards.actions import OnPrompt, Verb
from cards.refusals import refusal_sentence
from handlers.emergency.glass_breaker import GlassBreaker
from handlers.emergency.open_prompts import OpenPrompt, OpenPrompts
from handlers.emergency.prompt_checks import PromptChecks
from handlers.emergency.prompt_scenes import PromptScenes
from handlers.emergency.proving_invoker import ProvingInvoker
from handlers.incoming.clicks import Answer, Click, ShowCard
from handlers.ports.sign_in import UserToken

LEFT = "Nothing was done."


@dataclass(frozen=True, slots=True)
class BreakingGlass:
    """Leads the person who began a prompt to the broken glass. Nobody else can continue it, and nobody after it
    expires."""

    open_prompts: OpenPrompts
    scenes: PromptScenes
    checks: PromptChecks
    proving: ProvingInvoker
    breaker: GlassBreaker

    async def click(self, clicked: Click, verb: OnPrompt) -> Answer:
        """Handle a click on a prompt."""
        found = await self.open_prompts.to_go_on(clicked.button.request_id, clicked.account)
        if isinstance(found, str):
            return ShowCard(glass_card.over(found))
        match verb:
            case Verb.LEAVE:
                await self.open_prompts.leave(found.prompt)
                return ShowCard(glass_card.over(LEFT))
            case Verb.PAGE:
                return await self._page(found, clicked)
            case Verb.BREAK:
                return await self._confirm(found, clicked)
            case _:
                assert_never(verb)

    async def signed_in(self, prompt_id: str, account: str, token: UserToken) -> str:
        """Break the glass when they come back from the sign-in page; return the sentence for that page."""
        found = await self.open_prompts.to_proceed(prompt_id, account)
        if isinstance(found, str):
            return found
        scene = await self.scenes.gather(found.prompt, found.request)
        return (await self.breaker.break_glass(scene, token, token.proof)).said

    async def _page(self, found: OpenPrompt, clicked: Click) -> Answer:
        """Page those on call for a person who cannot sign in, if everything that they typed was good."""
        if not found.prompt.confirmed:
            return ShowCard(glass_card.over(refusal_sentence(PROMPT_OVER)))
        return await self.proving.go_without(await self.scenes.gather(found.prompt, found.request), clicked.once)

    async def _confirm(self, found: OpenPrompt, clicked: Click) -> Answer:
        scene = await self.scenes.gather(_filled(found.prompt, clicked), found.request)
        refusal = await self.checks.why_not(scene, clicked.inputs.get("name", ""), Identified.BY_CHANNEL)
        confirmed = replace(scene, prompt=replace(scene.prompt, confirmed=refusal is None))
        await self.open_prompts.keep(confirmed.prompt)
        return (
            ShowCard(confirmed.card(refusal_sentence(refusal)))
            if refusal
            else await self.proving.prove(confirmed, clicked)
        )


def _filled(prompt: Prompt, clicked: Click) -> Prompt:
    return replace(
        prompt,
        why=clicked.inputs.get("why", ""),
        ticket=clicked.inputs.get("ticket", "").strip(),
        acting=clicked.inputs.get("acting", ""),
        fingerprint=clicked.button.fingerprint,
    )
