"""Whether every workflow could reach its quorum: known before an emergency, not in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from approvals.order import Act
from approvals.policy import Workflow
from approvals.quorum import Row, seating, tally
from approvals.request import Verdict, Vote
from approvals.sighting import Standing
from cards import lists
from cards.lists import Coverage
from handlers import available
from handlers.delegating import ONLY_APPROVERS
from handlers.desk import Desk
from handlers.ports.teams import Card
from handlers.refusals import record

COVERED = "The quorum can be reached."
ON_CALL_COVERS = "Nobody is expected at work now; on-call covers this."
NOBODY_COVERS = "Nobody is expected at work now, and there is no on-call."

log = structlog.get_logger(__name__)


async def coverage(desk: Desk, who: Standing) -> Card | str:
    """Every quorum that somebody has to reach here, and what is missing."""
    if not (who.active and who.groups):
        return await record(desk, who.person, ONLY_APPROVERS, command="/coverage")
    return lists.coverage(await _everything(desk))


async def watch(desk: Desk) -> None:
    """Tell the operations channel of every gap that is new, and when one is closed.

    At night people are not missed, so a gap that was known before stays until they should be back.
    """
    known = await desk.memory.gaps()
    found = dict(await _everything(desk))
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


async def _everything(desk: Desk) -> list[tuple[str, Coverage]]:
    """Every quorum that somebody has to reach here, by name, and how it is covered now."""
    watched = _watched(desk)
    found = await asyncio.gather(*(_coverage_of(desk, workflows) for workflows in watched.values()))
    return list(zip(watched, found, strict=True))


def _watched(desk: Desk) -> dict[str, tuple[Workflow, ...]]:
    """Each workflow that somebody decides here, and what can be asked for in chat once more with the guard on top."""
    alone = {flow.operation: (flow,) for flow in desk.policy.workflows if not flow.on_top}
    asked = [desk.book.workflows_for((act.policy_type,), act.kind) for act in Act] if desk.policy.guards else []
    guarded = {
        f"{' and '.join(flow.operation for flow in flows)}, guarded": (*flows, *desk.policy.guards)
        for flows in asked
        if all(flow.requesters for flow in flows)
    }
    watched: dict[str, tuple[Workflow, ...]] = {**alone, **guarded}
    return {name: flows for name, flows in watched.items() if all(flow.enabled and flow.groups for flow in flows)}


async def _coverage_of(desk: Desk, workflows: Sequence[Workflow]) -> Coverage:
    """Now, or at night when people should be back: then only who has said so is away."""
    votes, now = await _everybody(desk, workflows), await desk.clock.now()
    if too_few := why_too_few(workflows, votes):
        return Coverage(too_few, is_gap=True)
    people = [vote.voter for vote in votes]
    channels = {channel for flow in workflows for channel in flow.channels}
    cut_off = await available.unreachable(desk, people, sorted(channels)) if channels else frozenset[str]()
    if too_few := why_too_few_left(workflows, votes, cut_off, "can be reached in Teams"):
        return Coverage(too_few, is_gap=True)
    ladder = next((flow.ladder for flow in workflows if flow.ladder), None)
    hours = ladder.hours if ladder else None
    back = (hours.next_opening(now) if hours else None) or now
    away = await available.away(desk, people, back, now=back == now)
    when = "now" if back == now else f"when business hours begin, {back:%Y-%m-%d %H:%M} UTC"
    if too_few := why_too_few_left(workflows, votes, cut_off | away, f"are available {when}"):
        return Coverage(too_few, is_gap=True)
    if back == now:
        return Coverage(COVERED)
    return Coverage(ON_CALL_COVERS if ladder and ladder.chat else NOBODY_COVERS, is_night=True)


def why_too_few(workflows: Sequence[Workflow], votes: Sequence[Vote]) -> str:
    """Why the quorum could not be reached if the one who is missed most asks: whoever asks cannot approve it."""
    without = [seating(workflows, [vote for vote in votes if not _same(vote, absent)]) for absent in votes]
    left = min(without, key=lambda rows: tally(rows).have, default=seating(workflows, ()))
    if tally(left).reached:
        return ""
    people = sum(not any(_same(vote, seen) for seen in votes[:number]) for number, vote in enumerate(votes))
    if people > len(left):
        return f"Too few approvers: nobody may be left in {_still_open(left)} besides the person who asks."
    needed = f"{len(left)} {'is' if len(left) == 1 else 'are'} needed besides the person who asks"
    return f"Too few approvers: {needed}; there {'is' if people == 1 else 'are'} {people or 'none'}."


def why_too_few_left(workflows: Sequence[Workflow], votes: Sequence[Vote], absent: frozenset[str], what: str) -> str:
    """The same for those who are left without these accounts; `what` says of them what the others are not."""
    left = tally(seating(workflows, [vote for vote in votes if vote.voter.account not in absent]))
    return "" if left.reached else f"Too few approvers {what}: {left.have} of the {left.need} needed."


def _still_open(rows: Sequence[Row]) -> str:
    empty = [" or ".join(group.name for group in row.groups) for row in rows if row.holder is None]
    return " and ".join(dict.fromkeys(empty))


async def _everybody(desk: Desk, workflows: Sequence[Workflow]) -> list[Vote]:
    """An imagined approval of every member of their groups."""
    now, votes = await desk.clock.now(), dict[str, Vote]()
    for group in {group.id: group for flow in workflows for group in flow.groups}.values():
        for person in await desk.directory.members(group.id):
            vote = votes.get(person.account) or Vote(person, Verdict.APPROVE, now, "", frozenset())
            votes[person.account] = replace(vote, groups=vote.groups | {group.id})
    return list(votes.values())


def _same(one: Vote, other: Vote) -> bool:
    return one.voter.is_same_as(other.voter)
