"""What keeps an approved order from being filed, read right before the call."""

from dataclasses import dataclass

from approvals.disagreement import Disagreement
from approvals.occupied import occupying
from approvals.order import Order
from approvals.recognising import first_asked_at
from approvals.request import Request
from cards import words
from cards.disagreements import sentence_of
from handlers.intune.own_filings import OwnFilings
from handlers.intune.rereading import Rereading
from handlers.ports.errors import NotFound
from handlers.ports.orders import Orders
from handlers.ports.requests import Requests

GONE = "What this is about is not in Intune any more."
DONE_ALREADY = "Intune shows that this was done already. It is not done a second time."


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Looks for reasons not to call."""

    requests: Requests
    orders: Orders
    rereading: Rereading
    own_filings: OwnFilings

    async def why_not_now(self, request: Request, order: Order) -> str:
        """What keeps it from being filed, read now; empty if nothing does."""
        try:
            reread, plan = await self.rereading.reread(request.id, order)
        except NotFound:
            return GONE
        if reread.changed_after_decision:
            return sentence_of(Disagreement.CHANGED_AFTER_DECISION)
        if await self.own_filings.was_done(order, first_asked_at(request)):
            return DONE_ALREADY
        if await self.orders.is_held(order.act.policy_type, plan.platform):
            return ""
        return (
            f"Intune has no active access policy for {order.act.policy_type} on {plan.platform}, so it would run "
            "without a second person. Nothing was sent. Somebody has to make one first."
        )

    async def what_is_open(self, request: Request) -> str:
        """Intune takes one request per target; which one is in the way, as far as we know."""
        other = occupying(await self.requests.open(), request.subject.target_id, besides=request.id)
        if other is None:
            return "Intune has an open request for the same target. Once that is over, an approver can press Finish."
        title, asker = words.title_of(other), words.asker(other)
        return f"Intune has an open request for the same target: {title}, requested by {asker} ({other.id})."
