"""Preview of an order, shown to the author of the draft, who confirms it there."""

from dataclasses import dataclass

from approvals.asking import Draft
from cards import drafting
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.proposing import Proposing
from handlers.ports.drafts import Drafts
from handlers.ports.teams import CardJson


@dataclass(frozen=True, slots=True)
class ProposalCards:
    """Shows a draft with its target as it is now, and stores what was shown."""

    drafts: Drafts[Draft]
    proposing: Proposing
    confirmation: Confirmation

    async def show(self, draft: Draft, notice: str = "") -> CardJson:
        """Return the confirmation with a sentence on top, or why it cannot be requested."""
        proposal = await self.proposing.propose(draft)
        if proposal.refusal:
            return drafting.over(proposal.refusal)
        await self.drafts.save(proposal.draft)
        return self.confirmation.card(proposal.draft, notice)
