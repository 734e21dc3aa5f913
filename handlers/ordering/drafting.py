"""From the words of a command to one target: ask for what is not clear, then show what would happen.

Nothing is sent to Intune here.
"""

from dataclasses import dataclass

from approvals.asking import Draft
from approvals.order import Act
from cards import drafting
from handlers.commands.grammar import Command
from handlers.ordering.filling import with_found
from handlers.ordering.new_drafts import NewDrafts
from handlers.ordering.proposal_cards import ProposalCards
from handlers.ports.drafts import Drafts
from handlers.ports.orders import Matches, Orders
from handlers.ports.teams import CardJson

_WHAT = {Act.SCRIPT: "script", Act.ROLE: "role", Act.COMPLIANCE: "compliance policy"}


@dataclass(frozen=True, slots=True)
class Drafting:
    """Finds the target of an order, and its group. One match is taken, several are a choice."""

    drafts: Drafts[Draft]
    orders: Orders
    new_drafts: NewDrafts
    proposal_cards: ProposalCards

    async def begin(self, command: Command, account: str) -> CardJson:
        """Return the first card of a command: a choice, a confirmation, or why not."""
        draft = await self.new_drafts.begin(command, account)
        return drafting.over(draft) if isinstance(draft, str) else await self._next_card(draft)

    async def choose(self, draft: Draft, choice: str) -> CardJson:
        """Continue with what was chosen. A forged id gives no more access: it finds nothing, or something that could
        also be requested by its name."""
        if not choice:
            return drafting.over("Nothing was chosen. Please write the command again.")
        return await self._next_card(with_found(draft, choice))

    async def _next_card(self, draft: Draft) -> CardJson:
        """Ask for what is not clear yet; then show what would happen."""
        if not draft.target_id:
            found = await self.orders.find(draft.act, draft.words)
            return await self._found(draft, found, draft.words, _WHAT.get(draft.act, "device"))
        if not draft.act.is_on_device and not draft.group_id:
            found = await self.orders.find_groups(draft.group_words)
            return await self._found(draft, found, draft.group_words, "group")
        return await self.proposal_cards.show(draft)

    async def _found(self, draft: Draft, candidates: Matches, typed: str, what: str) -> CardJson:
        if not candidates:
            return drafting.not_found(draft.act, typed, what)
        if len(candidates) == 1:
            return await self._next_card(with_found(draft, candidates[0].id))
        await self.drafts.save(draft)
        choices = [drafting.Choice(one.id, one.name, one.lines) for one in candidates]
        return drafting.chooser(draft, choices, what, candidates.total)
