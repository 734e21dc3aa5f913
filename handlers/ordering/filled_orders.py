"""An order that was filled in on a page all at once: no choice is offered there, and no card shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from approvals.asking import Draft
from cards.refusals import refusal_sentence
from handlers.commands.grammar import Command
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.filling import filled_in, with_found
from handlers.ordering.new_drafts import NewDrafts
from handlers.ordering.proposing import Proposing
from handlers.ports.drafts import Drafts
from handlers.ports.orders import Orders

NO_DEVICE = 'There is no device "{}". Nothing was asked for.'
SEVERAL_DEVICES = '{} devices match "{}". Write the whole name, or the serial number.'


@dataclass(frozen=True, slots=True)
class FilledOrders:
    """Confirms such an order. Nothing is requested before its author proves who they are."""

    drafts: Drafts[Draft]
    orders: Orders
    new_drafts: NewDrafts
    proposing: Proposing
    confirmation: Confirmation

    async def confirm(self, command: Command, account: str, fields: Mapping[str, str]) -> Draft | str:
        """Return a draft that lacks nothing but the proof of who asks, or what is wrong with it."""
        draft = await self.new_drafts.begin(command, account)
        if isinstance(draft, str):
            return draft
        found = await self.orders.find(draft.act, draft.words)
        if len(found) != 1:
            return SEVERAL_DEVICES.format(found.total, draft.words) if found else NO_DEVICE.format(draft.words)
        proposal = await self.proposing.propose(filled_in(with_found(draft, found[0].id), fields))
        if proposal.refusal:
            return proposal.refusal
        if wrong := self.confirmation.why_not(proposal.draft, fields.get("name", "")):
            return refusal_sentence(wrong)
        confirmed = replace(proposal.draft, confirmed=True)
        await self.drafts.save(confirmed)
        return confirmed
