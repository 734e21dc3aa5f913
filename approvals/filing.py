"""Filing orders from chat in Intune after they are approved here.

The one call is reserved before it is made. After a lost answer we look at Intune and never repeat the call.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Kind
from approvals.brake import BrakedCall, locks_after, stopping
from approvals.carry import CALL_LEASE, LOOK_AGAIN
from approvals.causes import OrderRanUnheld
from approvals.change import Change
from approvals.decide import tell_requestor
from approvals.disagreement import unlike_decided
from approvals.effects import AwaitIntune, File, Follow, NotificationKind, Recheck, Reply, SayPulled
from approvals.held import FIRST_LOOK, mark_sent
from approvals.lifecycle import FilingEvent
from approvals.order import Filing, FilingState
from approvals.outcome import Outcome
from approvals.problems import CalledOff, NoAnswer, NoTrace, Passing, Problem
from approvals.putting_off import PutOff, may_pass, next_try
from approvals.reconcile import Terms, tighten, void_votes_if_changed
from approvals.refusals import Refusal
from approvals.request import (
    IntuneStatus,
    Request,
)
from approvals.subject import Subject

LOOK_FOR_IT_AGAIN = timedelta(minutes=1)
"""Pause between two looks for the result of an unanswered call."""

FIND_TIME = timedelta(minutes=10)
"""Time for Intune to show our call after a lost answer; if it does not, nothing was filed."""


def reread(request: Request, subject: Subject, terms: Terms, now: datetime) -> Outcome:
    """Compare the reviewed content with the present one; a change voids votes, or stops a decided order.

    A configuration loaded since then applies where it is stricter, as for requests from Intune.
    """
    change = Change(request, now)
    tighten(change, terms)
    void_votes_if_changed(change, subject)
    return change.outcome()


def start_filing(request: Request, sealed_call: str, app_id: str, now: datetime) -> Outcome:
    """Reserve the one filing call."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or (refusal := why_not_file(request, filing, now) or _why_hidden(request)):
        return Outcome(request, refusal=refusal if filing else refusals.NotAsked())
    state = lifecycle.file(filing.state, FilingEvent.CALLED)
    change.request = replace(
        change.request,
        filing=replace(filing, state=state, since=now, problem=None, sealed_call=sealed_call, app_id=app_id),
    )
    change.note_ours(Kind.SENT_TO_INTUNE, app_id, after="file")
    change.plan(AwaitIntune(request.id), now + CALL_LEASE)
    return change.outcome(unless=stopping(BrakedCall.FILE, request))


@dataclass(frozen=True, slots=True)
class Found:
    """Our own filed order as found in Intune: its id there, the filing application, and the sealed call.

    If the store has lost the call, it is built again; it is empty if that is impossible.
    """

    intune_id: str
    app_id: str = ""
    sealed_call: str = ""


def held(request: Request, found: Found, now: datetime, answer_id: str = "") -> Outcome:
    """Record that Intune holds the order, by its answer (Graph's request-id) or because we found it, from any state.

    Data of the call that the store already has is kept: it is what was really sent.
    """
    change = Change(request, now)
    filing = request.filing
    if filing is None or request.intune_id is not None:
        return change.outcome()
    state = lifecycle.file(filing.state, FilingEvent.TAKEN)
    app_id, sealed_call = filing.app_id or found.app_id, filing.sealed_call or found.sealed_call
    change.request = replace(
        change.request,
        intune_id=found.intune_id,
        intune_status=IntuneStatus.NEEDS_APPROVAL,
        filing=replace(
            filing,
            state=state,
            since=now,
            held_at=now,
            problem=None,
            app_id=app_id,
            sealed_call=sealed_call,
            put_off_since=None,
        ),
    )
    change.note_ours(Kind.FILED, app_id, answer_id, before=filing.state, after=state)
    change.plan(AwaitIntune(request.id))
    if request.carry is None:
        change.plan(Reply(request.id, NotificationKind.HELD))
    return change.outcome()


def not_filed(request: Request, problem: Problem, now: datetime, answer_id: str = "") -> Outcome:
    """Record that nothing was filed, and why (`answer_id` is Graph's request-id). An approver can try again."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or not lifecycle.may(filing.state, FilingEvent.REFUSED):
        return change.outcome()
    state = lifecycle.file(filing.state, FilingEvent.REFUSED)
    change.request = replace(
        change.request,
        filing=replace(filing, state=state, since=now, problem=problem, sealed_call="", put_off_since=None),
    )
    change.note_ours(Kind.NOT_FILED, filing.app_id, answer_id, before=filing.state, after=state, because=problem)
    if filing.state is not FilingState.BLOCKED or filing.problem != problem:
        change.plan(Reply(request.id, NotificationKind.BLOCKED))
        tell_requestor(change, NotificationKind.BLOCKED)
    return change.outcome()


def put_off(request: Request, put: PutOff, now: datetime) -> Outcome:
    """Nothing was filed just now. It is tried again by itself, as long as that may pass; nobody is called for it."""
    filing = request.filing
    if filing is None or not lifecycle.may(filing.state, FilingEvent.REFUSED):
        return Outcome(request)
    if not may_pass(filing, put.trouble, now):
        return not_filed(request, put.lasting, now, put.answer_id)
    change, because = Change(request, now), Passing(put.trouble)
    state = lifecycle.file(filing.state, FilingEvent.REFUSED)
    since = filing.put_off_since or now
    later = replace(filing, state=state, since=now, problem=because, sealed_call="", put_off_since=since)
    change.request = replace(change.request, filing=later)
    if filing.problem != because:
        change.note_ours(
            Kind.NOT_FILED, filing.app_id, put.answer_id, before=filing.state, after=state, because=because
        )
    change.plan(File(request.id), next_try(later, put.wait, now))
    return change.outcome()


def hold_back(request: Request, now: datetime) -> Outcome:
    """Block an order whose cancelling the store has lost, until an approver confirms that it is wanted."""
    waits = request.filing is not None and request.filing.state is FilingState.WAITS
    return not_filed(request, CalledOff(), now) if waits and request.is_approved else Outcome(request)


def is_held_back(request: Request) -> bool:
    """Return whether the order waits for an approver to confirm that it is wanted."""
    filing = request.filing
    return filing is not None and filing.state is FilingState.BLOCKED and filing.problem == CalledOff()


def unanswered(request: Request, now: datetime) -> Outcome:
    """Record that the answer to the filing call was lost, and start looking for its result."""
    change = Change(request, now)
    filing = request.filing
    if filing is not None and filing.state is FilingState.CALLING:
        state = lifecycle.file(filing.state, FilingEvent.UNANSWERED)
        change.request = replace(change.request, filing=replace(filing, state=state, problem=NoAnswer("filing")))
        change.note_ours(Kind.NOT_FILED, filing.app_id, before=filing.state, after=state, because=NoAnswer("filing"))
    change.plan(AwaitIntune(request.id), now + LOOK_AGAIN)
    return change.outcome()


def not_found(request: Request, now: datetime) -> Outcome:
    """Record that Intune does not show our filing call. It may still appear, until `FIND_TIME` has passed."""
    filing = request.filing
    change = Change(request, now)
    if filing is None or not filing.is_unanswered:
        return change.outcome()
    if filing.state is FilingState.CALLING:
        return unanswered(request, now) if now >= filing.since + CALL_LEASE else change.outcome()
    if now >= filing.since + FIND_TIME:
        return not_filed(request, NoTrace(), now)
    change.plan(AwaitIntune(request.id), now + LOOK_FOR_IT_AGAIN)
    return change.outcome()


def ran_unheld(request: Request, answer_id: str, now: datetime) -> Outcome:
    """Record that the filing call was carried out at once, without a second person in Intune. Our quorum was
    reached."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or not lifecycle.may(filing.state, FilingEvent.UNHELD):
        return change.outcome()
    state = lifecycle.file(filing.state, FilingEvent.UNHELD)
    ran = replace(filing, state=state, since=now, problem=None, sealed_call="")
    change.request = replace(change.request, filing=ran)
    mark_sent(change, now, filing.since)
    change.note_ours(Kind.RAN_UNHELD, filing.app_id, answer_id, after=state)
    change.note(Kind.LOCKED, after=" ".join(request.subject.policy_types), because=OrderRanUnheld())
    change.plan(Reply(request.id, NotificationKind.RAN_UNHELD))
    change.plan(Follow(request.id), now + FIRST_LOOK)
    tell_requestor(change, NotificationKind.RAN_UNHELD)
    locks = locks_after(request, now)
    for lock in locks:
        change.plan(SayPulled(now, lock))
        change.plan(Recheck(lock.name))
    return change.outcome(locks=locks)


def taken_back(request: Request, now: datetime) -> Outcome:
    """Record that we cancelled in Intune what was dropped here."""
    change = Change(request, now)
    if request.filing is not None:
        change.note_ours(Kind.TAKEN_BACK, request.filing.app_id)
    return change.outcome()


def why_not_file(request: Request, filing: Filing, now: datetime) -> Refusal | None:
    """Return why the order is not filed now, or nothing."""
    if not request.is_approved:
        return refusals.NotApproved()
    if request.is_asked_alone:
        return refusals.AskedAlone()
    if not lifecycle.may(filing.state, FilingEvent.CALLED):
        return refusals.FiledAlready()
    if (unlike := unlike_decided(request)) is not None:
        return refusals.Disagrees(unlike)
    if now >= request.intune_expires_at:
        return refusals.OutOfTime()
    return None


def _why_hidden(request: Request) -> Refusal | None:
    """Refuse to file while a part of the reviewed content cannot be read; an approver tries again later."""
    return refusals.Hidden(request.hidden) if request.hidden else None
