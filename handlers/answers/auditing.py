"""Commands for auditors: the trail of one request, and recent decisions."""

import asyncio
from dataclasses import dataclass

from approvals.audit import Kind
from approvals.policy import PolicyBook
from approvals.snapshot import Eligibility
from cards import trail
from handlers.gathering.eligibilities import Eligibilities
from handlers.ports.requests import Requests
from handlers.ports.teams import CardJson
from handlers.storing.refusals import Refusals

ONLY_AUDITORS = "Only auditors can do this. The configuration names them as auditorGroups."
NOT_AT_HAND = "There is no request {} here any more. The sealed log may still have it: python -m bot audit show."
DECISIONS = frozenset(
    {
        Kind.QUORUM_REACHED,
        Kind.REJECTED,
        Kind.EXPIRED,
        Kind.DECIDED_OUTSIDE,
        Kind.APPROVAL_CANCELLED,
        Kind.CANCELLED,
        Kind.TAKEN_BACK,
        Kind.RAN_UNHELD,
        Kind.GLASS_BROKEN,
        Kind.EXECUTED_ALONE,
        Kind.REVIEW_CLOSED,
    }
)


@dataclass(frozen=True, slots=True)
class Auditing:
    """Answers auditors. Everybody else is refused, and that is recorded."""

    requests: Requests
    book: PolicyBook
    refusals: Refusals
    eligibilities: Eligibilities

    async def audit(self, who: Eligibility, request_id: str) -> CardJson | str:
        """Return everything that was recorded of a request."""
        if not await self._is_auditor(who):
            return await self.refusals.record(who.person, ONLY_AUDITORS, command="/audit", target=request_id)
        request = await self.requests.load(request_id)
        if request is None:
            return NOT_AT_HAND.format(request_id)
        return trail.trail(request, await self.requests.recorded(request.id, request.opened_at))

    async def history(self, who: Eligibility) -> CardJson | str:
        """Return the recent decisions on all requests."""
        if not await self._is_auditor(who):
            return await self.refusals.record(who.person, ONLY_AUDITORS, command="/history")
        entries = await self.requests.recorded_last(DECISIONS, trail.MOST)
        requests = await asyncio.gather(*(self.requests.load(entry.request_id) for entry in entries))
        return trail.history(list(zip(entries, requests, strict=True)))

    async def _is_auditor(self, who: Eligibility) -> bool:
        eligibility = await self.eligibilities.in_groups(
            who.person.account, who.person.name, {group.id for group in self.book.auditors}
        )
        return eligibility.is_member
