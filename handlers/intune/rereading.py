"""Read the target of an order again before anything is done with it: Intune does not show an order until it is
filed."""

from dataclasses import dataclass

from approvals.filing import reread
from approvals.order import Order
from approvals.request import Request
from handlers.gathering.policy import Policy
from handlers.gathering.subjects import Subjects
from handlers.ports.orders import Plan
from handlers.storing.commits import Commits


@dataclass(frozen=True, slots=True)
class Rereading:
    """Compares what was reviewed with what is there now."""

    subjects: Subjects
    policy: Policy
    commits: Commits

    async def reread(self, request_id: str, order: Order) -> tuple[Request, Plan]:
        """Store what the rules decide about the order's target as it is now; return the request, and what it would do.

        Raise `NotFound` if the target is gone.
        """
        reviewed, plan = await self.subjects.of_order(order)
        subject, terms = reviewed.subject, self.policy.terms(reviewed.subject)
        committed = await self.commits.commit(request_id, lambda known, now: reread(known, subject, terms, now))
        return committed.request, plan
