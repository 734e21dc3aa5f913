"""What an order would be: its target read now, under which terms it can be asked for, or why it cannot."""

from dataclasses import dataclass, replace

from approvals.asking import Draft, why_not_ask, why_out_of_scope
from approvals.break_glass import why_not_invoke
from approvals.outcome import Refusal
from approvals.people import Person
from approvals.reconcile import Terms
from approvals.request import Request
from approvals.sighting import Standing
from cards import words
from cards.buttons import PORTAL_URL
from handlers import gather, reading
from handlers.desk import Desk
from handlers.ports.errors import NotFound
from handlers.ports.requests import Asked
from handlers.refusals import record

NOT_SET_UP = (
    "Nothing can be asked for in chat here: the operators have not set it up. Please use the Intune admin center."
)
GONE = "It is not in Intune any more. Nothing was asked for."


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft would become, read now; or why it cannot (`refusal`)."""

    draft: Draft
    terms: Terms
    asked: Asked | None
    refusal: str = ""


async def propose(desk: Desk, draft: Draft) -> Proposal:
    """Read the target and decide under which terms it can be asked for."""
    guard = desk.book.guard
    nothing = Terms((), desk.book.digest, desk.policy.decisions)
    try:
        plan = await desk.orders.plan(draft.order)
    except NotFound:
        return Proposal(draft, nothing, None, GONE)
    subject = gather.subject_of(plan.row, await desk.intune.content(plan.row))
    workflows = desk.book.workflows_for(subject.policy_types, subject.kind)
    asked = await desk.requests.asked_since(await desk.clock.now() - guard.within) if guard else None
    stricter = ""
    if guard and asked:
        stricter = guard.why_stricter(asked.accounts, draft.author.accounts, plan.near_groups, plan.unknown)
    if guard and stricter:
        workflows = (*workflows, guard.workflow)
    drafted = replace(draft, subject=subject, workflows=workflows, stricter=stricter)
    proposal = Proposal(drafted, Terms(workflows, desk.book.digest, desk.policy.decisions), asked)
    if closed := [flow.operation for flow in workflows if not (flow.enabled and flow.groups)]:
        return replace(proposal, refusal=f"Nobody approves {' and '.join(closed)} here. Please use Intune.")
    if outside := why_out_of_scope(workflows, plan.in_groups, plan.unknown):
        return replace(proposal, refusal=outside.sentence)
    if not await desk.orders.is_held(draft.act.policy_type, plan.platform):
        return replace(proposal, refusal=_unheld(draft, plan.platform))
    return replace(proposal, refusal=await _why_occupied(desk, drafted))


def _unheld(draft: Draft, platform: str) -> str:
    return (
        f"Intune would not hold this for a second person: no access policy for {draft.act.policy_type} on {platform} "
        f"is active. Nothing was asked for. An administrator can make one in Intune: {PORTAL_URL}"
    )


async def _why_occupied(desk: Desk, draft: Draft) -> str:
    """Intune takes one request per target, and so do we. A drill is in nobody's way, nor is what waits for review."""
    if draft.drill:
        return ""
    for other in await desk.requests.open():
        if not (other.is_settled or other.drill) and other.subject.target_id == draft.target_id:
            return await _occupied_by(desk, other, draft.author)
    return ""


async def _occupied_by(desk: Desk, other: Request, author: Person) -> str:
    """Say which request that is, and how to see it to those who may."""
    which = f"There is an open request for it already: {words.title_of(other)}, requested by {words.asker(other)}."
    if await reading.reader(desk, other, author.account, author.name) is None:
        return f"{which} Its id is {other.id}; ask them, or one of its approvers, about it."
    return f"{which} Its id is {other.id}; /status {other.id} shows it."


async def why_not(desk: Desk, draft: Draft) -> str:
    """Why this person may not ask for this at all, by the groups that the configuration names; that is recorded."""
    if desk.filing is None or desk.sign_in is None:
        return NOT_SET_UP
    stands, refusal = await (_invoking(desk, draft) if draft.emergency else _asking(desk, draft))
    if refusal is None:
        return ""
    return await record(desk, stands.person, refusal.sentence, reason=refusal.reason, act=draft.act, target=draft.words)


async def _asking(desk: Desk, draft: Draft) -> tuple[Standing, Refusal | None]:
    workflows = desk.book.workflows_for((draft.act.policy_type,), draft.act.kind)
    groups = {group.id for workflow in workflows for group in workflow.requesters}
    stands = await gather.standing_in(desk, draft.author.account, draft.author.name, groups)
    return stands, why_not_ask(workflows, stands)


async def _invoking(desk: Desk, draft: Draft) -> tuple[Standing, Refusal | None]:
    emergency = desk.book.emergency
    groups = emergency.group_ids if emergency else frozenset[str]()
    stands = await gather.standing_in(desk, draft.author.account, draft.author.name, groups)
    return stands, why_not_invoke(emergency, stands)
