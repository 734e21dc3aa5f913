"""Filing in Intune what was asked for in chat and is approved here.

The one call is claimed before it is made. A lost answer is followed by a look and never by another call.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Kind
from approvals.brake import Call, locks_after, stopping
from approvals.carry import CALL_LEASE, LOOK_AGAIN
from approvals.causes import OrderRanUnheld
from approvals.change import Change
from approvals.decide import tell_requestor
from approvals.disagreement import unlike_decided
from approvals.effects import AwaitIntune, Follow, Occasion, Recheck, Reply, SayPulled
from approvals.held import FIRST_LOOK, mark_sent
from approvals.lifecycle import FilingHappening
from approvals.order import Filing, FilingState
from approvals.outcome import Outcome
from approvals.problems import CalledOff, NoAnswer, NoTrace, Problem
from approvals.reconcile import Terms, tighten, void_votes_if_changed
from approvals.refusals import Refusal
from approvals.request import (
    IntuneStatus,
    Request,
)
from approvals.subject import Subject

LOOK_FOR_IT_AGAIN = timedelta(minutes=1)
"""Between two looks for what an unanswered call did."""

FIND_TIME = timedelta(minutes=10)
"""So long after a lost answer Intune must show what it did with our call; later it did nothing."""


def reread(request: Request, subject: Subject, terms: Terms, now: datetime) -> Outcome:
    """Compare what was reviewed with what is there now; a change voids votes, or stops what was decided.

    A configuration that was loaded since holds where it is stricter, as for what Intune shows.
    """
    change = Change(request, now)
    tighten(change, terms)
    void_votes_if_changed(change, subject)
    return change.outcome()


def start_filing(request: Request, sealed_call: str, app_id: str, now: datetime) -> Outcome:
    """Claim the one filing call."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or (refusal := why_not_file(request, filing, now) or _why_hidden(request)):
        return Outcome(request, refusal=refusal if filing else refusals.NotAsked())
    state = lifecycle.file(filing.state, FilingHappening.CALLED)
    change.request = replace(
        change.request,
        filing=replace(filing, state=state, since=now, problem=None, sealed_call=sealed_call, app_id=app_id),
    )
    change.note_ours(Kind.SENT_TO_INTUNE, app_id, after="file")
    change.plan(AwaitIntune(request.id), now + CALL_LEASE)
    return change.outcome(unless=stopping(Call.FILE, request))


@dataclass(frozen=True, slots=True)
class Found:
    """What we filed ourselves, found in Intune: its id there, the application that filed it, and the call, sealed.

    The call is made anew where the store has lost it; it is empty where that cannot be done.
    """

    intune_id: str
    app_id: str = ""
    sealed_call: str = ""


def held(request: Request, found: Found, now: datetime, answer_id: str = "") -> Outcome:
    """Intune holds it, by its answer (Graph's request-id) or because we found it there, from whatever state.

    What the store already knows of the call stands: it is what was really sent.
    """
    change = Change(request, now)
    filing = request.filing
    if filing is None or request.intune_id is not None:
        return change.outcome()
    state = lifecycle.file(filing.state, FilingHappening.TAKEN)
    app_id, sealed_call = filing.app_id or found.app_id, filing.sealed_call or found.sealed_call
    change.request = replace(
        change.request,
        intune_id=found.intune_id,
        intune_status=IntuneStatus.NEEDS_APPROVAL,
        filing=replace(
            filing, state=state, since=now, held_at=now, problem=None, app_id=app_id, sealed_call=sealed_call
        ),
    )
    change.note_ours(Kind.FILED, app_id, answer_id, before=filing.state, after=state)
    change.plan(AwaitIntune(request.id))
    if request.carry is None:
        change.plan(Reply(request.id, Occasion.HELD))
    return change.outcome()


def not_filed(request: Request, problem: Problem, now: datetime, answer_id: str = "") -> Outcome:
    """Nothing was filed, and this is why (`answer_id` is Graph's request-id). An approver can try again."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or not lifecycle.may(filing.state, FilingHappening.REFUSED):
        return change.outcome()
    state = lifecycle.file(filing.state, FilingHappening.REFUSED)
    change.request = replace(
        change.request, filing=replace(filing, state=state, since=now, problem=problem, sealed_call="")
    )
    change.note_ours(Kind.NOT_FILED, filing.app_id, answer_id, before=filing.state, after=state, because=problem)
    if filing.state is not FilingState.BLOCKED or filing.problem != problem:
        change.plan(Reply(request.id, Occasion.BLOCKED))
        tell_requestor(change, Occasion.BLOCKED)
    return change.outcome()


def hold_back(request: Request, now: datetime) -> Outcome:
    """The store has lost that this was called off: it is not filed before an approver says that it is wanted."""
    waits = request.filing is not None and request.filing.state is FilingState.WAITS
    return not_filed(request, CalledOff(), now) if waits and request.is_approved else Outcome(request)


def is_held_back(request: Request) -> bool:
    """Whether it waits for an approver to say that it is wanted after all."""
    filing = request.filing
    return filing is not None and filing.state is FilingState.BLOCKED and filing.problem == CalledOff()


def unanswered(request: Request, now: datetime) -> Outcome:
    """The answer to the filing call was lost: from now on we look."""
    change = Change(request, now)
    filing = request.filing
    if filing is not None and filing.state is FilingState.CALLING:
        state = lifecycle.file(filing.state, FilingHappening.UNANSWERED)
        change.request = replace(change.request, filing=replace(filing, state=state, problem=NoAnswer("filing")))
        change.note_ours(Kind.NOT_FILED, filing.app_id, before=filing.state, after=state, because=NoAnswer("filing"))
    change.plan(AwaitIntune(request.id), now + LOOK_AGAIN)
    return change.outcome()


def not_found(request: Request, now: datetime) -> Outcome:
    """Intune shows nothing of our filing call. It may still come, until `FIND_TIME` is over."""
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
    """The filing call was carried out at once: no second person in Intune was asked. Our quorum stood."""
    change = Change(request, now)
    filing = request.filing
    if filing is None or not lifecycle.may(filing.state, FilingHappening.UNHELD):
        return change.outcome()
    state = lifecycle.file(filing.state, FilingHappening.UNHELD)
    ran = replace(filing, state=state, since=now, problem=None, sealed_call="")
    change.request = replace(change.request, filing=ran)
    mark_sent(change, now)
    change.note_ours(Kind.RAN_UNHELD, filing.app_id, answer_id, after=state)
    change.note(Kind.LOCKED, after=" ".join(request.subject.policy_types), because=OrderRanUnheld())
    change.plan(Reply(request.id, Occasion.RAN_UNHELD))
    change.plan(Follow(request.id), now + FIRST_LOOK)
    tell_requestor(change, Occasion.RAN_UNHELD)
    locks = locks_after(request, now)
    for lock in locks:
        change.plan(SayPulled(now, lock))
        change.plan(Recheck(lock.name))
    return change.outcome(locks=locks)


def taken_back(request: Request, now: datetime) -> Outcome:
    """We cancelled in Intune what was dropped here."""
    change = Change(request, now)
    if request.filing is not None:
        change.note_ours(Kind.TAKEN_BACK, request.filing.app_id)
    return change.outcome()


def why_not_file(request: Request, filing: Filing, now: datetime) -> Refusal | None:
    """Why it is not filed now."""
    if not request.is_approved:
        return refusals.NotApproved()
    if request.is_asked_alone:
        return refusals.AskedAlone()
    if not lifecycle.may(filing.state, FilingHappening.CALLED):
        return refusals.FiledAlready()
    if (unlike := unlike_decided(request)) is not None:
        return refusals.Disagrees(unlike)
    if now >= request.intune_expires_at:
        return refusals.OutOfTime()
    return None


def _why_hidden(request: Request) -> Refusal | None:
    """Why it is not filed while a part of what was reviewed cannot be read: an approver tries again later."""
    return refusals.Hidden(request.hidden) if request.hidden else None
