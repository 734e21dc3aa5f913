"""Whether every workflow could reach its quorum, and who stands in for whom: known before an emergency, not in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import structlog

from approvals.policy import Workflow
from approvals.quorum import Tally, tally
from approvals.request import Verdict, Vote
from approvals.sighting import Standing
from cards import lists
from cards.lists import Coverage
from handlers.commands.grammar import Command
from handlers.desk import Desk
from handlers.ports import Card, Delegation, PortError

ONLY_APPROVERS = "Only approvers can do this."
NOBODY = "There is no approver called {}. Whoever stands in for you has to be in one of your approver groups."

COVERED = "The quorum can be reached."
ON_CALL_COVERS = "Nobody is expected at work now; on-call covers this."
NOBODY_COVERS = "Nobody is expected at work now, and there is no on-call."

log = structlog.get_logger(__name__)


async def coverage(desk: Desk, who: Standing) -> Card | str:
    """Every workflow that somebody decides here, and what is missing."""
    if not (who.active and who.groups):
        return ONLY_APPROVERS
    return lists.coverage([(workflow.operation, found) for workflow, found in await _everything(desk)])


async def watch(desk: Desk) -> None:
    """Tell the operations channel of every gap that is new, and when one is closed.

    Outside business hours nobody can be missed, so a gap that was known before stays until people should be back.
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


async def delegate(desk: Desk, who: Standing, command: Command) -> str:
    """While somebody is away, another approver is reminded in their place. It gives nobody a right."""
    if not (who.active and who.groups):
        return ONLY_APPROVERS
    if command.end is None:
        return NOBODY.format(command.target)
    members = [person for group in sorted(who.groups) for person in await desk.directory.members(group)]
    wanted = command.target.casefold()
    stand_in = next((person for person in members if person.name.casefold() == wanted), None)
    if stand_in is None or stand_in.is_same_as(who.person):
        return NOBODY.format(command.target)
    now = await desk.clock.now()
    start = datetime.combine(command.start, time(), UTC) if command.start else now
    end = datetime.combine(command.end, time(), UTC) + timedelta(days=1)
    if end <= max(start, now):
        return "That time is over already, or ends before it begins."
    await desk.memory.delegate(Delegation(who.person.account, stand_in.account, start, end))
    return f"Until the end of {command.end} {stand_in.name} is reminded in your place. You can still decide yourself."


async def _everything(desk: Desk) -> list[tuple[Workflow, Coverage]]:
    """Every workflow that somebody decides here, and how it is covered now."""
    watched = [workflow for workflow in desk.workflows if workflow.enabled and workflow.groups]
    found = await asyncio.gather(*(_coverage_of(desk, workflow) for workflow in watched))
    return list(zip(watched, found, strict=True))


async def _coverage_of(desk: Desk, workflow: Workflow) -> Coverage:
    """At night it is not asked who is there: nobody should be."""
    votes = await _everybody(desk, workflow)
    if too_few := why_too_few(workflow, votes):
        return Coverage(too_few, is_gap=True)
    ladder = workflow.ladder
    if ladder is not None and ladder.is_night(await desk.clock.now()):
        return Coverage(ON_CALL_COVERS if ladder.chat else NOBODY_COVERS, is_night=True)
    try:
        away = await desk.presence.away([vote.voter.account for vote in votes])
    except PortError:
        away = frozenset()
    there = tally(workflow, [vote for vote in votes if vote.voter.account not in away])
    return Coverage(COVERED) if there.reached else Coverage(why_too_few_available(there), is_gap=True)


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


def why_too_few_available(there: Tally) -> str:
    """The same for those who are not away right now."""
    return f"Too few approvers are available: {there.have} of the {there.need} needed."


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
