"""Carrying a decision to Intune in a person's name: who may, when, and how Intune's answer changes the state."""

from dataclasses import replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.brake import BrakedCall, stopping
from approvals.causes import Finished
from approvals.change import Change
from approvals.decide import Ballot, approver_group_ids, may_vote, waits_for_completion, why_nobody
from approvals.disagreement import disagreement, unlike_decided
from approvals.effects import AwaitIntune, NotificationKind, Reply
from approvals.lifecycle import CarryEvent
from approvals.native import withdrawn
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.problems import Braked, Problem
from approvals.quorum import is_decidable
from approvals.refusals import Refusal
from approvals.request import Carry, CarryState, Decision, IntuneStatus, NativeApproval, Request, Verdict, Vote

CALL_LEASE = timedelta(seconds=60)
"""After this time a call without result counts as cut off. Longer than the call's own time limit, so two never
overlap."""

LOOK_AGAIN = timedelta(seconds=5)
"""Delay after a lost answer: time for Intune to show the result."""

NATIVE_NOTE_LENGTH = 1024
"""Intune's limit for `approvalJustification`, in characters."""


def is_for_other_content(request: Request) -> bool:
    """Return whether Intune shows an approval of our order that does not match our decision.

    The order is not completed with it, and whoever carries the decision withdraws it first.
    """
    ours = request.filing is not None and request.is_approved and request.intune_status is IntuneStatus.APPROVED
    return ours and request.approved_for_other_content


def holds_unwanted_approval(request: Request) -> bool:
    """Return whether Intune holds an approval that was not decided here, so that an approver may withdraw it."""
    wrong = disagreement(request)
    return request.intune_status is IntuneStatus.APPROVED and wrong is not None and wrong.dangerous


def can_finish(request: Request, now: datetime) -> bool:
    """Return whether the decision still has to be carried and no call is under way."""
    return _refuse_to_start(request, now) is None


def verdict_to_tell(request: Request) -> Verdict:
    """Return the verdict to send to Intune. Raises `Impossible` for a decision that is not carried."""
    verdict = request.decision.verdict
    if verdict is None:
        raise lifecycle.Impossible(f"{request.decision!r} is not carried")
    return verdict


def repeats(request: Request, person: Person, verdict: Verdict, now: datetime) -> bool:
    """Return whether this repeats the person's vote on a decision that Intune has not received yet: this means
    Finish."""
    vote = request.vote_of(person)
    same = vote is not None and vote.verdict is verdict and request.decision.verdict is verdict
    return same and can_finish(request, now)


def waits_for(request: Request, person: Person) -> bool:
    """Return whether the decision waits for this person's own token."""
    carry = request.carry
    return carry is not None and carry.state is CarryState.WANTED and carry.by.is_same_as(person)


def native_note(request: Request, note: str = "") -> str:
    """Return the approver's note for Intune: our id, every counted person, and as much of the note as fits."""
    verdict = request.decision.verdict
    people = [vote.voter.name for vote in request.votes if vote.verdict is verdict]
    if broken := request.broken_by:
        people.insert(0, broken.acting.name if broken.acting else broken.invoker.name)
        note = f"{broken.why} {note}"
    head = f"Countersign {request.id}: {request.decision.word} by {', '.join(people)}."
    return f"{head} {note.strip()}".strip()[:NATIVE_NOTE_LENGTH]


def after(carry: Carry, event: CarryEvent, problem: Problem | None = None) -> Carry:
    """Return the carry after this event, with its problem."""
    return replace(carry, state=lifecycle.carry(carry.state, event), problem=problem)


def start_carry(request: Request, ballot: Ballot, now: datetime) -> Outcome:
    """Reserve the one call to Intune for this person. Finishing a decision counts as a vote for it."""
    change = Change(request, now)
    refusal = _refuse_to_start(request, now) or _refuse_unfiled(request) or _refuse_person(request, ballot)
    if refusal:
        return change.refuse(refusal, ballot.voter, ballot.identified)
    if request.vote_of(ballot.voter) is None and not _is_invoker(request, ballot.voter):
        _add_finishing_vote(change, ballot)
    state = lifecycle.carry(request.carry_state, CarryEvent.CALLED)
    change.request = replace(change.request, carry=Carry(state, by=ballot.voter, since=now))
    change.note(Kind.SENT_TO_INTUNE, ballot.voter, ballot.identified, after=ballot.verdict)
    change.plan(AwaitIntune(request.id), now + CALL_LEASE)
    call = BrakedCall.REJECT if request.decision is Decision.REJECTED else BrakedCall.APPROVE
    return change.outcome(unless=stopping(call, request))


def carry_stopped(request: Request, caller: Person, sentence: str, now: datetime) -> Outcome:
    """Record that a brake stopped this person's call before it was made. What is stored stays true after the brake is
    lifted."""
    change = Change(request, now)
    change.note(Kind.REFUSED, caller, Identified.BY_TOKEN, why=sentence, evidence={"reason": "braked"})
    carry = request.carry
    if carry is not None and carry.state is CarryState.WANTED:
        stopped = after(carry, CarryEvent.FAILED, Braked(caller.name))
        change.request = replace(change.request, carry=stopped)
    return change.outcome()


def carried(request: Request, caller: Person, answer_id: str, now: datetime) -> Outcome:
    """Record that Intune accepted this person's call. `answer_id` is Graph's request-id.

    If no call is open here, the next look at Intune decides: the carry was settled by an earlier look, or the store
    went back to before the call.
    """
    change = Change(request, now)
    change.note(
        Kind.INTUNE_ANSWERED, caller, Identified.BY_TOKEN, after=request.decision, evidence={"graph_request": answer_id}
    )
    carry = request.carry
    if carry is None or not lifecycle.may(carry.state, CarryEvent.ANSWERED):
        change.plan(AwaitIntune(request.id))
        return change.outcome()
    approved = request.is_approved
    change.request = replace(
        change.request,
        carry=after(carry, CarryEvent.ANSWERED),
        intune_status=IntuneStatus.APPROVED if approved else IntuneStatus.REJECTED,
        intune_approver=caller,
        native=NativeApproval(request.digest, now, sizes=request.subject.sizes) if approved else None,
    )
    if approved:
        waits_for_completion(change)
    return change.outcome()


def carry_failed(request: Request, caller: Person, problem: Problem, now: datetime, answer_id: str = "") -> Outcome:
    """Record that Intune refused this person's call, or that its answer was lost. The decision stands, and any approver
    may finish it.

    Another person's later call is not affected.
    """
    change = Change(request, now)
    evidence = {"graph_request": answer_id} if answer_id else {}
    change.note(Kind.INTUNE_ANSWERED, caller, Identified.BY_TOKEN, after="failed", because=problem, evidence=evidence)
    theirs = _carry_of(request, caller)
    if theirs is None or not lifecycle.may(theirs.state, CarryEvent.FAILED):
        return change.outcome()
    change.request = replace(change.request, carry=after(theirs, CarryEvent.FAILED, problem))
    change.plan(Reply(request.id, NotificationKind.WAITS_FOR_ONE))
    change.plan(AwaitIntune(request.id), now + LOOK_AGAIN)
    return change.outcome()


def sign_in_failed(
    request: Request, caller: Person, identified: Identified, problem: Problem, now: datetime
) -> Outcome:
    """Record that there is no token for the call. The decision stands, any approver may finish it, and one reply says
    so.

    A call that is under way, or was made before, is not affected.
    """
    change, theirs = Change(request, now), _carry_of(request, caller)
    change.note(Kind.SIGN_IN_FAILED, theirs.by if theirs else caller, identified, because=problem)
    if theirs is not None and theirs.state is CarryState.WANTED:
        change.request = replace(change.request, carry=after(theirs, CarryEvent.FAILED, problem))
        change.plan(Reply(request.id, NotificationKind.WAITS_FOR_ONE))
    return change.outcome()


def start_cancelling(request: Request, ballot: Ballot, now: datetime) -> Outcome:
    """Check that this person may withdraw an approval that Intune holds and that was not decided here, and record the
    call."""
    change = Change(request, now)
    if not holds_unwanted_approval(request):
        return change.refuse(refusals.NoApprovalToWithdraw(), ballot.voter, ballot.identified)
    if refusal := may_vote(request, ballot.eligibility):
        return change.refuse(refusal, ballot.voter, ballot.identified)
    change.note(Kind.SENT_TO_INTUNE, ballot.voter, ballot.identified, after="cancel approval")
    return change.outcome()


def approval_not_cancelled(
    request: Request, caller: Person, problem: Problem, answer_id: str, now: datetime
) -> Outcome:
    """Record that Intune kept its approval, or that the result is unknown; the next look at Intune tells."""
    change = Change(request, now)
    evidence = {"graph_request": answer_id} if answer_id else {}
    change.note(Kind.INTUNE_ANSWERED, caller, Identified.BY_TOKEN, after="failed", because=problem, evidence=evidence)
    change.plan(AwaitIntune(request.id), now + LOOK_AGAIN)
    return change.outcome()


def approval_cancelled(request: Request, caller: Person, answer_id: str, now: datetime) -> Outcome:
    """Record that Intune withdrew its approval in this person's name; the next look shows the request's new status."""
    change = Change(request, now)
    change.request = replace(change.request, native=withdrawn(request.native))
    change.note(Kind.APPROVAL_CANCELLED, caller, Identified.BY_TOKEN, evidence={"graph_request": answer_id})
    change.plan(AwaitIntune(request.id))
    return change.outcome()


def _carry_of(request: Request, person: Person) -> Carry | None:
    """Return the carry if it uses this person's token."""
    carry = request.carry
    return carry if carry is not None and carry.by.is_same_as(person) else None


def _refuse_to_start(request: Request, now: datetime) -> Refusal | None:
    carry = request.carry
    if request.decision.verdict is None or carry is None or not lifecycle.may(carry.state, CarryEvent.CALLED):
        return refusals.NothingToCarry()
    if request.ended_in_intune or now >= request.intune_expires_at:
        return refusals.EndedInIntune()
    if (unlike := unlike_decided(request)) is not None:
        return refusals.Disagrees(unlike)
    if request.hidden:
        return refusals.Hidden(request.hidden)
    if carry.state is CarryState.CALLING and now < carry.since + CALL_LEASE:
        return refusals.BeingCarried(carry.by.name)
    return None


def _refuse_unfiled(request: Request) -> Refusal | None:
    """Refuse while Intune does not hold our order: nobody can approve it there yet."""
    if request.filing is None or request.intune_id is not None:
        return None
    return refusals.NotFiled(request.filing.problem)


def _refuse_person(request: Request, ballot: Ballot) -> Refusal | None:
    if ballot.verdict is not request.decision.verdict:
        return refusals.Closed(request.decision)
    if _is_invoker(request, ballot.voter):
        return None if is_decidable(request) else why_nobody(request)
    return may_vote(request, ballot.eligibility)


def _is_invoker(request: Request, person: Person) -> bool:
    """Return whether this account set the quorum aside: it may then carry that to Intune without a vote."""
    broken = request.broken_by
    return broken is not None and broken.invoker.account == person.account


def _add_finishing_vote(change: Change, ballot: Ballot) -> None:
    vote = Vote(
        voter=ballot.voter,
        verdict=ballot.verdict,
        at=change.now,
        digest=change.request.digest,
        groups=ballot.eligibility.groups & approver_group_ids(change.request),
        note=ballot.note,
        sizes=change.request.subject.sizes,
    )
    change.request = replace(change.request, votes=change.request.with_vote(vote).votes)
    change.note(
        Kind.VOTED,
        ballot.voter,
        ballot.identified,
        after=ballot.verdict,
        because=Finished(),
        evidence={"groups": " ".join(sorted(vote.groups))},
    )
