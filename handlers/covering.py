"""Whether every workflow could reach its quorum, and who stands in for whom: known before an emergency, not in it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import structlog

from approvals.policy import Workflow
from approvals.quorum import tally
from approvals.request import Verdict, Vote
from approvals.sighting import Standing
from cards import lists
from handlers.commands.grammar import Command
from handlers.desk import Desk
from handlers.ports import Card, Delegation, PortError

ONLY_APPROVERS = "Only approvers can do this."
NOBODY = "There is no approver called {}. Whoever stands in for you has to be in one of your approver groups."

log = structlog.get_logger(__name__)


async def coverage(desk: Desk, who: Standing) -> Card | str:
    """Every workflow that somebody decides here, and what is missing."""
    if not (who.active and who.groups):
        return ONLY_APPROVERS
    return lists.coverage(await gaps(desk), [workflow.operation for workflow in _watched(desk)])


async def watch(desk: Desk) -> None:
    """Tell the operations channel of every gap that is new, and when one is closed."""
    known, now = await desk.memory.gaps(), await gaps(desk)
    if now == known:
        return
    news = [f"{name}: {why}" for name, why in now.items() if known.get(name) != why]
    news += [f"{name}: the quorum can be reached again." for name in known if name not in now]
    log.warning("coverage_changed", gaps=sorted(now))
    if desk.operations_channel:
        await desk.chat.say(desk.operations_channel, f"Coverage: {' '.join(news)}")
    await desk.memory.save_gaps(now)


async def gaps(desk: Desk) -> dict[str, str]:
    """By workflow, why its quorum could not be reached, asked by the one of its approvers who is missed most."""
    found = await asyncio.gather(*(_gap(desk, workflow) for workflow in _watched(desk)))
    return {name: why for name, why in found if why}


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


def _watched(desk: Desk) -> list[Workflow]:
    return [workflow for workflow in desk.workflows if workflow.enabled and workflow.groups]


async def _gap(desk: Desk, workflow: Workflow) -> tuple[str, str]:
    """Counted without any one of them: whoever asks for something cannot approve it."""
    votes = await _everybody(desk, workflow)
    if not _survives(workflow, votes):
        return workflow.operation, f"not enough people: {_missing(workflow, votes)}"
    try:
        away = await desk.presence.away([vote.voter.account for vote in votes])
    except PortError:
        away = frozenset()
    there = [vote for vote in votes if vote.voter.account not in away]
    if workflow.ladder is not None and workflow.ladder.is_night(await desk.clock.now()):
        return workflow.operation, ""
    if not tally(workflow, there).reached:
        return workflow.operation, f"too many are away right now: {_missing(workflow, there)}"
    return workflow.operation, ""


def _survives(workflow: Workflow, votes: list[Vote]) -> bool:
    """Whether the quorum can be reached even if any one of them is the one who asks."""
    return tally(workflow, votes).reached and all(
        tally(workflow, [vote for vote in votes if vote is not absent]).reached for absent in votes
    )


def _missing(workflow: Workflow, votes: list[Vote]) -> str:
    people = f"{len(votes)} {'person' if len(votes) == 1 else 'people'}"
    return f"{people} could approve, {tally(workflow, ()).need} must, and nobody approves what they asked for."


async def _everybody(desk: Desk, workflow: Workflow) -> list[Vote]:
    """An imagined approval of every member of its groups."""
    now, votes = await desk.clock.now(), dict[str, Vote]()
    for group in workflow.groups:
        for person in await desk.directory.members(group.id):
            vote = votes.get(person.account) or Vote(person, Verdict.APPROVE, now, "", frozenset())
            votes[person.account] = replace(vote, groups=vote.groups | {group.id})
    return list(votes.values())
