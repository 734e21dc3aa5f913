"""Coverage now: the members of every group that has to approve, and who of them cannot be asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from approvals import coverage as rules
from approvals.coverage import Coverage
from approvals.people import Person
from approvals.policy import Workflow
from handlers.gathering.availability import Availability
from handlers.gathering.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory


@dataclass(frozen=True, slots=True)
class Coverages:
    """Tells whether every quorum can be reached, from what the directory and Teams say now."""

    clock: Clock
    directory: Directory
    policy: Policy
    availability: Availability

    async def everything(self) -> list[tuple[str, Coverage]]:
        """Return the present coverage of every quorum that has to be reached here, by name."""
        watched = rules.watched(self.policy.workflows, self.policy.book)
        found = await asyncio.gather(*(self._coverage_of(workflows) for workflows in watched.values()))
        return list(zip(watched, found, strict=True))

    async def _coverage_of(self, workflows: Sequence[Workflow]) -> Coverage:
        """Return the coverage; at night, that of the next working hours, with only those away who have said so."""
        now, members = await self.clock.now(), await self._members(workflows)
        votes, back = rules.imagined_votes(members, now), rules.back_at(workflows, now)
        people = [vote.voter for vote in votes]
        channels = sorted({channel for flow in workflows for channel in flow.channels})
        unreachable = await self.availability.unreachable(people, channels) if channels else frozenset[str]()
        away = await self.availability.away(people, back, now=back == now)
        return rules.coverage_of(workflows, votes, unreachable, away, now)

    async def _members(self, workflows: Sequence[Workflow]) -> dict[str, Sequence[Person]]:
        groups = dict.fromkeys(group.id for flow in workflows for group in flow.groups)
        return {group_id: await self.directory.members(group_id) for group_id in groups}
