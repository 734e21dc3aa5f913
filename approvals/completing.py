"""Completing in Intune what we filed and somebody else approved there, and following it until it has happened."""

from dataclasses import replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.brake import Call, stopping
from approvals.carry import CALL_LEASE, LOOK_AGAIN
from approvals.change import Change
from approvals.decide import tell_requestor
from approvals.disagreement import disagreement
from approvals.effects import AwaitIntune, Complete, File, Follow, Occasion, Reply
from approvals.filing import why_not_file
from approvals.held import FIRST_LOOK, complete
from approvals.lifecycle import ExecutionHappening, FilingHappening
from approvals.order import Filing, FilingState
from approvals.outcome import Outcome
from approvals.problems import Problem
from approvals.refusals import Refusal
from approvals.request import Execution, IntuneStatus, Request

FOLLOWED_FOR = timedelta(days=14)
"""So long we look whether a device has done it: one that is switched off does it when it is next in contact."""

_SELDOM = timedelta(minutes=15)
"""At the latest after so long we look again."""


def start_completing(request: Request, now: datetime) -> Outcome:
    """Claim the one completing call: our quorum stands, Intune says approved, and by somebody else than who asked."""
    filing = request.filing
    if filing is None or (refusal := _why_not_complete(request, filing, now)):
        return Outcome(request, refusal=refusal if filing else refusals.NotAsked())
    change = Change(request, now)
    state = lifecycle.file(filing.state, FilingHappening.CALLED_AGAIN)
    change.request = replace(change.request, filing=replace(filing, state=state, since=now, problem=None))
    change.note_ours(Kind.SENT_TO_INTUNE, filing.app_id, after="complete")
    change.plan(AwaitIntune(request.id), now + CALL_LEASE)
    return change.outcome(unless=stopping(Call.COMPLETE, request))


def completed(request: Request, answer_id: str, now: datetime) -> Outcome:
    """Intune took the approved call, by its answer (Graph's request-id) or because it shows it."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or filing.state is FilingState.COMPLETED:
        return change.outcome()
    change.request = replace(change.request, intune_status=IntuneStatus.COMPLETED)
    complete(change, now, answer_id)
    return change.outcome()


def not_completed(request: Request, problem: Problem, now: datetime, *, look: bool, answer_id: str = "") -> Outcome:
    """Intune did not take the call, or its answer was lost (`look`): then the next look tells what it did."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or filing.state is not FilingState.COMPLETING:
        return change.outcome()
    change.note_ours(Kind.NOT_COMPLETED, filing.app_id, answer_id, because=problem)
    if not look:
        state = lifecycle.file(filing.state, FilingHappening.REFUSED)
        change.request = replace(change.request, filing=replace(filing, state=state, since=now, problem=problem))
        change.plan(Reply(request.id, Occasion.BLOCKED))
        tell_requestor(change, Occasion.BLOCKED)
    change.plan(AwaitIntune(request.id), now + LOOK_AGAIN)
    return change.outcome()


def executed(request: Request, happening: ExecutionHappening | None, now: datetime) -> Outcome:
    """What was seen of the operation itself; as long as it is not over we look again."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or filing.completed_at is None:
        return change.outcome()
    execution = request.execution
    if happening is not None and lifecycle.may(execution, happening):
        execution = lifecycle.execute(execution, happening)
    over = execution in (Execution.DONE, Execution.FAILED)
    if execution is not request.execution:
        change.request = replace(
            change.request, execution=execution, filing=replace(filing, done_at=now if over else None)
        )
        change.note(Kind.EXECUTED, identified=Identified.BY_INTUNE, before=request.execution, after=execution)
    if execution is not request.execution and over:
        occasion = Occasion.DONE if execution is Execution.DONE else Occasion.FAILED
        change.plan(Reply(request.id, occasion))
        tell_requestor(change, occasion)
    elif not over and now < filing.completed_at + FOLLOWED_FOR:
        pause = (now - filing.completed_at) / 2  # what has taken long may take longer
        change.plan(Follow(request.id), now + min(max(pause, FIRST_LOOK), _SELDOM))
    return change.outcome()


def next_call(request: Request, now: datetime) -> File | Complete | None:
    """The call that could be made now, if any: what an approver's Finish tries again."""
    filing = request.filing
    if filing is None:
        return None
    if why_not_file(request, filing, now) is None:
        return File(request.id)
    return Complete(request.id) if _why_not_complete(request, filing, now) is None else None


def _why_not_complete(request: Request, filing: Filing, now: datetime) -> Refusal | None:
    if not (lifecycle.may(filing.state, FilingHappening.CALLED_AGAIN) and request.is_approved):
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
