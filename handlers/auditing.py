"""What auditors ask in chat: the trail of one request, and what was decided lately."""

import asyncio

from approvals.audit import Kind
from approvals.sighting import Standing
from cards import trail
from handlers.desk import Desk
from handlers.gather import standing_in
from handlers.ports.teams import Card
from handlers.refusals import record

ONLY_AUDITORS = "Only auditors can do this. The configuration names them as auditorGroups."
NONE = "There is no request {} here any more. The sealed log may still have it: python -m bot audit show."

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


async def audit(desk: Desk, who: Standing, request_id: str) -> Card | str:
    """Everything that was recorded of a request."""
    if not await _is_auditor(desk, who):
        return await record(desk, who.person, ONLY_AUDITORS, command="/audit", target=request_id)
    request = await desk.requests.load(request_id)
    if request is None:
        return NONE.format(request_id)
    return trail.trail(request, await desk.requests.recorded(request.id, request.opened_at))


async def history(desk: Desk, who: Standing) -> Card | str:
    """What was decided lately, on whatever request."""
    if not await _is_auditor(desk, who):
        return await record(desk, who.person, ONLY_AUDITORS, command="/history")
    entries = await desk.requests.recorded_last(DECISIONS, trail.MOST)
    requests = await asyncio.gather(*(desk.requests.load(entry.request_id) for entry in entries))
    return trail.history(list(zip(entries, requests, strict=True)))


async def _is_auditor(desk: Desk, who: Standing) -> bool:
    stands = await standing_in(desk, who.person.account, who.person.name, {group.id for group in desk.book.auditors})
    return stands.active and bool(stands.groups)
