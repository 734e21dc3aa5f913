"""Recognising in Intune what we filed ourselves: by the marker with which its justification begins.

The search goes before every filing call, from every state: a store that was restored knows less than Intune does.
"""

from datetime import datetime, timedelta

import structlog

from approvals import lifecycle
from approvals.asking import marker_in
from approvals.filing import Found, held, not_found, ran_unheld
from approvals.lifecycle import FilingHappening
from approvals.order import Act, Order
from approvals.request import Request
from handlers.desk import Desk, opened_at
from handlers.ports import NotFound, Progress, Row
from handlers.settle import settle_by

_RAN = frozenset({Progress.RUNNING, Progress.DONE, Progress.FAILED})
"""What shows that a call was carried out at once. A target that is not found shows nothing."""

_OVERLAP = timedelta(minutes=1)
"""Intune's clock and ours need not agree to the second."""

log = structlog.get_logger(__name__)


async def adopt(desk: Desk, row: Row) -> Request | None:
    """Take this row for what we filed, if it is: return its request, from now on known by the row's id."""
    request_id = marked_as(desk, row)
    request = await desk.requests.load(request_id) if request_id else None
    if request is None or not _may_be_of(request, row):
        return None
    log.info("own_filing_recognised", request_id=request.id, intune_id=row.id)
    found = await _found(desk, request, row)

    return (await settle_by(desk, request.id, lambda known, now: held(known, found, now))).request


async def find(desk: Desk, request: Request) -> Request | None:
    """Search Intune for what was filed for this request since it was first asked for, and adopt it, whatever became of
    it."""
    if request.filing is None or request.intune_id is not None:
        return None
    async for row in desk.intune.changed_since(first_asked_at(request) - _OVERLAP):
        if marked_as(desk, row) == request.id and _may_be_of(request, row):
            return await adopt(desk, row)
    return None


async def look_for(desk: Desk, request: Request) -> Request | None:
    """Look what Intune knows of an order whose id there is not known: return the request if Intune holds it.

    Where a filing call has gone out without an answer, a search in vain is written down as well.
    """
    if found := await find(desk, request):
        return found
    filing = request.filing
    if filing is None or not filing.is_unanswered:
        return None
    progress = await desk.orders.progress(filing.order, filing.since)

    await settle_by(
        desk, request.id, lambda known, now: ran_unheld(known, "", now) if progress in _RAN else not_found(known, now)
    )
    return None


async def was_done(desk: Desk, order: Order, since: datetime) -> bool:
    """Tell whether the target itself shows that this was done since then. One that is not found shows nothing.

    To assign a script or a policy replaces what is assigned, so once more changes nothing. A role would be given twice.
    """
    if not (order.act.is_on_device or order.act is Act.ROLE):
        return False
    return await desk.orders.progress(order, since) in (Progress.RUNNING, Progress.DONE)


def first_asked_at(request: Request) -> datetime:
    """Return when its id was made. A restored store may hold the draft alone; who confirms that once more opens the
    request anew, under an id that Intune may know already."""
    return min(opened_at(request.id) or request.opened_at, request.opened_at)


def marked_as(desk: Desk, row: Row) -> str:
    """Return the id of the request that this row was filed for by us; empty for what is not ours.

    Whoever files by hand can copy our words, but a person's name then stands in the row.
    """
    marker = marker_in(row.justification)
    by_hand = row.requestor is not None and row.requestor.is_person
    if marker is None or by_hand or desk.filing is None:
        return ""
    return marker.request_id if desk.filing.vault.proves(marker.request_id, marker.proof) else ""


def _may_be_of(request: Request, row: Row) -> bool:
    """Tell whether this order may be what Intune holds there: held nowhere else, and on the same target."""
    filing = request.filing
    if filing is None or request.intune_id is not None or not lifecycle.may(filing.state, FilingHappening.TAKEN):
        return False
    return not row.target_id or row.target_id.casefold() == filing.order.target_id.casefold()


async def _found(desk: Desk, request: Request, row: Row) -> Found:
    """Return what Intune holds, with the call made anew where the store has lost it. Intune itself compares it with
    what was filed, and refuses any other."""
    room, filing = desk.filing, request.filing
    if room is None or filing is None or filing.sealed_call:
        return Found(row.id)
    try:
        call = await desk.orders.call_for(filing.order)
    except NotFound:
        return Found(row.id, room.filer.app_id)
    return Found(row.id, room.filer.app_id, room.vault.seal(request.id, call))
