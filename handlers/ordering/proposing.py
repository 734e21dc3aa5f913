"""What an order would be: its target read now, under which terms it can be asked for, or why it cannot."""

from dataclasses import dataclass, replace

from approvals.asking import Draft, why_out_of_scope
from approvals.people import Person
from approvals.reconcile import Terms
from approvals.request import Request
from cards import words
from cards.buttons import PORTAL_URL
from cards.refusals import refusal_sentence
from handlers.gathering.readers import Readers
from handlers.gathering.subjects import subject_of
from handlers.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.errors import NotFound
from handlers.ports.intune import Intune
from handlers.ports.orders import Orders
from handlers.ports.requests import Asked, Requests

GONE = "It is not in Intune any more. Nothing was asked for."


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft would become, read now; or why it cannot (`refusal`)."""

    draft: Draft
    terms: Terms
    asked: Asked | None
    refusal: str = ""


def _unheld(draft: Draft, platform: str) -> str:
    return (
        f"Intune would not hold this for a second person: no access policy for {draft.act.policy_type} on {platform} "
        f"is active. Nothing was asked for. An administrator can make one in Intune: {PORTAL_URL}"
    )


@dataclass(frozen=True, slots=True)
class Proposing:
    """What an order would be."""

    clock: Clock
    requests: Requests
    intune: Intune
    orders: Orders
    policy: Policy
    readers: Readers

    async def propose(self, draft: Draft) -> Proposal:
        """Read the target and decide under which terms it can be asked for."""
        guard = self.policy.book.guard
        nothing = Terms((), self.policy.book.digest, self.policy.decisions)
        try:
            plan = await self.orders.plan(draft.order)
        except NotFound:
            return Proposal(draft, nothing, None, GONE)
        subject = subject_of(plan.row, await self.intune.content(plan.row))
        workflows = self.policy.book.workflows_for(subject.policy_types, subject.kind)
        asked = await self.requests.asked_since(await self.clock.now() - guard.within) if guard else None
        stricter = None
        if guard and asked:
            stricter = guard.why_stricter(asked.accounts, draft.author.accounts, plan.near_groups, plan.unknown)
        if guard and stricter:
            workflows = (*workflows, guard.workflow)
        drafted = replace(draft, subject=subject, workflows=workflows, stricter=stricter)
        proposal = Proposal(drafted, Terms(workflows, self.policy.book.digest, self.policy.decisions), asked)
        if closed := [flow.operation for flow in workflows if not (flow.enabled and flow.groups)]:
            return replace(proposal, refusal=f"Nobody approves {' and '.join(closed)} here. Please use Intune.")
        if outside := why_out_of_scope(workflows, plan.in_groups, plan.unknown):
            return replace(proposal, refusal=refusal_sentence(outside))
        if not await self.orders.is_held(draft.act.policy_type, plan.platform):
            return replace(proposal, refusal=_unheld(draft, plan.platform))
        return replace(proposal, refusal=await self._why_occupied(drafted))

    async def _why_occupied(self, draft: Draft) -> str:
        """Intune takes one request per target, and so do we. A drill is in nobody's way, nor is what waits for
        review."""
        if draft.drill:
            return ""
        for other in await self.requests.open():
            if not (other.is_settled or other.drill) and other.subject.target_id == draft.target_id:
                return await self._occupied_by(other, draft.author)
        return ""

    async def _occupied_by(self, other: Request, author: Person) -> str:
        """Say which request that is, and how to see it to those who may."""
        which = f"There is an open request for it already: {words.title_of(other)}, requested by {words.asker(other)}."
        if await self.readers.reader(other, author.account, author.name) is None:
            return f"{which} Its id is {other.id}; ask them, or one of its approvers, about it."
        return f"{which} Its id is {other.id}; /status {other.id} shows it."
