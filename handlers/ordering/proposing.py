"""The proposal for a draft: its target read now, its terms, or why it cannot be requested."""

from dataclasses import dataclass, replace

from approvals.asking import Draft, why_out_of_scope
from approvals.occupied import occupying
from approvals.people import Person
from approvals.policy import Workflow
from approvals.problems import DoneBefore
from approvals.reconcile import Terms
from approvals.request import Request
from cards import words
from cards.problems import problem_sentence
from cards.refusals import refusal_sentence
from handlers.gathering.policy import Policy
from handlers.gathering.readers import Readers
from handlers.gathering.subjects import subject_of
from handlers.ports.clock import Clock
from handlers.ports.errors import NotFound
from handlers.ports.intune import Intune
from handlers.ports.orders import Orders, Plan
from handlers.ports.requests import Asked, Requests

TARGET_GONE = "Intune does not show it at the moment. Nothing was asked for; please write the command again."


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft with its target and terms, read now; or why there are none (`refusal`)."""

    draft: Draft
    terms: Terms
    asked: Asked | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Builds proposals. What cannot be read makes them stricter, or refuses them."""

    clock: Clock
    requests: Requests
    intune: Intune
    orders: Orders
    policy: Policy
    readers: Readers
    portal_url: str

    async def propose(self, draft: Draft) -> Proposal:
        """Read the target and decide under which terms it can be requested."""
        try:
            plan = await self.orders.plan(draft.order)
        except NotFound:
            return Proposal(draft, self._terms(()), None, TARGET_GONE)
        subject = subject_of(plan.row, await self.intune.content(plan.row))
        workflows, guard = self.policy.book.workflows_for(subject.policy_types, subject.kind), self.policy.book.guard
        asked, stricter = None, None
        if guard is not None:
            asked = await self.requests.asked_since(await self.clock.now() - guard.within)
            stricter = guard.why_stricter(asked.accounts, draft.author.accounts, plan.near_groups, plan.unknown)
            workflows = (*workflows, guard.workflow) if stricter else workflows
        drafted = replace(draft, subject=subject, workflows=workflows, stricter=stricter)
        return Proposal(drafted, self._terms(workflows), asked, await self._why_not(drafted, plan))

    def _terms(self, workflows: tuple[Workflow, ...]) -> Terms:
        return Terms(workflows, self.policy.book.digest, self.policy.decisions)

    async def _why_not(self, draft: Draft, plan: Plan) -> str:
        """Return why it cannot be requested under these terms; empty if it can."""
        if closed := [flow.operation for flow in draft.workflows if not (flow.enabled and flow.groups)]:
            return f"Nobody approves {' and '.join(closed)} here. Please use Intune."
        if outside := why_out_of_scope(draft.workflows, plan.in_groups, plan.unknown):
            return refusal_sentence(outside)
        if problem := plan.problem or (DoneBefore() if plan.is_so else None):
            return f"{problem_sentence(problem)} Nothing was asked for."
        if not await self.orders.is_held(draft.act.policy_type, plan.platform):
            return self._unheld(draft, plan.platform)
        return await self._why_occupied(draft)

    def _unheld(self, draft: Draft, platform: str) -> str:
        return (
            f"Intune would not hold this for a second person: no access policy for {draft.act.policy_type} on "
            f"{platform} is active. Nothing was asked for. An administrator can make one in Intune: {self.portal_url}"
        )

    async def _why_occupied(self, draft: Draft) -> str:
        """Return why it has to wait for another request; a drill waits for none."""
        other = None if draft.drill else occupying(await self.requests.open(), draft.target_id)
        return await self._occupied_by(other, draft.author) if other else ""

    async def _occupied_by(self, other: Request, author: Person) -> str:
        """Return which request that is, and how those who may read it can see it."""
        which = f"There is an open request for it already: {words.title_of(other)}, requested by {words.asker(other)}."
        if await self.readers.reader(other, author.account, author.name) is None:
            return f"{which} Its id is {other.id}; ask them, or one of its approvers, about it."
        return f"{which} Its id is {other.id}; /status {other.id} shows it."
