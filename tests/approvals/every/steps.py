"""What can happen to a request, as steps: each step takes a request and returns the outcome."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from approvals import alone, carry, completing, filing
from approvals.asking import cancel, give_up
from approvals.audit import Identified
from approvals.break_glass import Invocation, break_glass
from approvals.decide import cast_vote, expire, withdraw
from approvals.emergency import Emergency, EmergencyAccount, Finding
from approvals.filing import Found
from approvals.ladder import Ladder, Rung, Step
from approvals.lifecycle import ExecutionEvent
from approvals.outcome import Outcome
from approvals.people import Application, Person
from approvals.problems import NoAnswer, NotTaken
from approvals.reconcile import Terms, reconcile
from approvals.reminding import claim, climb, make_urgent, page, release
from approvals.request import IntuneStatus, Request, Verdict
from approvals.review import close_review, open_by_operator, remind
from approvals.snapshot import Eligibility, Snapshot
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    DANA,
    NOW,
    RITA,
    ballot,
    eligibility,
    person,
    seen,
    terms,
    workflow,
)

Happens = Callable[[Request], Outcome]
"""One thing that happens to a request, at a time that the step sets."""

BORIS = person("boris")
"""Boris has an emergency account, and is in no group of approvers."""

LADDER = Ladder(
    standard=(Step(timedelta(hours=2), Rung.THREAD), Step(timedelta(hours=4), Rung.ON_CALL)),
    urgent=(Step(timedelta(0), Rung.CHAT), Step(timedelta(minutes=15), Rung.ON_CALL)),
    chat="19:on-call",
)
FLOW = workflow(ladder=LADDER)
SHARED = person("shared")
"""An emergency account of which Cora is the custodian."""

EMERGENCY = Emergency(
    open=True,
    accounts=(
        EmergencyAccount(BORIS),
        EmergencyAccount(RITA),
        EmergencyAccount(SHARED, (CORA,)),
    ),
    reviewers=(CAB,),
    channels=("19:operations",),
)
OUR_APP = Application("app", "Countersign Actor")
WHY = "The laptop of the director was stolen at the airport"
FOUND = "The police report matches what was said that night"
ALEX_ELIGIBLE, CORA_ELIGIBLE, DANA_ELIGIBLE = (
    eligibility(ALEX, ADMINS),
    eligibility(CORA, CAB),
    eligibility(DANA, ADMINS, CAB),
)
SOON = NOW + timedelta(minutes=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def in_force(**changes: Any) -> Terms:
    """Return the terms of the configuration in force."""
    return replace(terms(FLOW), **({"emergency": EMERGENCY} | changes))


def voters(on: Request) -> dict[str, Eligibility]:
    """Return the eligibility of all who have voted: they are in the same groups as when they voted."""
    return {vote.voter.account: Eligibility(vote.voter, vote.groups, active=True) for vote in on.votes}


# --- votes ---------------------------------------------------------------------------------------------------------


def votes(eligibility: Eligibility, verdict: Verdict = Verdict.APPROVE, at: datetime = SOON, **changes: Any) -> Happens:
    """Return the step in which this person votes on the present content."""
    return lambda on: cast_vote(on, replace(ballot(eligibility, on, verdict), **changes), voters(on), at)


def votes_without(gone: str, eligibility: Eligibility) -> Happens:
    """Return the step in which this person approves after an earlier voter (`gone`) has left all groups."""

    def happens(on: Request) -> Outcome:
        left = {name: replace(one, groups=frozenset()) if name == gone else one for name, one in voters(on).items()}
        return cast_vote(on, ballot(eligibility, on), left, SOON)

    return happens


def votes_after_a_move(moved: Eligibility, eligibility: Eligibility) -> Happens:
    """Return the step in which this person approves after an earlier voter (`moved`) has changed groups."""

    def happens(on: Request) -> Outcome:
        now = {name: moved if name == moved.person.account else one for name, one in voters(on).items()}
        return cast_vote(on, ballot(eligibility, on), now, SOON)

    return happens


def withdraws(who: Person) -> Happens:
    """Return the step in which this person withdraws their vote."""
    return lambda on: withdraw(on, who, Identified.BY_CHANNEL, SOON)


def time_is_up(at: datetime) -> Happens:
    """Return the step that checks the deadline."""
    return lambda on: expire(on, at)


# --- the way to Intune ---------------------------------------------------------------------------------------------


def carries(eligibility: Eligibility, verdict: Verdict = Verdict.APPROVE, at: datetime = SOON) -> Happens:
    """Return the step that carries the decision to Intune with the token of this person."""
    return lambda on: carry.start_carry(on, ballot(eligibility, on, verdict), at)


def intune_agreed(who: Person) -> Happens:
    """Return the step in which Intune accepts the call of this person."""
    return lambda on: carry.carried(on, who, "graph-1", SOON)


def intune_refused(who: Person, answer_id: str = "graph-1") -> Happens:
    """Return the step in which Intune refuses the call of this person."""
    return lambda on: carry.carry_failed(on, who, NotTaken("403"), SOON, answer_id)


def did_not_sign_in(who: Person) -> Happens:
    """Return the step in which the token of this person does not arrive."""
    return lambda on: carry.sign_in_failed(on, who, Identified.BY_CHANNEL, NoAnswer("decision"), SOON)


def was_braked(who: Person) -> Happens:
    """Return the step in which a brake stops the call of this person."""
    return lambda on: carry.carry_stopped(on, who, "It is paused.", SOON)


def cancels_approval(eligibility: Eligibility) -> Happens:
    """Return the step in which this person withdraws the approval that Intune holds."""
    return lambda on: carry.start_cancelling(on, ballot(eligibility, on), SOON)


def approval_stays(answer_id: str) -> Happens:
    """Return the step in which Intune keeps the approval that was to be withdrawn."""
    return lambda on: carry.approval_not_cancelled(on, ALEX, NoAnswer("decision"), answer_id, SOON)


def approval_is_gone(on: Request) -> Outcome:
    """Return the outcome when Intune has withdrawn its approval."""
    return carry.approval_cancelled(on, ALEX, "graph-3", SOON)


# --- what Intune shows ---------------------------------------------------------------------------------------------


def sighting(on: Request, status: IntuneStatus, approver: Eligibility | None = None, **changes: Any) -> Snapshot:
    """Return the request as Intune shows it, with this status and approver."""
    asked = {"requestor": OUR_APP if on.filing else on.requestor}
    return seen(status, on, approver=approver, **(asked | changes))


def shows(
    status: IntuneStatus,
    approver: Eligibility | None = None,
    at: datetime = SOON,
    to: Terms | None = None,
    **changes: Any,
) -> Happens:
    """Return the step in which Intune shows the request like this at that time; `to` are the terms in force by then."""
    return lambda on: reconcile(on, sighting(on, status, approver, **changes), to or in_force(), voters(on), at)


# --- orders --------------------------------------------------------------------------------------------------------


def is_filed(at: datetime) -> Happens:
    """Return the step that reserves the filing call."""
    return lambda on: filing.start_filing(on, "sealed", "app", at)


def is_held(on: Request) -> Outcome:
    """Return the outcome when Intune answers that it holds the order."""
    return filing.held(on, Found("i1"), SOON, "graph-1")


def is_found(on: Request) -> Outcome:
    """Return the outcome when the order is found in Intune after the answer was lost."""
    return filing.held(on, Found("i1", "other-app", "sealed anew"), SOON)


def is_not_filed(answer_id: str) -> Happens:
    """Return the step in which Intune does not take the order."""
    return lambda on: filing.not_filed(on, NotTaken("403"), SOON, answer_id)


def is_unanswered(on: Request) -> Outcome:
    """Return the outcome when the answer of Intune is lost."""
    return filing.unanswered(on, SOON)


def is_not_found(at: datetime) -> Happens:
    """Return the step in which Intune does not show the order."""
    return lambda on: filing.not_found(on, at)


def ran_unheld(on: Request) -> Outcome:
    """Return the outcome when Intune carries the order out at once, without an approval."""
    return filing.ran_unheld(on, "graph-1", SOON)


def is_taken_back(on: Request) -> Outcome:
    """Return the outcome when we have cancelled the order in Intune."""
    return filing.taken_back(on, SOON)


def is_held_back(on: Request) -> Outcome:
    """Return the outcome when the store may have lost that the order was called off."""
    return filing.hold_back(on, SOON)


def is_completed_by_us(at: datetime) -> Happens:
    """Return the step that reserves the completing call."""
    return lambda on: completing.start_completing(on, at)


def completing_worked(on: Request) -> Outcome:
    """Return the outcome when Intune has taken the approved call."""
    return completing.completed(on, "graph-2", SOON)


def target_shows(on: Request) -> Outcome:
    """Return the outcome when the target shows that the call without an answer was carried out."""
    return completing.shown_done(on, SOON + MINUTE)


def completing_failed(*, look: bool) -> Happens:
    """Return the step in which Intune does not take the approved call, or in which its answer is unknown."""
    return lambda on: completing.not_completed(on, NotTaken("403"), SOON, look=look, answer_id="graph-2")


def is_seen(event: ExecutionEvent | None, at: datetime) -> Happens:
    """Return the step that looks at the operation itself and sees this event."""
    return lambda on: completing.executed(on, event, at)


def is_missing(*looks: datetime) -> Happens:
    """Return the step in which none of these looks finds the target."""

    def happens(on: Request) -> Outcome:
        for look in looks[:-1]:
            on = completing.missing(on, look).request
        return completing.missing(on, looks[-1])

    return happens


def is_called_off(who: Person) -> Happens:
    """Return the step in which this person cancels the order."""
    return lambda on: cancel(on, who, Identified.BY_CHANNEL, SOON)


def is_given_up(at: datetime) -> Happens:
    """Return the step that checks whether the order can still be filed in time."""
    return lambda on: give_up(on, at)


# --- reminders -----------------------------------------------------------------------------------------------------


def is_climbed(number: int, at: datetime) -> Happens:
    """Return the step in which a step of the reminder ladder is due."""
    return lambda on: climb(on, number, at)


def is_paged(number: int, *on_call: Person, at: datetime = SOON) -> Happens:
    """Return the step that pages the next person on call."""
    return lambda on: page(on, number, on_call, at)


def is_claimed(eligibility: Eligibility, at: datetime = SOON) -> Happens:
    """Return the step in which this person claims the request."""
    return lambda on: claim(on, eligibility, Identified.BY_CHANNEL, at)


def claim_is_over(at: datetime) -> Happens:
    """Return the step that checks whether a claim is over."""
    return lambda on: release(on, at)


def is_urgent(eligibility: Eligibility, why: str = "The thief is online", at: datetime = SOON) -> Happens:
    """Return the step in which this person makes the request urgent."""
    return lambda on: make_urgent(on, eligibility, why, Identified.BY_CHANNEL, at)


# --- emergencies ---------------------------------------------------------------------------------------------------


def breaks_glass(who: Person, at: datetime = SOON, path: Emergency = EMERGENCY, **changes: Any) -> Happens:
    """Return the step in which this person uses break-glass and proves who they are."""
    invocation = replace(Invocation(eligibility(who), Identified.BY_TOKEN, WHY), **changes)
    return lambda on: break_glass(on, path, invocation, on.digest[:12], at)


def is_asked_alone(account: str) -> Happens:
    """Return the step that reserves the call to the emergency process."""
    return lambda on: alone.start_alone(on, account, SOON)


def is_done_alone(on: Request) -> Outcome:
    """Return the outcome when the emergency process has run the operation."""
    return alone.executed_alone(on, on, "Wiped.", "graph-4", SOON + MINUTE)


def is_done_alone_and_forgotten(claimed: Request) -> Happens:
    """Return the step in which the emergency process has run the operation, and the store has lost the call to it."""
    return lambda on: alone.executed_alone(on, claimed, "Wiped.", "graph-4", SOON + MINUTE)


def is_not_done_alone_and_forgotten(claimed: Request) -> Happens:
    """Return the step in which the emergency process did nothing, and the store has lost the call to it."""
    return lambda on: alone.not_executed_alone(on, claimed, "No.", SOON + MINUTE, in_doubt=False)


def is_not_done_alone(*, in_doubt: bool) -> Happens:
    """Return the step in which the emergency process did nothing, or in which its result is unknown."""
    return lambda on: alone.not_executed_alone(on, on, "No such device.", SOON + MINUTE, in_doubt=in_doubt)


def attempt_is_over(at: datetime) -> Happens:
    """Return the step that checks whether the emergency process has answered."""
    return lambda on: alone.end_attempt(on, at)


def review_is_opened(on: Request) -> Outcome:
    """Return the outcome when an operator opens a review."""
    return open_by_operator(on, EMERGENCY, "Looks wrong", (BORIS, DANA), SOON)


def review_is_due(number: int, at: datetime) -> Happens:
    """Return the step in which a reminder of the review is due."""
    return lambda on: remind(on, number, at)


def review_is_closed(eligibility: Eligibility, text: str = FOUND) -> Happens:
    """Return the step in which this person closes the review."""
    return lambda on: close_review(on, eligibility, Finding.JUSTIFIED, text, Identified.BY_CHANNEL, SOON)
