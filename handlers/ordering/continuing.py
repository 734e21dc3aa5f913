"""Continue a draft in its author's own chat, where Teams signs people in silently."""

from dataclasses import dataclass

from approvals.asking import Draft
from cards import drafting
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.proposal_cards import ProposalCards
from handlers.ports.errors import Unreachable
from handlers.ports.places import InChat
from handlers.ports.teams import CardJson, Chat

CONTINUED = "It goes on in our chat, where you need not sign in."
NO_CHAT = "There is no chat between us yet. Add Countersign for yourself in Teams, or sign in here."


@dataclass(frozen=True, slots=True)
class ContinuingInChat:
    """Moves a draft to the 1:1 chat; it stays the same draft."""

    chat: Chat
    confirmation: Confirmation
    proposal_cards: ProposalCards

    async def go_on(self, draft: Draft) -> CardJson:
        """Post it there; return the card that stays here and says so, or that there is no such chat."""
        card = await self.proposal_cards.show(draft)
        try:
            await self.chat.post(InChat(draft.author.account), card, f"{draft.act.value.capitalize()} {draft.words}")
        except Unreachable:
            return self.confirmation.card(draft, NO_CHAT)
        return drafting.over(CONTINUED)
