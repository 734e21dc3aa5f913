"""Recognising in Intune what we filed ourselves: by our request's id, with which its justification begins."""

import re
from datetime import datetime, timedelta

import structlog

from approvals.asking import is_filed_as
from approvals.filing import held, not_found, ran_unheld
from approvals.order import FilingState
from approvals.outcome import Outcome
from approvals.request import Request
from handlers.desk import Desk
from handlers.ports import NotFound, Progress, Row
from handlers.settle import settle

_OURS = re.compile(r"Countersign ([0-9A-Z]{16}), ")

_UNKNOWN_FATE = frozenset({FilingState.CALLING, FilingState.LOST, FilingState.BLOCKED})
"""The states in which Intune may hold something of ours and we do not know its id."""

_OVERLAP = timedelta(minutes=1)
"""Intune's clock and ours need not agree to the second."""

log = structlog.get_logger(__name__)


async def adopt(desk: Desk, row: Row) -> Request | None:
    """The request that this row was filed for, from now on known by the row's id; nothing if it is none of ours."""
    found = _OURS.match(row.justification)
    request = await desk.requests.load(found[1]) if found else None
    if request is None or not _was_filed_for(request, row):
        return None
    log.info("own_filing_recognised", request_id=request.id, intune_id=row.id)

    async def decide(known: Request, now: datetime) -> Outcome:
        return held(known, row.id, now)

    return (await settle(desk, request.id, decide)).request


async def look_for(desk: Desk, request: Request) -> Request | None:
    """Look what became of a filing call without an answer: the request as it is known now, if Intune holds it."""
    filing = request.filing
    if filing is None or filing.since is None or filing.state not in (FilingState.CALLING, FilingState.LOST):
        return None
    async for row in desk.intune.changed_since(filing.since - _OVERLAP):
        if _was_filed_for(request, row):
            return await adopt(desk, row)
    ran = await _has_run(desk, request, filing.since)

    async def decide(known: Request, now: datetime) -> Outcome:
        return ran_unheld(known, "", now) if ran else not_found(known, now)

    await settle(desk, request.id, decide)
    return None


def _was_filed_for(request: Request, row: Row) -> bool:
    """Whoever files by hand can write our words; but nobody's name stands in a row of ours, and it is on our target."""
    filing = request.filing
    if filing is None or request.intune_id is not None or filing.state not in _UNKNOWN_FATE:
        return False
    by_hand = row.requestor is not None and row.requestor.is_person
    elsewhere = bool(row.target_id) and row.target_id.casefold() != filing.order.target_id.casefold()
    return is_filed_as(request, row.justification) and not by_hand and not elsewhere


async def _has_run(desk: Desk, request: Request, since: datetime) -> bool:
    """Whether the operation itself shows that the call was carried out at once."""
    if request.filing is None:
        return False
    try:
        progress = await desk.orders.progress(request.filing.order, since)
    except NotFound:
        return False
    return progress is not Progress.WAITING
