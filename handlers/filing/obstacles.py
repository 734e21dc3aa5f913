"""Reasons that keep an approved order from being filed, read right before the call."""

from dataclasses import dataclass

from approvals.occupied import occupying
from approvals.order import Order
from approvals.problems import (
    ChangedSinceDecision,
    DoneBefore,
    GrownSince,
    NothingHolds,
    NotReadable,
    Problem,
    TargetTaken,
)
from approvals.recognising import first_asked_at
from approvals.request import Request
from cards import words
from cards.reviewing import parts
from handlers.intune.own_filings import OwnFilings
from handlers.intune.rereading import Rereading
from handlers.ports.orders import Orders
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Looks for obstacles."""

    requests: Requests
    orders: Orders
    rereading: Rereading
    own_filings: OwnFilings

    async def why_not_now(self, request: Request, order: Order) -> Problem | None:
        """Return the obstacle to filing it, read now; nothing if there is none. Raises what the neighbours raise."""
        reread, plan = await self.rereading.reread(request.id, order)
        if reread.hidden:
            return NotReadable(parts(reread.hidden))
        if reread.changed_after_decision:
            return ChangedSinceDecision()
        if reread.grown_after_decision is not None:
            return GrownSince()
        if await self.own_filings.was_done(order, first_asked_at(request)):
            return DoneBefore()
        if plan.problem is not None:
            return plan.problem
        if await self.orders.is_held(order.act.policy_type, plan.platform):
            return None
        return NothingHolds(order.act.policy_type, plan.platform)

    async def what_is_open(self, request: Request) -> TargetTaken:
        """Return the request that is in the way, as far as we know: Intune takes one request per target."""
        other = occupying(await self.requests.open(), request.subject.target_id, besides=request.id)
        return TargetTaken(other.id, words.title_of(other), words.asker(other)) if other else TargetTaken()
