"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import structlog

from approvals import reconcile
from approvals.effects import told
from approvals.filing import reread
from approvals.outcome import Outcome
from approvals.reconcile import Terms
from approvals.request import Request, Subject
from approvals.sighting import Sighting
from cards.alarms import polled_again
from handlers import gather
from handlers.commits import commit, commit_on, store
from handlers.desk import Desk, new_request_id
from handlers.own_filings import adopt, look_for, marked_as
from handlers.ports.errors import Conflict, PortError, Throttled, Unavailable
from handlers.ports.intune import Row
from handlers.ports.requests import Stored

OVERLAP = timedelta(minutes=5)
"""Intune's list may lag behind and replicas' requests may cross: read again a little of what was read before."""

log = structlog.get_logger(__name__)


class Polled(StrEnum):
    """What became of a poll."""

    ELSEWHERE = "elsewhere"  # another replica is the poller
    PARTIAL = "partial"  # some rows could not be taken in
    COMPLETE = "complete"


async def poll(desk: Desk) -> Polled:
    """Read once what Intune has to say, if this replica is the poller; raises `PortError` where a neighbour is away."""
    return await _read(desk, desk.replica)


async def read_intune(desk: Desk) -> Polled:
    """Read the same although another replica may be the poller; for whoever must not wait for it."""
    return await _read(desk, "")


async def _read(desk: Desk, replica: str) -> Polled:
    """Take in what has changed in Intune since the watermark; a `replica` does so only as long as it is the poller.

    The watermark moves only when every row was taken in, so what fails is read again.
    """
    if replica and not await desk.poll_state.lead(replica):
        return Polled.ELSEWHERE
    watermark = await desk.poll_state.watermark()
    started = await desk.clock.now()
    seen, stuck, newest = set[str](), list[str](), watermark or started
    async for row in desk.intune.changed_since(watermark - OVERLAP if watermark else None):
        if not await _take_in_safely(desk, row, history=watermark is None):
            stuck.append(row.id)
        seen.add(row.id)
        newest = max(newest, row.modified_at or newest)
        if replica and not await desk.poll_state.lead(replica):  # a long poll keeps its lease for as long as it gets on
            return Polled.ELSEWHERE
    async for row in _overdue(desk, seen, started):
        if not await _take_in_safely(desk, row, history=False):
            stuck.append(row.id)
    await _reread_orders(desk)
    if stuck:
        await desk.poll_state.incomplete(stuck)
        return Polled.PARTIAL
    await desk.poll_state.complete(newest, told(polled_again(await desk.clock.now())))
    return Polled.COMPLETE


async def look(desk: Desk, request_id: str) -> None:
    """Look at one request in Intune and reconcile. It only looks."""
    request = await desk.requests.load(request_id)
    if request is not None and request.intune_id is None:
        request = await look_for(desk, request)
    if request is None or request.intune_id is None:
        return
    row = await desk.intune.get(request.intune_id)
    await follow(desk, request_id, await gather.sighting(desk, row, request))


async def follow(desk: Desk, request_id: str, seen: Sighting) -> Request:
    """Bring a known request up to what was seen; returns it as it is now."""
    terms = desk.policy.terms(seen.subject)
    committed = await commit_on(
        desk,
        request_id,
        lambda request: gather.voters(desk, request),
        lambda request, voters, now: reconcile.reconcile(request, seen, terms, voters, now),
    )
    return committed.request


async def _take_in_safely(desk: Desk, row: Row, *, history: bool) -> bool:
    """Take a row in; what goes wrong with it costs this row only, until the next poll."""
    try:
        await _take_in(desk, row, history=history)
    except PortError as error:
        await end_if_away(desk, error)
        log.warning("row_not_taken_in", intune_id=row.id, error=str(error), neighbour_request=error.request_id)
        return False
    except Exception:
        log.exception("row_not_taken_in", intune_id=row.id)
        return False
    return True


async def end_if_away(desk: Desk, error: PortError) -> None:
    """End the round where a neighbour is away, for then nothing is wrong with what was being read, and every other row
    would fail alike. Both are asked what they answered a moment ago: Redis for the lease, Graph for the list."""
    if isinstance(error, Throttled):
        raise error
    if isinstance(error, Unavailable):
        await desk.poll_state.lead(desk.replica)
        async for _ in desk.intune.changed_since(await desk.clock.now()):
            pass


async def _take_in(desk: Desk, row: Row, *, history: bool) -> None:
    known = await desk.requests.load_by_intune_id(row.id) or await adopt(desk, row)
    if known is None:
        await _doubt_the_store(desk, row)
    if known is not None and known.ended_in_intune:
        return
    seen = await gather.sighting(desk, row, known, history=history and known is None)
    if known is None and await _open(desk, seen, history=history):
        return
    if known is None:  # another one has opened or adopted it meanwhile: what an order is about is read otherwise
        known = await desk.requests.load_by_intune_id(row.id)
        if known is None:  # the store refused it although nobody has it: it went back meanwhile
            raise Conflict("the store has not taken it")
        seen = await gather.sighting(desk, row, known)
    await follow(desk, known.id, seen)


async def _doubt_the_store(desk: Desk, row: Row) -> None:
    """Take a request that we filed, and that the store does not know, for a sign that the store was lost."""
    request_id = marked_as(desk, row)
    if request_id and await desk.requests.load(request_id) is None:
        log.error("own_filing_unknown_to_the_store", request_id=request_id, intune_id=row.id)
        await desk.continuity.doubt(
            f"Intune holds {row.id}, which Countersign filed as {request_id} and does not know."
        )


async def _open(desk: Desk, seen: Sighting, *, history: bool) -> bool:
    """Take up a new request; false if another replica was faster, or if the store is not the one that is remembered."""
    now = await desk.clock.now()
    outcome = reconcile.open_request(new_request_id(now), seen, desk.policy.terms(seen.subject), now, history=history)
    committed = await store(desk, outcome.request, outcome, now)
    if committed.stored is Stored.SAVED:
        log.info("request_opened", request_id=outcome.request.id, intune_id=seen.intune_id, status=seen.status)
    return committed.stored is Stored.SAVED


async def _reread_orders(desk: Desk) -> None:
    """What is asked for in chat and not filed yet, Intune shows nowhere; what it is about may change all the same."""
    for request in await desk.requests.open():
        if request.filing is None or request.intune_id is not None or not request.takes_votes:
            continue
        try:
            subject = await gather.subject_of_order(desk, request.filing.order)
        except PortError as error:
            await end_if_away(desk, error)
            log.warning("order_not_read", request_id=request.id, error=str(error))
            continue
        await commit(desk, request.id, partial(_reread, subject, desk.policy.terms(subject)))


def _reread(subject: Subject, terms: Terms, known: Request, now: datetime) -> Outcome:
    return reread(known, subject, terms, now)


async def _overdue(desk: Desk, seen: set[str], now: datetime) -> AsyncIterator[Row]:
    """Open requests that Intune should have ended by now without showing it as a change."""
    for request in await desk.requests.open():
        if request.intune_id is None or request.intune_id in seen or request.ended_in_intune:
            continue
        if now >= request.intune_expires_at:
            try:
                yield await desk.intune.get(request.intune_id)
            except PortError as error:  # one that cannot be read must not keep all others from being polled
                await end_if_away(desk, error)
                log.warning("request_not_visible", request_id=request.id, error=f"{type(error).__name__}: {error}")
