"""What Intune shows updates our state: new requests, acts in the portal, carrying, and every disagreement."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from approvals import refusals
from approvals.audit import Identified, Kind
from approvals.carry import (
    CALL_LEASE,
    can_finish,
    carried,
    carry_failed,
    native_note,
    sign_in_failed,
    start_cancelling,
    start_carry,
)
from approvals.causes import ContentChanged, OwnAfterAll
from approvals.decide import SIGN_IN_TIME, cast_vote, expire
from approvals.disagreement import Disagreement, disagreement
from approvals.effects import Alarm, Expire, NotificationKind, PostCards, RefreshCards, Reply, TellPerson
from approvals.outcome import Outcome
from approvals.people import Person, Requestor
from approvals.problems import CutOff, NoAnswer, NoConsent, NotSignedIn, SignInBlocked
from approvals.reconcile import open_request, reconcile
from approvals.request import CarryState, Decision, Execution, IntuneStatus, Request, Source, Verdict
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    DANA,
    NOW,
    RITA,
    SUBJECT,
    as_decided,
    ballot,
    carry_of,
    eligibility,
    request,
    seen,
    terms,
    workflow,
)

ONE = workflow(required=1, groups=(ADMINS,))


def effects(outcome: Outcome) -> list[object]:
    """Return the planned effects."""
    return [planned.effect for planned in outcome.planned]


def decided(**changes: object) -> Request:
    """Return a request that Alex alone has approved here and that still waits in Intune."""
    on = request(workflows=(ONE,), **changes)
    return cast_vote(on, ballot(eligibility(ALEX, ADMINS), on), {}, NOW).request


def test_a_new_request_is_posted_and_gets_a_deadline() -> None:
    """A new request is posted, and its deadline is the earlier of our deadline and Intune's."""
    opened = open_request("R1", seen(IntuneStatus.NEEDS_APPROVAL), terms(), NOW, history=False)
    short = open_request(
        "R1", seen(IntuneStatus.NEEDS_APPROVAL, expires_at=NOW + timedelta(hours=1)), terms(), NOW, history=False
    )

    assert PostCards("R1") in effects(opened)
    assert Expire("R1") in effects(opened)
    assert opened.request.deadline == NOW + timedelta(hours=24)
    assert short.request.deadline == NOW + timedelta(hours=1)


def test_history_is_only_recorded() -> None:
    """A request that was closed before the bot first ran is only recorded: it is not posted and alarms nobody."""
    opened = open_request("R1", seen(IntuneStatus.COMPLETED), terms(), NOW, history=True)

    assert opened.planned == ()
    assert Kind.PICKED_UP in [entry.kind for entry in opened.entries]


def test_what_ran_while_nobody_looked_alarms() -> None:
    """A request that was filed, approved and completed between two looks is posted and alarms."""
    opened = open_request("R1", seen(IntuneStatus.COMPLETED), terms(), NOW, history=False)

    assert Alarm("R1", NotificationKind.BELOW_QUORUM) in effects(opened)
    assert PostCards("R1") in effects(opened)
    assert opened.request.execution is Execution.SENT


def test_changes_to_the_policies_themselves_alarm_at_once() -> None:
    """A change of the access policies alarms at once, if the workflow asks for that."""
    opened = open_request("R1", seen(IntuneStatus.NEEDS_APPROVAL), terms(workflow(alarms=True)), NOW, history=False)

    assert Alarm("R1", NotificationKind.POLICY_CHANGE) in effects(opened)


def test_the_same_sighting_twice_changes_nothing() -> None:
    """Seeing the same state twice changes nothing, because polls overlap."""
    once = request()

    assert reconcile(once, seen(IntuneStatus.NEEDS_APPROVAL), terms(), {}, NOW).request == once


@pytest.mark.parametrize(
    ("status", "decision", "notification"),
    [
        (IntuneStatus.REJECTED, Decision.REJECTED, NotificationKind.DECIDED_ELSEWHERE),
        (IntuneStatus.CANCELLED, Decision.WITHDRAWN, NotificationKind.DECIDED_ELSEWHERE),
        (IntuneStatus.EXPIRED, Decision.EXPIRED, NotificationKind.EXPIRED),
    ],
)
def test_intune_ends_it(status: IntuneStatus, decision: Decision, notification: NotificationKind) -> None:
    """A request that was ended in the portal ends here, and the thread says so."""
    ended = reconcile(request(), seen(status), terms(), {}, NOW)

    assert ended.request.decision is decision
    assert ended.request.decided is not None
    assert ended.request.decided.source is Source.PORTAL
    assert Reply("R1", notification) in effects(ended)


def test_an_approval_in_the_portal_by_an_eligible_person_is_their_vote() -> None:
    """An eligible person's approval in the portal is their vote; if it decides, nothing is left to carry."""
    approved = seen(IntuneStatus.APPROVED, approver=eligibility(ALEX, ADMINS))

    after = reconcile(request(workflows=(ONE,)), approved, terms(ONE), {}, NOW)

    assert after.request.decision is Decision.APPROVED
    assert after.request.votes[0].source is Source.PORTAL
    assert after.request.carry is None
    assert not [effect for effect in effects(after) if isinstance(effect, Alarm)]


@pytest.mark.parametrize("approver", [None, eligibility(DANA), eligibility(RITA, ADMINS), eligibility(ALEX, ADMINS)])
def test_an_approval_below_quorum_alarms(approver: object) -> None:
    """An approval in the portal below the quorum alarms, whoever gave it."""
    after = reconcile(request(), seen(IntuneStatus.APPROVED, approver=approver), terms(), {}, NOW)

    assert after.request.decision is Decision.OPEN
    assert disagreement(after.request) is Disagreement.APPROVED_BELOW_QUORUM
    assert Alarm("R1", NotificationKind.BELOW_QUORUM) in effects(after)


def test_an_approver_who_becomes_known_later_is_counted_then() -> None:
    """An approver who is named later is counted then, because Intune's audit may name them late."""
    unnamed = reconcile(request(workflows=(ONE,)), seen(IntuneStatus.APPROVED), terms(ONE), {}, NOW).request

    named = reconcile(unnamed, seen(IntuneStatus.APPROVED, approver=eligibility(ALEX, ADMINS)), terms(ONE), {}, NOW)

    assert named.request.decision is Decision.APPROVED


def test_an_approval_that_was_taken_back_is_nobodys_vote() -> None:
    """If Intune waits again, the vote of the approval that was taken back no longer counts."""
    below = reconcile(
        request(), seen(IntuneStatus.APPROVED, approver=eligibility(ALEX, ADMINS)), terms(), {}, NOW
    ).request

    after = reconcile(below, seen(IntuneStatus.NEEDS_APPROVAL), terms(), {"alex": eligibility(ALEX, ADMINS)}, NOW)

    assert after.request.votes == ()


def test_a_portal_approval_never_completes_a_quorum_with_fallen_votes() -> None:
    """A portal approval does not reach the quorum if another voter has lost their group: all voters are read again."""
    half = cast_vote(request(), ballot(eligibility(CORA, CAB), request()), {}, NOW).request

    after = reconcile(
        half, seen(IntuneStatus.APPROVED, approver=eligibility(ALEX, ADMINS)), terms(), {"cora": eligibility(CORA)}, NOW
    )

    assert after.request.decision is Decision.OPEN


def test_changed_content_voids_the_votes() -> None:
    """Changed content voids the votes, because they are bound to what was reviewed."""
    half = cast_vote(request(), ballot(eligibility(ALEX, ADMINS), request()), {}, NOW).request
    changed = seen(IntuneStatus.NEEDS_APPROVAL, subject=replace(SUBJECT, content_sha256="1" * 64))

    after = reconcile(half, changed, terms(), {"alex": eligibility(ALEX, ADMINS)}, NOW)

    assert after.request.votes == ()
    assert Reply("R1", NotificationKind.VOTES_VOID) in effects(after)
    assert [entry.because for entry in after.entries if entry.kind is Kind.VOTES_VOID] == [ContentChanged()]


def test_changed_content_after_the_decision_is_not_carried() -> None:
    """A decision whose content changed afterwards is not carried: it alarms, and nobody can finish it."""
    changed = seen(IntuneStatus.NEEDS_APPROVAL, subject=replace(SUBJECT, content_sha256="1" * 64))

    after = reconcile(decided(), changed, terms(ONE), {}, NOW)
    refused = start_carry(after.request, ballot(eligibility(ALEX, ADMINS), after.request), NOW)

    assert Alarm("R1", NotificationKind.CHANGED_AFTER_DECISION) in effects(after)
    assert refused.refusal is not None
    assert refused.refusal == refusals.Disagrees(Disagreement.CHANGED_AFTER_DECISION)


def test_an_unknown_status_closes_and_alarms() -> None:
    """An unknown status of Intune alarms, and no vote can be cast."""
    after = reconcile(request(), seen(IntuneStatus.UNKNOWN), terms(), {}, NOW)

    assert Alarm("R1", NotificationKind.UNKNOWN_STATUS) in effects(after)
    assert cast_vote(after.request, ballot(eligibility(ALEX, ADMINS), after.request), {}, NOW).refusal is not None


def test_a_late_requestor_loses_the_vote_they_cast() -> None:
    """If the voter turns out to be the requestor, their vote falls, and they are told."""
    on = request(requestor=DANA)
    voted = cast_vote(on, ballot(eligibility(ALEX, ADMINS), on), {}, NOW).request

    after = reconcile(voted, seen(IntuneStatus.NEEDS_APPROVAL, requestor=ALEX), terms(), {}, NOW)

    assert after.request.votes == ()
    assert TellPerson("R1", NotificationKind.VOTE_FELL, "alex") in effects(after)
    assert [entry.because for entry in after.entries if entry.kind is Kind.VOTE_FELL] == [OwnAfterAll()]


def test_a_later_configuration_applies_only_where_it_is_stricter() -> None:
    """A later configuration can remove a group and shorten the deadline; it cannot add a group or lower the quorum."""
    later = workflow(required=1, groups=(CAB,), deadline=timedelta(hours=1))

    after = reconcile(request(), seen(IntuneStatus.NEEDS_APPROVAL), terms(later, digest="c2"), {}, NOW).request

    assert after.workflows[0].required == 2
    assert after.workflows[0].groups == (CAB,)
    assert after.deadline == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("opened", "later"), [(True, False), (False, True)])
def test_votes_of_former_members_are_kept_only_as_long_as_every_configuration_does(opened: bool, later: bool) -> None:
    """Votes of former members count only if the first and every later configuration keeps such votes."""
    on = request(workflows=(workflow(keeps_votes=opened),))
    voted = cast_vote(on, ballot(eligibility(ALEX, ADMINS), on), {}, NOW).request
    changed = terms(workflow(keeps_votes=later), digest="c2")

    after = reconcile(voted, seen(IntuneStatus.NEEDS_APPROVAL, voted), changed, {}, NOW).request

    decided = cast_vote(after, ballot(eligibility(CORA, CAB), after), {"alex": eligibility(ALEX)}, NOW)
    assert [vote.voter for vote in decided.request.votes] == [CORA]
    assert decided.request.decision is Decision.OPEN


def test_a_carry_is_claimed_once_and_answered_once() -> None:
    """A carry is reserved and answered once; during the call, others are told who makes it."""
    calling = start_carry(decided(), ballot(eligibility(ALEX, ADMINS), decided()), NOW).request
    second = start_carry(calling, ballot(eligibility(DANA, ADMINS), calling), NOW)
    answered = carried(calling, ALEX, "graph-1", NOW)

    assert calling.carry_state is CarryState.CALLING
    assert second.refusal is not None
    assert isinstance(second.refusal, refusals.BeingCarried)
    assert answered.request.intune_status is IntuneStatus.APPROVED
    assert TellPerson("R1", NotificationKind.APPROVED, "rita") in effects(answered)


def test_a_failed_carry_offers_finish_to_everybody_who_may_vote() -> None:
    """After a failed carry everybody who may vote can finish; the requestor and outsiders cannot."""
    calling = start_carry(decided(), ballot(eligibility(ALEX, ADMINS), decided()), NOW).request
    failed = carry_failed(calling, ALEX, NoAnswer("decision"), NOW).request

    finished = start_carry(failed, ballot(eligibility(DANA, ADMINS), failed), NOW).request
    by_rita = start_carry(failed, ballot(eligibility(RITA, ADMINS), failed), NOW)
    by_cora = start_carry(failed, ballot(eligibility(CORA, CAB), failed), NOW)

    assert can_finish(failed, NOW)
    assert finished.vote_of(DANA) is not None
    assert by_rita.refusal is not None
    assert by_cora.refusal is not None


def test_a_failed_sign_in_offers_finish_and_says_so_once() -> None:
    """After a failed sign-in Finish is offered and told once; a second failure changes nothing."""
    failed = sign_in_failed(decided(), ALEX, Identified.NOBODY, NoConsent(), NOW)
    again = sign_in_failed(failed.request, ALEX, Identified.NOBODY, SignInBlocked(), NOW)

    assert (failed.request.carry_state, carry_of(failed.request).problem) == (CarryState.TROUBLED, NoConsent())
    assert effects(failed) == [Reply("R1", NotificationKind.WAITS_FOR_ONE), RefreshCards("R1")]
    assert (again.request, effects(again)) == (failed.request, [])
    assert [entry.identified for one in (failed, again) for entry in one.entries] == [Identified.NOBODY] * 2


def test_a_failed_sign_in_says_nothing_about_a_call() -> None:
    """A failed sign-in does not touch a call that is under way, or another person's carry."""
    calling = start_carry(decided(), ballot(eligibility(ALEX, ADMINS), decided()), NOW).request

    assert sign_in_failed(calling, ALEX, Identified.NOBODY, NoConsent(), NOW).request == calling
    assert sign_in_failed(decided(), DANA, Identified.NOBODY, NoConsent(), NOW).request == decided()


def test_a_late_failure_says_nothing_about_somebody_elses_call() -> None:
    """The late error of Alex's call, which was cut off, must not end the call that Dana makes now."""
    cut = start_carry(decided(), ballot(eligibility(ALEX, ADMINS), decided()), NOW).request
    later = NOW + CALL_LEASE
    calling = start_carry(cut, ballot(eligibility(DANA, ADMINS), cut), later).request

    assert carry_failed(calling, ALEX, NoAnswer("decision"), later).request.carry_state is CarryState.CALLING


def test_a_call_that_was_cut_off_is_offered_again_after_its_lease() -> None:
    """A call that was cut off, when a replica died, can be finished again after its lease."""
    calling = start_carry(decided(), ballot(eligibility(ALEX, ADMINS), decided()), NOW).request
    waiting = seen(IntuneStatus.NEEDS_APPROVAL)

    early = reconcile(calling, waiting, terms(ONE), {}, NOW + CALL_LEASE / 2).request
    late = reconcile(calling, waiting, terms(ONE), {}, NOW + CALL_LEASE).request

    assert early.carry_state is CarryState.CALLING
    assert late.carry_state is CarryState.TROUBLED
    assert carry_of(late).problem == CutOff("Alex")


def test_a_call_whose_answer_was_lost_is_settled_by_looking() -> None:
    """A call whose answer was lost is settled when Intune shows the approval; nothing is sent a second time."""
    calling = start_carry(decided(), ballot(eligibility(ALEX, ADMINS), decided()), NOW).request

    after = reconcile(calling, seen(IntuneStatus.APPROVED, approver=eligibility(ALEX, ADMINS)), terms(ONE), {}, NOW)

    assert after.request.carry_state is CarryState.DONE
    assert not can_finish(after.request, NOW)


def test_somebody_who_does_not_sign_in_is_waited_for_a_little_while() -> None:
    """If the person does not sign in within a short time, the thread asks anybody to finish."""
    after = reconcile(decided(), seen(IntuneStatus.NEEDS_APPROVAL), terms(ONE), {}, NOW + SIGN_IN_TIME)

    assert carry_of(after.request).problem == NotSignedIn("Alex")
    assert Reply("R1", NotificationKind.WAITS_FOR_ONE) in effects(after)


def test_a_rejection_that_meets_an_approval_in_intune_alarms() -> None:
    """A rejection here with an approval in Intune alarms, and an approver can withdraw the approval there."""
    rejected = cast_vote(request(), ballot(eligibility(ALEX, ADMINS), request(), Verdict.REJECT), {}, NOW).request

    after = reconcile(rejected, seen(IntuneStatus.APPROVED), terms(), {}, NOW)
    by_cora = start_cancelling(after.request, ballot(eligibility(CORA, CAB), after.request), NOW)
    by_dana = start_cancelling(after.request, ballot(eligibility(DANA), after.request), NOW)

    assert disagreement(after.request) is Disagreement.APPROVED_AFTER_REJECTION
    assert Alarm("R1", NotificationKind.APPROVED_AFTER_END) in effects(after)
    assert by_cora.refusal is None
    assert by_dana.refusal is not None


def test_an_approval_that_is_in_order_cannot_be_withdrawn_here() -> None:
    """An approval in Intune that agrees with the decision here cannot be withdrawn."""
    settled = reconcile(decided(), seen(IntuneStatus.APPROVED), terms(ONE), {}, NOW).request

    refused = start_cancelling(settled, ballot(eligibility(ALEX, ADMINS), settled), NOW)

    assert refused.refusal is not None
    assert isinstance(refused.refusal, refusals.NoApprovalToWithdraw)


def test_intunes_note_names_everybody_who_was_counted() -> None:
    """The note in Intune names every counted person; only the text after the names is cut."""
    note = native_note(decided(), "x" * 2000)

    assert note.startswith("Countersign R1: approved by Alex. xxx")
    assert len(note) == 1024


LATER = NOW + timedelta(hours=30)
DEADLINE = NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("status", "given", "moved", "counts"),
    [
        (IntuneStatus.APPROVED, DEADLINE - timedelta(seconds=1), DEADLINE - timedelta(seconds=1), True),
        (IntuneStatus.APPROVED, DEADLINE, DEADLINE, False),
        (IntuneStatus.APPROVED, None, None, False),
        (IntuneStatus.COMPLETED, DEADLINE - timedelta(hours=1), DEADLINE + timedelta(hours=1), True),
        (IntuneStatus.COMPLETED, DEADLINE + timedelta(minutes=1), DEADLINE + timedelta(hours=1), False),
        (IntuneStatus.COMPLETED, None, DEADLINE - timedelta(hours=1), True),  # it was approved before it was completed
        (IntuneStatus.COMPLETED, None, DEADLINE + timedelta(hours=1), False),
        (IntuneStatus.COMPLETED, None, None, False),
    ],
)
@pytest.mark.parametrize("expires_first", [True, False])
def test_whether_a_portal_approval_was_in_time(
    status: IntuneStatus, given: datetime | None, moved: datetime | None, counts: bool, expires_first: bool
) -> None:
    """A portal approval counts by the time at which it was given, in any order of looks; without a time it is late."""
    on = request(workflows=(ONE,))
    sighting = seen(status, on, approver=eligibility(ALEX, ADMINS), approved_at=given, modified_at=moved)
    after, alarms = on, 0
    for step in ("look", "expire", "look") if expires_first else ("look", "look", "expire"):
        voters = {vote.voter.account: eligibility(vote.voter, ADMINS) for vote in after.votes}
        outcome = expire(after, LATER) if step == "expire" else reconcile(after, sighting, terms(ONE), voters, LATER)
        alarms += len([effect for effect in effects(outcome) if isinstance(effect, Alarm)])
        after = outcome.request
    assert after.decision is (Decision.APPROVED if counts else Decision.EXPIRED)
    assert [vote.voter for vote in after.votes] == ([ALEX] if counts else [])
    assert (disagreement(after) is None) is counts
    assert (alarms == 0) is counts


def test_a_portal_approval_counts_at_once_while_there_is_time() -> None:
    """A portal approval that is seen before the deadline counts, although the time at which it was given is unknown."""
    on = request(workflows=(ONE,))
    sighting = seen(IntuneStatus.APPROVED, on, approver=eligibility(ALEX, ADMINS), approved_at=None, modified_at=None)
    assert (
        reconcile(on, sighting, terms(ONE), {}, DEADLINE - timedelta(seconds=1)).request.decision is Decision.APPROVED
    )


def test_expired_here_approved_there_alarms() -> None:
    """A portal approval after our deadline is recorded and alarms."""
    expired = request(decided=as_decided(Decision.EXPIRED))

    after = reconcile(expired, seen(IntuneStatus.APPROVED), terms(), {}, NOW)

    assert disagreement(after.request) is Disagreement.APPROVED_AFTER_EXPIRY
    assert Alarm("R1", NotificationKind.APPROVED_AFTER_END) in effects(after)
    assert Identified.NOBODY in [entry.identified for entry in after.entries]


@pytest.mark.parametrize("now", [Person("rita@old.example", "Rita", known=False), replace(RITA, known=False), None])
def test_not_found_now_is_not_somebody_else(now: Requestor) -> None:
    """A known requestor stays the requestor when the directory no longer finds them."""
    later = reconcile(request(requestor=RITA), seen(IntuneStatus.NEEDS_APPROVAL, requestor=now), terms(), {}, NOW)
    assert later.request.requestor == RITA


def test_who_is_found_later_is_learned() -> None:
    """A requestor who is found later becomes known, and their linked accounts are kept from then on."""
    unknown = request(requestor=replace(RITA, known=False, accounts=frozenset({"rita"})))
    later = reconcile(unknown, seen(IntuneStatus.NEEDS_APPROVAL), terms(), {}, NOW).request
    assert later.requestor == RITA
    unlinked = seen(IntuneStatus.NEEDS_APPROVAL, requestor=replace(RITA, accounts=frozenset({"rita"})))
    assert reconcile(later, unlinked, terms(), {}, NOW).request.requestor == RITA


@pytest.mark.parametrize(
    "other",
    [
        {"target": "Other"},
        {"target_id": "s2"},
        {"payload_sha256": "1" * 64},
        {"action": "delete"},
        {"kind": "Other"},
        {"policy_types": ("a", "b")},
    ],
)
def test_what_cannot_be_read_hides_no_change_of_what_intune_holds(other: dict[str, Any]) -> None:
    """A change of what Intune itself shows is noticed, although other parts cannot be read at the moment."""
    known = replace(SUBJECT, unread=("group g1",))
    now = replace(known, content_sha256="f" * 64, unread=("what it changes", "group g1"))
    assert now.hides(known) == ("what it changes",)
    assert known.hides(now) == ()
    assert replace(now, **other).hides(known) == ()
