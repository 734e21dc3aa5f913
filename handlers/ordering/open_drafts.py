"""Drafts that wait for their authors, and what became of them."""

from dataclasses import dataclass, replace

from approvals.asking import Draft
from approvals.drafts import DRAFT_OVER, why_not_ask, why_not_go_on
from approvals.request import Request
from cards.refusals import refusal_sentence
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class OpenDrafts:
    """Returns a draft to its author, as long as it is open; otherwise the reason."""

    clock: Clock
    requests: Requests
    drafts: Drafts[Draft]

    async def to_go_on(self, draft_id: str, account: str) -> Draft | Request | str:
        """Return the draft, for a click of this account; the request that it became, or why they cannot go on."""
        draft = await self.drafts.load(draft_id)
        if draft is None:
            return refusal_sentence(DRAFT_OVER)
        request, now = await self.requests.load(draft.id), await self.clock.now()
        if refusal := why_not_go_on(draft, account, now, is_asked_for=request is not None):
            return refusal_sentence(refusal)
        return request or draft

    async def to_ask(self, draft_id: str, account: str) -> Draft | str:
        """Return the draft for this account after the sign-in page, or why nothing is requested."""
        draft = await self.drafts.load(draft_id)
        if draft is None:
            return refusal_sentence(DRAFT_OVER)
        refusal = why_not_ask(draft, account, await self.clock.now())
        return refusal_sentence(refusal) if refusal else draft

    async def drop(self, draft: Draft) -> None:
        """Close it, so that nobody can go on."""
        await self.drafts.save(replace(draft, dropped=True))
