"""The author of a draft confirms it: what they saw and typed is checked, then they prove who they are."""

from dataclasses import dataclass, replace

from approvals.asking import Draft
from approvals.drafts import is_of
from cards.refusals import refusal_sentence
from handlers.incoming.clicks import Answer, Click, ShowCard
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.filling import filled_in
from handlers.ordering.opening import CHANGED
from handlers.ordering.proposal_cards import ProposalCards
from handlers.ordering.proving_author import ProvingAuthor
from handlers.ports.drafts import Drafts


@dataclass(frozen=True, slots=True)
class Confirming:
    """Handles the confirmation of an order. Input that is not enough is shown again, with everything that was typed."""

    drafts: Drafts[Draft]
    confirmation: Confirmation
    proposal_cards: ProposalCards
    proving: ProvingAuthor

    async def confirm(self, draft: Draft, clicked: Click) -> Answer:
        """Go on to the proof, or show what is missing."""
        filled = filled_in(draft, clicked.inputs)
        if not is_of(draft, clicked.button.fingerprint):
            return ShowCard(await self.proposal_cards.show(filled, CHANGED))
        if wrong := self.confirmation.why_not(filled, clicked.inputs.get("name", "")):
            await self.drafts.save(filled)
            return ShowCard(self.confirmation.card(filled, refusal_sentence(wrong)))
        confirmed = replace(filled, confirmed=True)
        await self.drafts.save(confirmed)
        return await self.proving.prove(confirmed, clicked)
