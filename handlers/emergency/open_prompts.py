"""Open prompts, each with its request."""

from dataclasses import dataclass, replace

from approvals.break_glass import Prompt
from approvals.prompts import PROMPT_OVER, why_not_go_on, why_not_proceed
from approvals.refusals import Refusal
from approvals.request import Request
from cards.refusals import refusal_sentence
from handlers.gathering.readers import UNKNOWN_REQUEST
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class OpenPrompt:
    """A prompt, and its request as it is now."""

    prompt: Prompt
    request: Request


@dataclass(frozen=True, slots=True)
class OpenPrompts:
    """Returns a prompt to the person who began it, as long as it is open; otherwise the reason."""

    clock: Clock
    requests: Requests
    prompts: Drafts[Prompt]

    async def to_go_on(self, prompt_id: str, account: str) -> OpenPrompt | str:
        """Return the prompt for a click of this account, or why not."""
        prompt = await self.prompts.load(prompt_id)
        if prompt is None:
            return refusal_sentence(PROMPT_OVER)
        return await self._with_request(prompt, why_not_go_on(prompt, account, await self.clock.now()))

    async def to_proceed(self, prompt_id: str, account: str) -> OpenPrompt | str:
        """Return the prompt for this account after the sign-in page, or why not."""
        prompt = await self.prompts.load(prompt_id)
        if prompt is None:
            return refusal_sentence(PROMPT_OVER)
        return await self._with_request(prompt, why_not_proceed(prompt, account, await self.clock.now()))

    async def keep(self, prompt: Prompt) -> None:
        """Store what was typed."""
        await self.prompts.save(prompt)

    async def leave(self, prompt: Prompt) -> None:
        """Close it, so that nobody can go on."""
        await self.prompts.save(replace(prompt, left=True))

    async def _with_request(self, prompt: Prompt, refusal: Refusal | None) -> OpenPrompt | str:
        if refusal:
            return refusal_sentence(refusal)
        request = await self.requests.load(prompt.request_id)
        return UNKNOWN_REQUEST if request is None else OpenPrompt(prompt, request)
