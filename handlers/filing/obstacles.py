"""What was asked for in chat, on its way through Intune: filed when it is approved here, completed when it is there."""

from dataclasses import dataclass

from approvals import filing as rules
from approvals.disagreement import Disagreement
from approvals.order import Order
from approvals.request import Request
from cards import words
from handlers.commits import Commits
from handlers.gathering.sightings import subject_of
from handlers.intune.own_filings import OwnFilings, first_asked_at
from handlers.policy import Policy
from handlers.ports.errors import NotFound
from handlers.ports.intune import Intune
from handlers.ports.orders import Orders
from handlers.ports.requests import Requests

GONE = "What this is about is not in Intune any more."


DONE_ALREADY = "Intune shows that this was done already. It is not done a second time."


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What keeps an order from being filed."""

    requests: Requests
    intune: Intune
    orders: Orders
    policy: Policy
    commits: Commits
    own_filings: OwnFilings

    async def why_not_now(self, request: Request, order: Order) -> str:
        """What keeps it from being filed, read now; empty if nothing does."""
        try:
            plan = await self.orders.plan(order)
        except NotFound:
            return GONE
        subject = subject_of(plan.row, await self.intune.content(plan.row))
        reread = await self.commits.commit(
            request.id, lambda known, now: rules.reread(known, subject, self.policy.terms(subject), now)
        )
        if reread.request.changed_after_decision:
            return Disagreement.CHANGED_AFTER_DECISION.sentence
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
        for other in await self.requests.open():
            if other.id == request.id or other.is_settled:
                continue
            if other.subject.target_id == request.subject.target_id:
                title, asker = words.title_of(other), words.asker(other)
                return f"Intune has an open request for the same target: {title}, requested by {asker} ({other.id})."
        return "Intune has an open request for the same target. Once that is over, an approver can press Finish."
