"""An answer, a look or a click that comes too late, when the request has already changed, has no effect."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from approvals import completing, filing, held, lifecycle, refusals
from approvals.asking import Draft, ask
from approvals.audit import Identified
from approvals.break_glass import Invocation, WhyEscalated, break_glass, why_only_escalated
from approvals.carry import start_carry, verdict_to_tell
from approvals.change import Change
from approvals.decide import cast_vote
from approvals.disagreement import Disagreement
from approvals.effects import AwaitIntune
from approvals.emergency import Emergency, EmergencyAccount
from approvals.filing import Found
from approvals.justification import LONGEST_JUSTIFICATION
from approvals.lifecycle import ExecutionEvent
from approvals.order import Act
from approvals.outcome import Outcome
from approvals.people import Application
from approvals.problems import NoAnswer, NotTaken, Trouble
from approvals.putting_off import PutOff
from approvals.reconcile import open_request, reconcile
from approvals.reminding import claim, make_urgent
from approvals.request import Carry, CarryState, Decision, IntuneStatus, Request, Verdict
from approvals.snapshot import Eligibility
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    NOW,
    RITA,
    SUBJECT,
    as_decided,
    ballot,
    eligibility,
    request,
    seen,
    terms,
    workflow,
)

WHY = "The laptop of the director was stolen at the airport"
WIPE = replace(SUBJECT, kind="ManagedDevice", action="wipe", target="PC-1")
DRAFT = Draft("R1", RITA, Act.WIPE, "PC-1", NOW, target_id="d1", justification="Stolen", subject=WIPE)
PATH = Emergency(open=True, accounts=(EmergencyAccount(ALEX), EmergencyAccount(RITA)), reviewers=(CAB,))


def ordered(*, approved: bool = False) -> Request:
    """Return Rita's wipe, which was asked for in chat; approved by two people or not yet."""
    on = ask(DRAFT, WIPE, terms(), NOW).request
    if not approved:
        return on
    on = cast_vote(on, ballot(eligibility(ALEX, ADMINS), on), {}, NOW).request
    return cast_vote(on, ballot(eligibility(CORA, CAB), on), {"alex": eligibility(ALEX, ADMINS)}, NOW).request


def held_by_intune() -> Request:
    """Return the same order, approved, filed, and waiting in Intune."""
    calling = filing.start_filing(ordered(approved=True), "sealed", "app", NOW).request
    return filing.held(calling, Found("i1"), NOW).request


def broken(on: Request, who: Eligibility, why: str = WHY) -> Outcome:
    """Return the outcome when this person uses break-glass, identified by their own token."""
    return break_glass(on, PATH, Invocation(who, Identified.BY_TOKEN, why), on.digest[:12], NOW)


LATE: dict[str, Callable[[Request], Outcome]] = {
    "Intune took the call": lambda on: completing.completed(on, "graph-1", NOW),
    "Intune refused the call": lambda on: completing.not_completed(on, NotTaken("no"), NOW, look=False),
    "Intune put off the call": lambda on: completing.put_off(on, PutOff(Trouble.BUSY, NotTaken("no")), NOW),
    "Intune put off the order": lambda on: filing.put_off(on, PutOff(Trouble.BUSY, NotTaken("no")), NOW),
    "Intune never answered": lambda on: completing.not_completed(on, NoAnswer("completing"), NOW, look=True),
    "the device was wiped": lambda on: completing.executed(on, ExecutionEvent.ENDED, NOW),
    "nothing was found": lambda on: filing.not_found(on, NOW),
    "it ran at once": lambda on: filing.ran_unheld(on, "graph-1", NOW),
    "it was taken back": lambda on: filing.taken_back(on, NOW),
}
"""Every answer or observation that can follow a call of ours."""


@pytest.mark.parametrize("heard", LATE)
def test_what_we_did_not_file_is_no_work_of_ours(heard: str) -> None:
    """An answer to a call changes nothing on a request that we did not file."""
    assert LATE[heard](request()) == Outcome(request())


@pytest.mark.parametrize(
    "heard",
    [
        "Intune refused the call",
        "Intune put off the call",
        "Intune never answered",
        "the device was wiped",
        "nothing was found",
    ],
)
def test_what_was_never_called_has_no_answer(heard: str) -> None:
    """An order that still waits for its quorum is not changed by an answer to a call that was not made."""
    assert LATE[heard](ordered()) == Outcome(ordered())


def test_a_lost_answer_about_nothing_only_has_us_look() -> None:
    """A lost answer to a call that was not made only plans a look at Intune."""
    for on in (request(), ordered()):
        outcome = filing.unanswered(on, NOW)
        assert (outcome.request, outcome.entries) == (on, ())
        assert [type(one.effect) for one in outcome.planned] == [AwaitIntune]


def test_what_we_did_not_file_has_no_next_call() -> None:
    """A request that we did not file has no next call for Finish, and nothing of it is followed."""
    assert completing.next_call(request(), NOW) is None
    for status in IntuneStatus:
        on = request(intune_status=status)
        change = Change(on, NOW)
        held.follow_filing(change, NOW, moved=True)
        assert change.outcome() == Outcome(on)


def test_the_approved_call_is_not_sent_after_the_end_in_intune() -> None:
    """The approved call is not sent after the time at which Intune's approval ends."""
    by_somebody = seen(IntuneStatus.APPROVED, held_by_intune(), requestor=Application("app", "Countersign Actor"))
    by_somebody = replace(by_somebody, approver=eligibility(ALEX, ADMINS))
    on = reconcile(held_by_intune(), by_somebody, terms(), {}, NOW).request

    assert completing.start_completing(on, NOW).refusal is None
    refusal = completing.start_completing(on, on.intune_expires_at).refusal
    assert refusal == refusals.EndedInIntune(completing=True)


def test_what_ended_before_it_was_noticed_asks_nobody() -> None:
    """A request that ended before it was noticed is stored with its end, and gets no deadline."""
    outcome = open_request("R1", seen(IntuneStatus.REJECTED), terms(), NOW, history=False)

    assert outcome.request.decision is Decision.REJECTED
    assert all(one.due is None for one in outcome.planned)


@pytest.mark.parametrize("decision", [Decision.EXPIRED, Decision.WITHDRAWN])
def test_what_was_not_decided_is_not_carried(decision: Decision) -> None:
    """An expired or withdrawn request has no verdict to carry; asking for one is an error."""
    with pytest.raises(lifecycle.Impossible):
        verdict_to_tell(request(decided=as_decided(decision)))


def test_what_was_not_decided_is_not_settled_by_what_intune_shows() -> None:
    """What Intune shows does not settle a carry of a decision that has no verdict."""
    on = request(decided=as_decided(Decision.EXPIRED), carry=Carry(CarryState.WANTED, by=ALEX, since=NOW))
    after = reconcile(on, seen(IntuneStatus.NEEDS_APPROVAL, on), terms(), {}, NOW).request

    assert after.carry_state is CarryState.WANTED


def test_nobody_carries_the_opposite() -> None:
    """An approved request cannot be finished with a rejection."""
    one_is_enough = request(workflows=(workflow(required=1, groups=(ADMINS,)),))
    on = cast_vote(one_is_enough, ballot(eligibility(ALEX, ADMINS), one_is_enough), {}, NOW).request
    assert on.is_approved

    refusal = start_carry(on, ballot(eligibility(ALEX, ADMINS), on, Verdict.REJECT), NOW).refusal
    assert refusal == refusals.Closed(on.decision)


def test_nobody_is_hurried_about_what_is_over() -> None:
    """A request that is over is not claimed or made urgent; only approvers make a request urgent, and only once."""
    over, urgent = request(decided=as_decided(Decision.REJECTED)), request(opened_urgent=True)
    outsider, approver = eligibility(CORA), eligibility(CORA, CAB)

    assert claim(over, approver, Identified.BY_CHANNEL, NOW).refusal == refusals.NotWaiting()
    assert make_urgent(over, approver, WHY, Identified.BY_CHANNEL, NOW).refusal == refusals.NotWaiting()
    assert make_urgent(urgent, approver, WHY, Identified.BY_CHANNEL, NOW).refusal == refusals.AlreadyUrgent()
    refusal = make_urgent(request(), outsider, WHY, Identified.BY_CHANNEL, NOW).refusal
    assert isinstance(refusal, refusals.NotAnApprover)


def test_the_glass_is_not_broken_where_nothing_is_to_be_broken() -> None:
    """Each refusal of break-glass says why nothing can be done."""
    alex, rita = eligibility(ALEX), eligibility(RITA)
    unknown, over = request(intune_status=IntuneStatus.UNKNOWN), request(decided=as_decided(Decision.REJECTED))
    long = f"{WHY}." * 40
    escalated = broken(request(), rita).request

    assert broken(unknown, alex).refusal == refusals.Disagrees(Disagreement.UNKNOWN_STATUS)
    assert broken(over, alex).refusal == refusals.NotWaiting(Decision.REJECTED)
    assert broken(request(), alex, long).refusal == refusals.TooLong("emergency", len(long), LONGEST_JUSTIFICATION)
    assert broken(escalated, rita).refusal == refusals.BrokenAlready()
    invocation = Invocation(alex, Identified.BY_TOKEN, WHY)
    refusal = break_glass(request(), None, invocation, request().digest[:12], NOW).refusal
    assert refusal == refusals.NoEmergencyAccess(open=False)


def test_why_an_application_s_request_takes_somebody_else() -> None:
    """Break-glass on the request of an application only calls another person: nobody knows who is behind it."""
    on = broken(request(requestor=Application("app", "Pipeline")), eligibility(ALEX)).request

    assert why_only_escalated(on, on.glass[0]) is WhyEscalated.APPLICATION


def test_a_vote_of_somebody_who_called_for_another_falls() -> None:
    """The vote of a person who used break-glass to call another person falls: they are not that other person."""
    on = request()
    voted = cast_vote(on, ballot(eligibility(CORA, CAB), on), {}, NOW).request
    called = replace(voted, glass=broken(request(), eligibility(RITA)).request.glass)
    by_cora = replace(called, glass=(replace(called.glass[0], invoker=CORA),))

    after = cast_vote(
        by_cora, ballot(eligibility(ALEX, ADMINS), by_cora), {"cora": eligibility(CORA, CAB)}, NOW
    ).request
    assert [vote.voter for vote in after.votes] == [ALEX]
