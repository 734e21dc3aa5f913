"""Place a proved order, and tell its author the result. In an emergency it may be run alone at once."""

from dataclasses import dataclass

from approvals.asking import Draft
from approvals.request import Request
from cards import words
from cards.sentences import DRILLED
from handlers.emergency.acting_alone import ActingAlone
from handlers.incoming.clicks import Click
from handlers.ordering.opening import Opening
from handlers.ordering.placed_cards import PlacedCards
from handlers.ordering.proposal_cards import ProposalCards
from handlers.ports.teams import CardJson


@dataclass(frozen=True, slots=True)
class Placing:
    """Places orders: in Teams the answer is a card, on the sign-in page it is a sentence."""

    opening: Opening
    acting_alone: ActingAlone
    placed_cards: PlacedCards
    proposal_cards: ProposalCards

    async def place_from_click(self, draft: Draft, clicked: Click) -> CardJson:
        """Place it; return the request's card, or the confirmation once more with why not."""
        made = await self.opening.ask(draft, clicked.once)
        if isinstance(made, str):
            return await self.proposal_cards.show(draft, made)
        if draft.emergency:
            await self.acting_alone.execute(made, clicked.account, clicked.assertion)
        return await self.placed_cards.show(draft, made, clicked)

    async def place_from_page(self, draft: Draft, proof: str) -> str:
        """Place it; return a sentence about the result. `proof` is the author's own signed token."""
        made = await self.opening.ask(draft, None)
        if isinstance(made, str):
            return made
        if not draft.emergency:
            return f"Asked for approval: {words.title_of(made)} ({made.id})."
        return f"{words.title_of(made)} ({made.id}): {await self._broken(made, draft.author.account, proof)}"

    async def _broken(self, made: Request, account: str, proof: str) -> str:
        if made.drill:
            return DRILLED
        said = await self.acting_alone.execute(made, account, proof)
        return f"The glass is broken, and those on call are asked. {said}".strip()
