"""Whether every workflow could reach its quorum: known before an emergency, not in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from approvals.order import Act
from approvals.policy import Workflow
from approvals.quorum import Row, seating, tally
from approvals.request import Verdict, Vote
from cards.lists import Coverage
from handlers.gathering.availability import Availability
from handlers.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory

COVERED = "The quorum can be reached."


ON_CALL_COVERS = "Nobody is expected at work now; on-call covers this."


NOBODY_COVERS = "Nobody is expected at work now, and there is no on-call."


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


def _same(one: Vote, other: Vote) -> bool:
    return one.voter.is_same_as(other.voter)


@dataclass(frozen=True, slots=True)
class Coverages:
    """Whether every quorum can be reached."""

    clock: Clock
    directory: Directory
    policy: Policy
    availability: Availability

    async def everything(self) -> list[tuple[str, Coverage]]:
        """Every quorum that somebody has to reach here, by name, and how it is covered now."""
        watched = self._watched()
        found = await asyncio.gather(*(self._coverage_of(workflows) for workflows in watched.values()))
        return list(zip(watched, found, strict=True))

    def _watched(self) -> dict[str, tuple[Workflow, ...]]:
        """Each workflow that somebody decides here, and what can be asked for in chat once more with the guard on
        top."""
        alone = {flow.operation: (flow,) for flow in self.policy.workflows if not flow.on_top}
        asked = (
            [self.policy.book.workflows_for((act.policy_type,), act.kind) for act in Act] if self.policy.guards else []
        )
        guarded = {
            f"{' and '.join(flow.operation for flow in flows)}, guarded": (*flows, *self.policy.guards)
            for flows in asked
            if all(flow.requesters for flow in flows)
        }
        watched: dict[str, tuple[Workflow, ...]] = {**alone, **guarded}
        return {name: flows for name, flows in watched.items() if all(flow.enabled and flow.groups for flow in flows)}

    async def _coverage_of(self, workflows: Sequence[Workflow]) -> Coverage:
        """Now, or at night when people should be back: then only who has said so is away."""
        votes, now = await self._everybody(workflows), await self.clock.now()
        if too_few := why_too_few(workflows, votes):
            return Coverage(too_few, is_gap=True)
        people = [vote.voter for vote in votes]
        channels = {channel for flow in workflows for channel in flow.channels}
        cut_off = await self.availability.unreachable(people, sorted(channels)) if channels else frozenset[str]()
        if too_few := why_too_few_left(workflows, votes, cut_off, "can be reached in Teams"):
            return Coverage(too_few, is_gap=True)
        ladder = next((flow.ladder for flow in workflows if flow.ladder), None)
        hours = ladder.hours if ladder else None
        back = (hours.next_opening(now) if hours else None) or now
        away = await self.availability.away(people, back, now=back == now)
        when = "now" if back == now else f"when business hours begin, {back:%Y-%m-%d %H:%M} UTC"
        if too_few := why_too_few_left(workflows, votes, cut_off | away, f"are available {when}"):
            return Coverage(too_few, is_gap=True)
        if back == now:
            return Coverage(COVERED)
        return Coverage(ON_CALL_COVERS if ladder and ladder.chat else NOBODY_COVERS, is_night=True)

    async def _everybody(self, workflows: Sequence[Workflow]) -> list[Vote]:
        """An imagined approval of every member of their groups."""
        now, votes = await self.clock.now(), dict[str, Vote]()
        for group in {group.id: group for flow in workflows for group in flow.groups}.values():
            for person in await self.directory.members(group.id):
                vote = votes.get(person.account) or Vote(person, Verdict.APPROVE, now, "", frozenset())
                votes[person.account] = replace(vote, groups=vote.groups | {group.id})
        return list(votes.values())
