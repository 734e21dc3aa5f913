"""Completing a filed order that another person approved in Intune, and following the operation to its end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.brake import BrakedCall, stopping
from approvals.carry import CALL_LEASE, LOOK_AGAIN
from approvals.change import Change
from approvals.decide import tell_requestor
from approvals.disagreement import disagreement
from approvals.effects import AwaitIntune, Complete, File, Follow, NotificationKind, Reply
from approvals.filing import why_not_file
from approvals.followed import operation_of
from approvals.held import FIRST_LOOK, complete
from approvals.lifecycle import ExecutionEvent, FilingEvent
from approvals.order import Act, Filing, FilingState
from approvals.outcome import Outcome
from approvals.problems import Passing, Problem
from approvals.putting_off import PutOff, may_pass, next_try
from approvals.refusals import Refusal
from approvals.request import Execution, IntuneStatus, Request, Sent

FOLLOWED_FOR = timedelta(days=14)
"""Time for which we follow an operation: a device that is switched off does it at its next contact."""

SHOWS_NOTHING_AFTER = timedelta(hours=8)
"""Time without a sign of the operation after which we say so. A device that is on acts within minutes
(learn.microsoft.com/mem/intune/remote-actions/devices-wipe), and every device is to be in contact about every eight
hours (learn.microsoft.com/mem/intune/configuration/device-profile-troubleshoot, "Refresh cycle")."""

GONE_FOR_GOOD = timedelta(minutes=10)
"""Time between the first and the last failed look after which a target counts as gone: reads sometimes return 404, also
for a while after a write (microsoftgraph/microsoft-graph-docs#11430)."""

OVER = frozenset({Execution.DONE, Execution.FAILED})
"""The final states of an operation."""

_SELDOM = timedelta(minutes=15)
"""Longest pause between two looks."""


def start_completing(request: Request, now: datetime) -> Outcome:
    """Reserve the one completing call: our quorum is reached, and Intune shows approval by another person than the
    initiator."""
    filing = request.filing
    if filing is None or (refusal := _why_not_complete(request, filing, now)):
        return Outcome(request, refusal=refusal if filing else refusals.NotAsked())
    change = Change(request, now)
    state = lifecycle.file(filing.state, FilingEvent.CALLED_AGAIN)
    reserved = replace(filing, state=state, since=now, problem=None, called_at=filing.called_at or now)
    change.request = replace(change.request, filing=reserved)
    change.note_ours(Kind.SENT_TO_INTUNE, filing.app_id, after="complete")
    change.plan(AwaitIntune(request.id), now + CALL_LEASE)
    return change.outcome(unless=stopping(BrakedCall.COMPLETE, request))


def completed(request: Request, answer_id: str, now: datetime) -> Outcome:
    """Record that Intune took the approved call, by its answer (Graph's request-id) or because Intune shows it."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or filing.state is FilingState.COMPLETED:
        return change.outcome()
    change.request = replace(change.request, intune_status=IntuneStatus.COMPLETED)
    complete(change, now, answer_id)
    return change.outcome()


def not_completed(request: Request, problem: Problem, now: datetime, *, look: bool, answer_id: str = "") -> Outcome:
    """Record that Intune did not take the call, or that its answer was lost (`look`): then the next look tells."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or filing.state is not FilingState.COMPLETING:
        return change.outcome()
    change.note_ours(Kind.NOT_COMPLETED, filing.app_id, answer_id, because=problem)
    if not look:
        change.request = replace(change.request, filing=_refused(filing, problem, now))
        change.plan(Reply(request.id, NotificationKind.BLOCKED))
        tell_requestor(change, NotificationKind.BLOCKED)
    change.plan(AwaitIntune(request.id), now + LOOK_AGAIN)
    return change.outcome()


def put_off(request: Request, put: PutOff, now: datetime) -> Outcome:
    """Intune did not take the call just now. It is tried again by itself, as long as that may pass; nobody is called
    for it."""
    filing = request.filing
    if filing is None or filing.state is not FilingState.COMPLETING:
        return Outcome(request)
    if not may_pass(filing, put.trouble, now):
        return not_completed(request, put.lasting, now, look=False, answer_id=put.answer_id)
    change, because = Change(request, now), Passing(put.trouble)
    later = replace(_refused(filing, because, now), put_off_since=filing.put_off_since or now)
    change.request = replace(change.request, filing=later)
    change.note_ours(Kind.NOT_COMPLETED, filing.app_id, put.answer_id, because=because)
    change.plan(Complete(request.id), next_try(later, put.wait, now))
    return change.outcome()


def _refused(filing: Filing, problem: Problem, now: datetime) -> Filing:
    """It is held as before. Of this call is known what it did."""
    state = lifecycle.file(filing.state, FilingEvent.REFUSED)
    earlier = filing.called_at if filing.called_at != filing.since else None
    return replace(filing, state=state, since=now, problem=problem, called_at=earlier, put_off_since=None)


def shown_done(request: Request, now: datetime) -> Outcome:
    """Record that the target itself shows the result of our completing call, although its answer was lost and Intune
    does not show it yet. The call is not repeated."""
    change = Change(request, now)
    if request.filing is not None and request.filing.called_at is not None:
        complete(change, request.filing.called_at)
    return change.outcome()


def executed(request: Request, event: ExecutionEvent | None, now: datetime) -> Outcome:
    """Record what was seen of the operation; unless it is over, plan another look."""
    change = Change(request, now)
    if request.sent is not None and operation_of(request) is not None:
        change.request = replace(request, sent=replace(request.sent, missing_since=None))
        _see(change, event)
    return change.outcome()


def missing(request: Request, now: datetime) -> Outcome:
    """Record that the target was not found. This counts only if it lasts for a while.

    For a deletion it then means success. An assignment whose object is gone has failed.
    """
    change = Change(request, now)
    sent, order = request.sent, operation_of(request)
    if sent is None or order is None:
        return change.outcome()
    since = sent.missing_since or now
    change.request = replace(request, sent=replace(sent, missing_since=since))
    _see(change, gone(order.act) if now >= since + GONE_FOR_GOOD else None)
    return change.outcome()


def gone(act: Act) -> ExecutionEvent:
    """Return what it means for this act that the target is gone for good."""
    match act:
        case Act.DELETE:
            return ExecutionEvent.ENDED
        case Act.WIPE | Act.RETIRE:
            return ExecutionEvent.LEFT
        case Act.SCRIPT | Act.ROLE | Act.COMPLIANCE:
            return ExecutionEvent.BROKE
        case _:
            assert_never(act)


def _see(change: Change, event: ExecutionEvent | None) -> None:
    sent = change.request.sent
    if sent is None or change.request.execution in OVER:
        return
    ended = change.now >= sent.at + FOLLOWED_FOR
    _execute(change, event)
    if ended:
        _execute(change, ExecutionEvent.LOST)
    elif change.request.execution not in OVER:
        doubt(change)
        change.plan(Follow(change.request.id), next_look(change, sent))


def _execute(change: Change, event: ExecutionEvent | None) -> None:
    """Apply an event, if the table allows it in this state."""
    if event is not None and lifecycle.may(change.request.execution, event):
        reach(change, lifecycle.execute(change.request.execution, event))


def reach(change: Change, after: Execution) -> None:
    """Move the operation to this state, and tell the requestor if it is over or unknown."""
    before, filing = change.request.execution, change.request.filing
    if after is before:
        return
    change.request = replace(change.request, execution=after)
    if filing is not None and after in OVER:
        change.request = replace(change.request, filing=replace(filing, done_at=change.now))
    change.note(Kind.EXECUTED, identified=Identified.BY_INTUNE, before=before, after=after)
    if after in _TOLD:
        change.plan(Reply(change.request.id, _TOLD[after]))
        tell_requestor(change, _TOLD[after])


def doubt(change: Change) -> None:
    """Report once that there is still no sign of the operation, if it was sent long enough ago."""
    sent = change.request.sent
    if sent is None or sent.doubted_at is not None or change.request.execution is not Execution.SENT:
        return
    if change.now >= sent.at + SHOWS_NOTHING_AFTER:
        change.request = replace(change.request, sent=replace(sent, doubted_at=change.now))
        change.note(Kind.NOT_SEEN, identified=Identified.BY_INTUNE)
        change.plan(Reply(change.request.id, NotificationKind.NOTHING_SHOWS))
        tell_requestor(change, NotificationKind.NOTHING_SHOWS)


def next_look(change: Change, sent: Sent) -> datetime:
    """Return when to look again."""
    pause = (change.now - sent.at) / 2  # the longer it has taken, the longer the pause
    usual = change.now + min(max(pause, FIRST_LOOK), _SELDOM)
    gone_at = gone_for_good_at(sent.missing_since, change.now)
    return min(usual, gone_at) if gone_at else usual


def gone_for_good_at(missing_since: datetime | None, now: datetime) -> datetime | None:
    """Return when a missing target will count as gone; nothing if it is not missing, or counts already."""
    at = missing_since + GONE_FOR_GOOD if missing_since else None
    return at if at is not None and now < at else None


_TOLD = {
    Execution.DONE: NotificationKind.DONE,
    Execution.FAILED: NotificationKind.FAILED,
    Execution.UNKNOWN: NotificationKind.OUTCOME_UNKNOWN,
}
"""The occasion of the message for each state of the operation."""


def next_call(request: Request, now: datetime) -> File | Complete | None:
    """Return the call that could be made now, if any: an approver's Finish tries it again."""
    filing = request.filing
    if filing is None:
        return None
    if why_not_file(request, filing, now) is None:
        return File(request.id)
    return Complete(request.id) if _why_not_complete(request, filing, now) is None else None


def _why_not_complete(request: Request, filing: Filing, now: datetime) -> Refusal | None:
    if not (lifecycle.may(filing.state, FilingEvent.CALLED_AGAIN) and request.is_approved):
        return refusals.NotApproved(completing=True)
    if request.intune_status is not IntuneStatus.APPROVED:
        return refusals.NotApproved(completing=True, in_intune=True)
    wrong = disagreement(request)
    if wrong is not None:
        return refusals.Disagrees(wrong)
    if request.hidden:
        return refusals.Hidden(request.hidden)
    if now >= request.intune_expires_at:
        return refusals.EndedInIntune(completing=True)
    return None
