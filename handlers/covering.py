"""Whether every workflow could reach its quorum: known before an emergency, not in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from approvals.policy import Workflow
from approvals.quorum import tally
from approvals.request import Verdict, Vote
from approvals.sighting import Standing
from cards import lists
from cards.lists import Coverage
from handlers import available
from handlers.delegating import ONLY_APPROVERS
from handlers.desk import Desk
from handlers.ports import Card
from handlers.refusals import record

COVERED = "The quorum can be reached."
ON_CALL_COVERS = "Nobody is expected at work now; on-call covers this."
NOBODY_COVERS = "Nobody is expected at work now, and there is no on-call."

log = structlog.get_logger(__name__)


async def coverage(desk: Desk, who: Standing) -> Card | str:
    """Every workflow that somebody decides here, and what is missing."""
    if not (who.active and who.groups):
        return await record(desk, who.person, ONLY_APPROVERS, command="/coverage")
    return lists.coverage([(workflow.operation, found) for workflow, found in await _everything(desk)])


async def watch(desk: Desk) -> None:
    """Tell the operations channel of every gap that is new, and when one is closed.

    At night people are not missed, so a gap that was known before stays until they should be back.
    """
    known = await desk.memory.gaps()
    found = {workflow.operation: state for workflow, state in await _everything(desk)}
    now = {name: state.said for name, state in found.items() if state.is_gap}
    now |= {name: why for name, why in known.items() if name in found and found[name].is_night}
    if now == known:
        return
    news = [f"{name}: {why}" for name, why in now.items() if known.get(name) != why]
    news += [f"{name}: the quorum can be reached again." for name in known if name not in now]
    log.warning("coverage_changed", gaps=sorted(now))
    if desk.operations_channel:
        await desk.chat.say(desk.operations_channel, f"Coverage has changed. {' '.join(news)}")
    await desk.memory.save_gaps(now)


async def _everything(desk: Desk) -> list[tuple[Workflow, Coverage]]:
    """Every workflow that somebody decides here, and how it is covered now."""
    watched = [workflow for workflow in desk.workflows if workflow.enabled and workflow.groups]
    found = await asyncio.gather(*(_coverage_of(desk, workflow) for workflow in watched))
    return list(zip(watched, found, strict=True))


async def _coverage_of(desk: Desk, workflow: Workflow) -> Coverage:
    """Now, or at night when people should be back: then only who has said so is away."""
    votes, now = await _everybody(desk, workflow), await desk.clock.now()
    if too_few := why_too_few(workflow, votes):
        return Coverage(too_few, is_gap=True)
    people = [vote.voter for vote in votes]
    cut_off = await available.unreachable(desk, people, workflow.channels) if workflow.channels else frozenset[str]()
    if too_few := why_too_few_left(workflow, votes, cut_off, "can be reached in Teams"):
        return Coverage(too_few, is_gap=True)
    hours = workflow.ladder.hours if workflow.ladder else None
    back = (hours.next_opening(now) if hours else None) or now
    away = await available.away(desk, people, back, now=back == now)
    when = "now" if back == now else f"when business hours begin, {back:%Y-%m-%d %H:%M} UTC"
    if too_few := why_too_few_left(workflow, votes, cut_off | away, f"are available {when}"):
        return Coverage(too_few, is_gap=True)
    if back == now:
        return Coverage(COVERED)
    return Coverage(ON_CALL_COVERS if workflow.ladder and workflow.ladder.chat else NOBODY_COVERS, is_night=True)


def why_too_few(workflow: Workflow, votes: Sequence[Vote]) -> str:
    """Why the quorum could not be reached if the one who is missed most asks: whoever asks cannot approve it."""
    without = [tally(workflow, [vote for vote in votes if not _same(vote, absent)]) for absent in votes]
    left = min(without, key=lambda count: count.have, default=tally(workflow, ()))
    if left.reached:
        return ""
    people = sum(not any(_same(vote, seen) for seen in votes[:number]) for number, vote in enumerate(votes))
    if people > left.need:
        groups = " and ".join(left.open_groups)
        return f"Too few approvers: nobody may be left in {groups} besides the person who asks."
    needed = f"{left.need} {'is' if left.need == 1 else 'are'} needed besides the person who asks"
    return f"Too few approvers: {needed}; there {'is' if people == 1 else 'are'} {people or 'none'}."


def why_too_few_left(workflow: Workflow, votes: Sequence[Vote], absent: frozenset[str], what: str) -> str:
    """The same for those who are left without these accounts; `what` says of them what the others are not."""
    left = tally(workflow, [vote for vote in votes if vote.voter.account not in absent])
    return "" if left.reached else f"Too few approvers {what}: {left.have} of the {left.need} needed."


async def _everybody(desk: Desk, workflow: Workflow) -> list[Vote]:
    """An imagined approval of every member of its groups."""
    now, votes = await desk.clock.now(), dict[str, Vote]()
    for group in workflow.groups:
        for person in await desk.directory.members(group.id):
            vote = votes.get(person.account) or Vote(person, Verdict.APPROVE, now, "", frozenset())
            votes[person.account] = replace(vote, groups=vote.groups | {group.id})
    return list(votes.values())


def _same(one: Vote, other: Vote) -> bool:
    return one.voter.is_same_as(other.voter)
