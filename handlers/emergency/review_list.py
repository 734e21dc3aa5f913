"""The open reviews that a person may read."""

from dataclasses import dataclass

from approvals.people import Group
from cards import lists
from handlers.gathering.eligibilities import Eligibilities
from handlers.gathering.policy import Policy
from handlers.gathering.readers import Readers
from handlers.ports.clock import Clock
from handlers.ports.requests import Requests
from handlers.ports.teams import CardJson

ONLY_REVIEWERS = "Only approvers and reviewers see the reviews of emergencies."


@dataclass(frozen=True, slots=True)
class ReviewList:
    """Lists open reviews for approvers and reviewers; for everybody else it lists none."""

    clock: Clock
    requests: Requests
    policy: Policy
    eligibilities: Eligibilities
    readers: Readers

    async def reviews(self, account: str, name: str) -> CardJson | str:
        """Return every open review that this person may read, the most pressing first."""
        who = await self.eligibilities.in_groups(account, name, {group.id for group in self._groups()})
        if not who.is_member:
            return ONLY_REVIEWERS
        found = await self.requests.open()
        waiting = [request for request in found if request.review and request.review.is_open]
        return lists.reviews(await self.readers.readable(waiting, account, name), await self.clock.now())

    def _groups(self) -> tuple[Group, ...]:
        approvers = tuple(group for workflow in self.policy.workflows for group in workflow.groups)
        emergency = self.policy.book.emergency
        return (*approvers, *(emergency.reviewers if emergency else ()))
