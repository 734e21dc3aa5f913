"""Recognise in Intune what we filed ourselves, by the marker at the start of its justification.

The search comes before every filing call, in every state: a store that was restored knows less than Intune does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from approvals.completing import shown_done
from approvals.filing import Found, held, not_found, ran_unheld
from approvals.order import Act, Order
from approvals.recognising import filed_for, first_asked_at, may_be_held
from approvals.request import IntuneStatus, Request
from handlers.gathering.snapshots import status_of
from handlers.intune.calls import Calls
from handlers.ports.errors import Conflict, NotFound
from handlers.ports.intune import Intune, Row
from handlers.ports.orders import FilingRoom, Orders, Progress
from handlers.ports.requests import Requests
from handlers.storing.commits import Commits

_RAN = frozenset({Progress.RUNNING, Progress.DONE, Progress.FAILED})
"""Progress that shows that a call was carried out at once. A target that is not found shows nothing."""

_OVERLAP = timedelta(minutes=1)
"""Intune's clock and ours may differ a little."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnFilings:
    """Finds what we filed ourselves, and stores the id under which Intune holds it. Without a `room` nothing is
    ours."""

    requests: Requests
    intune: Intune
    orders: Orders
    room: FilingRoom | None
    calls: Calls
    commits: Commits

    async def adopt(self, row: Row) -> Request | None:
        """Return the request for which we filed this row, if we did, and store the row's id in it."""
        request_id = self.filed_for(row)
        request = await self.requests.load(request_id) if request_id else None
        if request is None or not may_be_held(request, row.target_id):
            return None
        log.info("own_filing_recognised", request_id=request.id, intune_id=row.id)
        found = await self._found(request, row)

        return (await self.commits.commit(request.id, lambda known, now: held(known, found, now))).request

    async def find(self, request: Request) -> Request | None:
        """Search Intune for what was filed for this request since it was first requested, and adopt it, in whatever
        status it is."""
        if request.filing is None or request.intune_id is not None:
            return None
        async for row in self.intune.changed_since(first_asked_at(request) - _OVERLAP):
            if self.filed_for(row) == request.id and may_be_held(request, row.target_id):
                return await self.adopt(row)
        return None

    async def look_for(self, request: Request) -> Request | None:
        """Search Intune for an order whose Intune id is unknown; return the request if Intune holds it.

        If the answer to a filing call was lost, also record that Intune does not show it, or that the operation ran.
        """
        if found := await self.find(request):
            return found
        filing = request.filing
        if filing is None or not filing.is_unanswered:
            return None
        progress = await self.orders.progress(filing.order, filing.since)

        await self.commits.commit(
            request.id, lambda known, now: ran_unheld(known, "", now) if progress in _RAN else not_found(known, now)
        )
        return None

    async def look_at_target(self, request: Request, row: Row) -> None:
        """Check whether the target itself shows that the completing call worked, if its result is unknown and Intune
        still calls the request approved. Before the call it did not."""
        filing = request.filing
        if filing is None or filing.called_at is None or filing.completed_at is not None:
            return
        approved = status_of(row.raw_status) is IntuneStatus.APPROVED
        if approved and await self.was_done(filing.order, filing.called_at):
            log.info("completion_seen_on_target", request_id=request.id, intune_id=row.id)
            await self.commits.commit(request.id, shown_done)

    async def was_done(self, order: Order, since: datetime) -> bool:
        """Return whether the target itself shows that this was done since then. One that is not found shows nothing.

        Assigning a script or a policy replaces what is assigned, so repeating it changes nothing. A role would be
        assigned twice.
        """
        if not (order.act.is_on_device or order.act is Act.ROLE):
            return False
        return await self.orders.progress(order, since) in (Progress.RUNNING, Progress.DONE)

    def filed_for(self, row: Row) -> str:
        """Return the id of the request for which we filed this row; empty if we did not."""
        if self.room is None:
            return ""
        by_person = row.requestor is not None and row.requestor.is_person
        return filed_for(row.justification, by_person=by_person, proves=self.room.vault.proves)

    async def _found(self, request: Request, row: Row) -> Found:
        """Return what Intune holds, with the call built again if the store has lost it. Intune itself compares it with
        what was filed, and refuses any other."""
        room, filing = self.room, request.filing
        if room is None or filing is None or filing.sealed_call:
            return Found(row.id)
        try:
            made = await self.calls.make(room, request.id, filing.order)
        except (NotFound, Conflict):
            return Found(row.id, room.filer.app_id)
        return Found(row.id, room.filer.app_id, made.sealed)
