"""Turn a confirmed draft into a request that waits for approval, if everything is still as its author saw it."""

from dataclasses import dataclass, replace

from approvals.asking import Draft
from approvals.drafts import is_as_shown
from approvals.request import Request
from handlers.ordering.askers import Askers
from handlers.ordering.proposing import Proposing
from handlers.ordering.storing_orders import StoringOrders
from handlers.ports.drafts import Drafts
from handlers.ports.requests import IdempotencyKey

CHANGED = "This has changed since you began. Please read it again; nothing was asked for yet."

MOST_TRIES = 10
"""Orders of other people that may come in between before the author has to try again."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Makes a request from a draft. Its target and its author's rights are read again for every try."""

    drafts: Drafts[Draft]
    askers: Askers
    proposing: Proposing
    storing: StoringOrders

    async def ask(self, draft: Draft, once: IdempotencyKey | None) -> Request | str:
        """Return the request, or why there is none."""
        for _ in range(MOST_TRIES):
            if refusal := await self.askers.why_not(draft):
                return refusal
            proposal = await self.proposing.propose(draft)
            if proposal.refusal:
                return proposal.refusal
            if not is_as_shown(draft, proposal.draft):
                await self.drafts.save(replace(proposal.draft, confirmed=False))
                return CHANGED
            made = await self.storing.store(proposal, once)
            if made is not None:
                return made
        return "Too many people ask at the same time. Please try again."
