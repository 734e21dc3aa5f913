"""What was asked for in chat, on its way through Intune: filed when it is approved here, completed when it is there."""

from datetime import timedelta
from typing import assert_never

import structlog

from approvals import asking, completing
from approvals import filing as rules
from approvals.brake import holding_up
from approvals.disagreement import Disagreement
from approvals.effects import Complete, File
from approvals.lifecycle import ExecutionHappening
from approvals.order import FilingState, Order
from approvals.request import IntuneStatus, Request
from cards import words
from handlers import gather, own_filings
from handlers.commits import Committed, Rule, commit
from handlers.desk import Desk, FilingRoom
from handlers.poll import look
from handlers.ports.errors import Conflict, NotFound, PortError, Throttled, Unavailable
from handlers.ports.orders import Call, Progress
from handlers.ports.requests import Stored

GONE = "What this is about is not in Intune any more."
DONE_ALREADY = "Intune shows that this was done already. It is not done a second time."
NO_ANSWER = "Intune did not answer. What it did is looked up."
OTHER_KEY = "The stored call cannot be read: the filing key was changed. It has to be asked for again."
OTHER_ACTOR = "Another application filed this, and only that one can complete it. An operator has to bring it back."
NO_FILING = "Countersign is not set up any more to file anything in Intune. An operator has to look at it."

GONE_FOR_GOOD = timedelta(minutes=10)
"""A device that is not found sooner after the call may be there all the same: reads that follow a write get a 404 for a
while (microsoftgraph/microsoft-graph-docs#11430)."""

log = structlog.get_logger(__name__)

_SEEN = {
    Progress.WAITING: None,
    Progress.RUNNING: ExecutionHappening.STARTED,
    Progress.GONE: ExecutionHappening.ENDED,  # a wiped device leaves Intune
    Progress.DONE: ExecutionHappening.ENDED,
    Progress.FAILED: ExecutionHappening.BROKE,
}


async def push(desk: Desk, request_id: str) -> None:
    """Make the call that can be made now, if there is one. Raises what the neighbours raise before anything is sent."""
    request = await desk.requests.load(request_id)
    call = completing.next_call(request, await desk.clock.now()) if request else None
    match call:
        case File():
            await file(desk, request_id)
        case Complete():
            await complete(desk, request_id)
        case None:
            return
        case _:
            assert_never(call)


async def file_by_itself(desk: Desk, request: Request) -> None:
    """File it, as `file` does, unless a person has to say first that it is wanted."""
    if not rules.is_held_back(request):
        await file(desk, request.id)


async def file(desk: Desk, request_id: str) -> str:
    """File it, if it is approved and was not filed: search Intune for it, read everything again, claim the one call,
    make it. Returns the sentence of the brake that stopped it, if one did."""
    request = await desk.requests.load(request_id)
    if request is None or not isinstance(completing.next_call(request, await desk.clock.now()), File):
        return ""
    room, filing = desk.filing, request.filing
    if room is None or filing is None:
        await commit(desk, request_id, lambda known, now: rules.not_filed(known, NO_FILING, now))
        return ""
    if await own_filings.find(desk, request) is not None:
        await look(desk, request_id)  # it was filed before, and the store has forgotten that
        return ""
    problem = await _why_not_now(desk, request, filing.order)
    if problem:
        await commit(desk, request_id, lambda known, now: rules.not_filed(known, problem, now))
        return ""
    call = await desk.orders.call_for(filing.order)
    sealed = room.vault.seal(request_id, call)
    claimed = await commit(
        desk, request_id, lambda known, now: rules.start_filing(known, sealed, room.filer.app_id, now)
    )
    if _is_claimed(claimed):
        await _file(desk, room, claimed.request, call, sealed)
    return claimed.notice if claimed.stored is Stored.BRAKED else ""


async def complete(desk: Desk, request_id: str) -> None:
    """Complete it, if Intune approved it by somebody else than the one who asked: look, claim the one call, make it.

    What is known to be stopped is not looked at: each look at it plans the next try.
    """
    request = await desk.requests.load(request_id)
    if request is None or holding_up(await desk.brakes.on(), request):
        return
    await look(desk, request_id)
    claimed = await commit(desk, request_id, completing.start_completing)
    if not _is_claimed(claimed):
        return
    problem = await _complete(desk, claimed.request)
    if problem:
        log.error("order_not_completed", request_id=request_id, why=problem)
        await commit(desk, request_id, lambda known, now: completing.not_completed(known, problem, now, look=False))


async def take_back(desk: Desk, request: Request) -> None:
    """Cancel in Intune what was dropped here, unless Intune ended it already."""
    dropped = request.filing is not None and request.filing.state is FilingState.DROPPED
    if desk.filing is None or not dropped or request.intune_status is not IntuneStatus.NEEDS_APPROVAL:
        return
    try:
        await desk.filing.filer.cancel(request.intune_id or "")
    except (Conflict, NotFound) as error:
        log.info("nothing_to_take_back", request_id=request.id, error=str(error))
    else:
        await commit(desk, request.id, rules.taken_back)
    await look(desk, request.id)


async def follow(desk: Desk, request: Request) -> None:
    """Look how far the operation itself has come."""
    filing = request.filing
    if filing is None or filing.completed_at is None:
        return
    progress, looked_at = await desk.orders.progress(filing.order, filing.completed_at), await desk.clock.now()
    doubtful = progress is Progress.GONE and looked_at < filing.completed_at + GONE_FOR_GOOD
    seen = None if doubtful else _SEEN[progress]
    if seen is not None and progress is Progress.GONE and not filing.order.act.is_on_device:
        seen = ExecutionHappening.BROKE  # what was to be assigned was deleted
    await commit(desk, request.id, lambda known, now: completing.executed(known, seen, now))


async def give_up(desk: Desk, request: Request) -> None:
    """Drop what could not be filed in time."""
    await commit(desk, request.id, asking.give_up)


async def _why_not_now(desk: Desk, request: Request, order: Order) -> str:
    """What keeps it from being filed, read now; empty if nothing does."""
    try:
        plan = await desk.orders.plan(order)
    except NotFound:
        return GONE
    subject = gather.subject_of(plan.row, await desk.intune.content(plan.row))
    reread = await commit(
        desk, request.id, lambda known, now: rules.reread(known, subject, desk.policy.terms(subject), now)
    )
    if reread.request.changed_after_decision:
        return Disagreement.CHANGED_AFTER_DECISION.sentence
    if await own_filings.was_done(desk, order, own_filings.first_asked_at(request)):
        return DONE_ALREADY
    if await desk.orders.is_held(order.act.policy_type, plan.platform):
        return ""
    return (
        f"Intune has no active access policy for {order.act.policy_type} on {plan.platform}, so it would run without a "
        "second person. Nothing was sent. Somebody has to make one first."
    )


async def _file(desk: Desk, room: FilingRoom, request: Request, call: Call, sealed: str) -> None:
    """The one call. Whatever comes of it is stored, also where the store has lost the claim meanwhile; only silence is
    looked into."""
    try:
        reason = asking.native_justification(request, room.vault.proof(request.id))
        taken = await room.filer.file(call, reason)
    except Conflict:
        outcome = _refused(await _what_is_open(desk, request))
    except Throttled as error:
        outcome = _refused("Intune is too busy right now. An approver can press Finish in a minute.", error)
    except Unavailable:
        outcome = rules.unanswered
    except PortError as error:
        log.error("order_not_filed", request_id=request.id, error=str(error), neighbour_request=error.request_id)
        outcome = _refused(f"Intune did not take it: {error}.", error)
    else:
        held = rules.Found(taken.intune_id, room.filer.app_id, sealed)
        outcome = _held(held, taken.answer_id) if taken.intune_id else _ran(taken.answer_id)
        log.info("order_filed", request_id=request.id, intune_id=taken.intune_id, graph_request=taken.answer_id)
    await commit(desk, request.id, outcome)


async def _complete(desk: Desk, request: Request) -> str:
    """The one call; why it came to nothing, if it did."""
    room, filing = desk.filing, request.filing
    if room is None or filing is None or room.filer.app_id != filing.app_id:
        return OTHER_ACTOR
    try:
        call = room.vault.open(request.id, filing.sealed_call)
    except ValueError:
        return OTHER_KEY
    try:
        await desk.orders.plan(filing.order)  # what is not found now is not known to be what was decided on
    except NotFound:
        return GONE
    except PortError as error:
        return f"What this is about cannot be read: {error}."
    try:
        answer = await room.filer.complete(call, request.intune_id or "")
    except Unavailable:
        await commit(desk, request.id, lambda known, now: completing.not_completed(known, NO_ANSWER, now, look=True))
        return ""
    except PortError as error:
        return f"Intune did not carry it out: {error}."
    await commit(desk, request.id, lambda known, now: completing.completed(known, answer, now))
    log.info("order_completed", request_id=request.id, graph_request=answer)
    return ""


async def _what_is_open(desk: Desk, request: Request) -> str:
    """Intune takes one request per target; which one is in the way, as far as we know."""
    for other in await desk.requests.open():
        if other.id == request.id or other.is_settled:
            continue
        if other.subject.target_id == request.subject.target_id:
            title, asker = words.title_of(other), words.asker(other)
            return f"Intune has an open request for the same target: {title}, requested by {asker} ({other.id})."
    return "Intune has an open request for the same target. Once that is over, an approver can press Finish."


def _refused(problem: str, error: PortError | None = None) -> Rule:
    answer_id = error.request_id if error else ""
    return lambda known, now: rules.not_filed(known, problem, now, answer_id)


def _held(found: rules.Found, answer_id: str) -> Rule:
    return lambda known, now: rules.held(known, found, now, answer_id)


def _ran(answer_id: str) -> Rule:
    return lambda known, now: rules.ran_unheld(known, answer_id, now)


def _is_claimed(claimed: Committed) -> bool:
    if claimed.stored is Stored.BRAKED:
        log.warning("braked", request_id=claimed.request.id, why=claimed.notice)
    return claimed.stored is Stored.SAVED and claimed.outcome.refusal is None
