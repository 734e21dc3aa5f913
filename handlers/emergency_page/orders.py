"""An operation chosen on the emergency page: it is requested and its glass is broken in one step."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.order import Act
from cards import words
from cards.actions import Verb
from cards.reviewing import lines
from cards.stakes import stakes
from handlers.commands.grammar import Command
from handlers.commands.lexicon import Name
from handlers.emergency_page.deed import Deed
from handlers.ordering.askers import NOT_SET_UP
from handlers.ordering.filled_orders import FilledOrders
from handlers.ports.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class DoorOrders:
    """Creates a confirmed order from the form. Without `sign_in` nothing can be requested."""

    sign_in: SignIn | None
    filled_orders: FilledOrders

    async def typed(self, account: str, fields: Mapping[str, str], context: str) -> Deed | str:
        """Return the operation to confirm, or why the form is not enough."""
        drill = fields.get("drill") == "yes"
        command = Command(Name.BREAKGLASS, fields.get("device", "").strip(), act=Act(fields["act"]), drill=drill)
        draft = await self.filled_orders.confirm(command, account, fields)
        if isinstance(draft, str):
            return draft
        if draft.subject is None or self.sign_in is None:
            return NOT_SET_UP
        facts = tuple((one.label, one.value) for one in lines(draft.subject))
        onward = await self.sign_in.page_for(draft.id, account, Verb.ASK, context=context)
        return Deed(words.title(draft.subject), stakes(draft.subject), facts, onward)
