"""Break-glass, whoever uses it: the person who asked never decides, and nobody involved reviews it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import refusals
from approvals.alone import start_alone
from approvals.audit import Identified, Kind
from approvals.break_glass import Invocation, WhyEscalated, break_glass, is_ticket, why_only_escalated
from approvals.carry import start_carry
from approvals.causes import BrokeGlass, Counted, GlassBrokenSince, InIntune
from approvals.change import Change
from approvals.decide import cast_vote
from approvals.effects import NotificationKind, TellPerson
from approvals.emergency import Emergency, EmergencyAccount, Finding, Way
from approvals.ladder import Ladder, Paging, Reminders
from approvals.order import Act, Filing, Order
from approvals.people import Application, Person, Requestor
from approvals.policy import Workflow
from approvals.quorum import tallies
from approvals.reconcile import reconcile
from approvals.reminding import CLAIM_TIME, claim, make_urgent, page, release
from approvals.request import Carry, CarryState, Decision, DecisionsMode, IntuneStatus, Request
from approvals.review import close_review, open_by_operator, open_review, why_not_close
from approvals.snapshot import Eligibility
from cards.because import worded
from cards.refusals import refusal_sentence
from cards.tallies import progress
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    DANA,
    NOW,
    RITA,
    as_decided,
    ballot,
    carry_of,
    eligibility,
    person,
    request,
    seen,
    terms,
    workflow,
)

WHY = "The laptop of the director was stolen at the airport"
SHARED = person("shared")
PEOPLE = [RITA, person("rita-admin", "rita"), ALEX, CORA, DANA, SHARED]
FOUND = "The police report matches what was said that night"

people = st.sampled_from(PEOPLE)
requestors = st.sampled_from([RITA, ALEX, Application("a", "Pipeline"), Application("a", "Pipeline", (CORA,)), None])


def emergency(*accounts: Person, custodians: tuple[Person, ...] = ()) -> Emergency:
    """Return an open emergency path for these accounts; the shared account has these custodians."""
    listed = [EmergencyAccount(one, custodians if one is SHARED else ()) for one in accounts]
    return Emergency(open=True, accounts=tuple(listed), reviewers=(ADMINS,))


def invoke(on: Request, who: Person, path: Emergency, **more: Any) -> Request:
    """Return the request after this person used break-glass; unchanged if it was refused."""
    account = path.account_of(who.account)
    acting = account.custodians[0].account if account and account.custodians else ""
    invocation = Invocation(eligibility(who), Identified.BY_TOKEN, WHY, acting=acting)
    invocation = replace(invocation, **more)
    return break_glass(on, path, invocation, on.digest[:12], NOW).request


@given(people, requestors, st.none() | people, st.lists(people, max_size=3, unique=True), st.booleans(), st.booleans())
def test_the_one_who_asked_never_decides(
    who: Person, asked: object, initiator: Person | None, custodians: list[Person], locked: bool, signed: bool
) -> None:
    """Whatever is configured, an invoker who asked, has proved nothing or is locked only calls for another person."""
    on = request(requestor=asked, initiator=initiator)
    path = emergency(*PEOPLE, custodians=tuple(custodians))
    identified = Identified.BY_TOKEN if signed else Identified.BY_CHANNEL
    after = invoke(on, who, path, locked=locked, identified=identified)

    behind = (who, *(custodians if who is SHARED else ()))
    own = any(on.is_own_of(one) for one in behind)
    assert after.review is not None
    if after.decision is Decision.BROKEN_GLASS:
        assert not own
        assert signed
        assert not locked
        assert carry_of(after).by == who
        assert after.carry_state is CarryState.WANTED
    else:
        assert after.decision is Decision.OPEN
        assert after.needs_one
        assert after.deadline <= NOW + timedelta(hours=4)
    for one in behind:
        refusal = why_not_close(after, eligibility(one, ADMINS))
        assert refusal is not None
        assert isinstance(refusal, refusals.HadPart)


@pytest.mark.parametrize(
    "asked", [None, replace(RITA, known=False), Application("a", "Pipeline", (replace(DANA, known=False),))]
)
def test_nobody_decides_for_somebody_unknown(asked: Requestor) -> None:
    """Nobody decides alone for an unknown requestor: it could be the invoker with another account."""
    after = invoke(request(requestor=asked), ALEX, emergency(ALEX))
    assert after.decision is Decision.OPEN
    why = why_only_escalated(after, after.glass[0])
    assert why in (WhyEscalated.NOBODY_NAMED, WhyEscalated.ASKER_UNKNOWN)


@given(people, people)
def test_who_had_no_part_can_close_the_review(who: Person, reviewer: Person) -> None:
    """Only a reviewer who had no part in the request can close the review."""
    after = invoke(request(), who, emergency(*PEOPLE))
    outcome = close_review(after, eligibility(reviewer, ADMINS), Finding.JUSTIFIED, FOUND, Identified.BY_CHANNEL, NOW)
    free = not reviewer.is_same_as(who) and not after.is_own_of(reviewer)
    assert (outcome.refusal is None) == free
    assert outcome.request.review is not None
    assert outcome.request.review.is_open != free


def test_a_drill_changes_nothing_but_the_record() -> None:
    """A drill changes only the record and the review: the request still waits, and nothing is carried."""
    on = request()
    after = invoke(on, ALEX, emergency(ALEX), drill=True)
    assert replace(after, glass=(), review=None) == on
    assert after.glass[0].drill
    assert after.review is not None
    assert after.review.drill


def test_a_real_one_after_a_drill_is_no_drill() -> None:
    """When real break-glass follows a drill, the open review becomes a real one and names both people."""
    drilled = invoke(request(), CORA, emergency(ALEX, CORA), drill=True)
    after = invoke(drilled, ALEX, emergency(ALEX, CORA))
    assert after.decision is Decision.BROKEN_GLASS
    assert after.review is not None
    assert not after.review.drill
    assert {one.name for one in after.review.people} == {"Alex", "Cora"}


def test_where_decisions_are_only_tracked() -> None:
    """Where decisions are only tracked, break-glass cannot decide, because no token is used there."""
    after = invoke(request(decisions=DecisionsMode.TRACK), ALEX, emergency(ALEX))
    assert [glass.way for glass in after.glass] == [Way.ESCALATED]


def test_what_changed_since_it_was_drawn() -> None:
    """An old fingerprint refuses break-glass on a request that has changed."""
    invocation = Invocation(eligibility(ALEX), Identified.BY_TOKEN, WHY)
    outcome = break_glass(request(), emergency(ALEX), invocation, "0" * 12, NOW)
    assert outcome.refusal is not None
    assert isinstance(outcome.refusal, refusals.Changed)
    assert [entry.kind for entry in outcome.entries] == [Kind.REFUSED]


def test_an_account_that_is_disabled() -> None:
    """A disabled account may not use break-glass, whatever the configuration says."""
    invocation = Invocation(Eligibility(ALEX, frozenset({CAB.id}), active=False), Identified.BY_TOKEN, WHY)
    outcome = break_glass(request(), emergency(ALEX), invocation, request().digest[:12], NOW)
    assert outcome.refusal is not None
    assert outcome.refusal == refusals.AccountInactive("break-glass")


def test_those_on_call_keep_their_time() -> None:
    """A new configuration does not shorten the fresh deadline that break-glass gave to the people on call."""
    on = request(requestor=ALEX, opened_at=NOW - timedelta(hours=20))
    after = invoke(on, ALEX, emergency(ALEX))
    later = reconcile(after, seen(IntuneStatus.NEEDS_APPROVAL, after, requestor=ALEX), terms(digest="c2"), {}, NOW)
    assert later.request.config_digest == "c2"
    assert later.request.deadline == NOW + timedelta(hours=4)


def test_whoever_called_for_another_is_not_that_other() -> None:
    """An approver who used break-glass while they owed a review cannot give the one approval that is then needed."""
    after = invoke(request(), ALEX, emergency(ALEX), locked=True)
    assert after.needs_one
    refused = cast_vote(after, ballot(eligibility(ALEX, ADMINS), after), {}, NOW)
    assert refused.refusal is not None
    assert isinstance(refused.refusal, refusals.OwnRequest)
    approved = cast_vote(after, ballot(eligibility(CORA, CAB), after), {}, NOW)
    assert approved.request.decision is Decision.APPROVED


def test_a_custodian_is_not_that_other_either() -> None:
    """No custodian of a shared account that was used for break-glass can give the one approval, nor can the account."""
    after = invoke(request(), SHARED, emergency(SHARED, custodians=(ALEX, DANA)), locked=True)
    for one in (ALEX, DANA, SHARED):
        assert cast_vote(after, ballot(eligibility(one, ADMINS), after), {}, NOW).refusal


def test_votes_from_before_are_asked_for_anew() -> None:
    """Earlier votes no longer count after break-glass; their voters are told, because they knew of no emergency."""
    on = request()
    voted = cast_vote(on, ballot(eligibility(CORA, CAB), on), {}, NOW).request
    invocation = Invocation(eligibility(ALEX), Identified.BY_TOKEN, WHY, locked=True)
    outcome = break_glass(voted, emergency(ALEX), invocation, voted.digest[:12], NOW)
    assert (outcome.request.votes, progress(outcome.request)) == ((), "0 of 1 approval")
    told = [one.effect for one in outcome.planned if isinstance(one.effect, TellPerson)]
    assert [(one.account, one.notification) for one in told] == [("cora", NotificationKind.ASKED_ANEW)]
    fallen = [(entry.name, entry.because) for entry in outcome.entries if entry.kind is Kind.VOTE_FELL]
    assert fallen == [("Cora", GlassBrokenSince())]


def test_what_was_set_aside_is_audited_beside_the_justification() -> None:
    """The audit has the quorum that was set aside as numbers and in words, beside the justification."""
    on = request()
    voted = cast_vote(on, ballot(eligibility(CORA, CAB), on), {}, NOW).request
    invocation = Invocation(eligibility(ALEX), Identified.BY_TOKEN, WHY)
    outcome = break_glass(voted, emergency(ALEX), invocation, voted.digest[:12], NOW)
    [entry] = [worded(entry) for entry in outcome.entries if entry.kind is Kind.GLASS_BROKEN]
    assert entry.why == WHY
    assert entry.because == Counted(outcome.request.glass[0].progress) == Counted(tallies(voted))
    assert entry.evidence["words"] == progress(voted) == "1 of 2 approvals; Security-Admins still open"
    assert "have=1 need=2 open_groups=Security-Admins" in entry.evidence["tallies"]


def test_what_became_urgent_late_has_its_time() -> None:
    """A new configuration keeps the deadline that a request got when it was made urgent, however late that was."""
    later = NOW + timedelta(hours=7)
    urgent = make_urgent(request(), eligibility(ALEX, ADMINS), "Now", Identified.BY_CHANNEL, later).request
    assert urgent.deadline == later + timedelta(hours=4)
    seen_again = seen(IntuneStatus.NEEDS_APPROVAL, urgent)
    after = reconcile(urgent, seen_again, terms(digest="c2"), {}, later + timedelta(minutes=1)).request
    assert (after.config_digest, after.deadline) == ("c2", urgent.deadline)


@pytest.mark.parametrize("why", ["", " ", "\u200b", "\u2800\u3164"])
def test_urgent_needs_a_reason_that_can_be_read(why: str) -> None:
    """Making a request urgent needs a reason that can be read, and is refused after the deadline."""
    assert make_urgent(request(), eligibility(ALEX, ADMINS), why, Identified.BY_CHANNEL, NOW).refusal
    assert make_urgent(
        request(), eligibility(ALEX, ADMINS), "Now", Identified.BY_CHANNEL, NOW + timedelta(hours=25)
    ).refusal


def on_call(*paged: Person) -> Request:
    """Return a request of Rita's for which these people were paged in the on-call chat."""
    flow = workflow(ladder=Ladder(chat="19:oncall"))
    return request(workflows=(flow,), reminders=Reminders(paging=Paging("19:oncall", NOW, paged)))


def test_nobody_is_paged_for_what_they_ask_themselves() -> None:
    """Nobody is paged for their own request or for one on which they used break-glass; the next person is."""
    broken = invoke(on_call(), ALEX, emergency(ALEX), locked=True)
    after = page(broken, 0, [RITA, ALEX, DANA], NOW).request
    assert after.reminders.paging is not None
    assert [one.name for one in after.reminders.paging.paged] == ["Dana"]


def test_nobody_holds_off_reminders_for_themselves_or_for_good() -> None:
    """The requestor cannot claim; others can claim again only after everybody else had as much time to claim."""
    assert claim(on_call(RITA), eligibility(RITA), Identified.BY_CHANNEL, NOW).refusal
    claimed = claim(on_call(DANA), eligibility(DANA), Identified.BY_CHANNEL, NOW).request
    assert claimed.reminders.claim is not None
    over = claimed.reminders.claim.until
    free = release(claimed, over).request
    assert free.reminders.claim is None
    assert claim(free, eligibility(DANA), Identified.BY_CHANNEL, over).refusal
    assert claim(free, eligibility(DANA), Identified.BY_CHANNEL, over + CLAIM_TIME).refusal is None
    assert claim(free, eligibility(CORA, CAB), Identified.BY_CHANNEL, over).refusal is None


def test_what_we_carried_ourselves_is_no_work_of_an_outsider() -> None:
    """Our own carry for an approver who also has an emergency account is not reviewed as an act past the bot."""
    path = emergency(CORA)
    carried = request(carry=Carry(CarryState.DONE, by=CORA, since=NOW), decided=as_decided(Decision.APPROVED))
    shown = seen(IntuneStatus.APPROVED, carried, approver=eligibility(CORA, CAB))
    by_us = reconcile(carried, shown, replace(terms(), emergency=path), {}, NOW).request
    assert by_us.review is None
    by_hand = reconcile(request(), shown, replace(terms(), emergency=path), {}, NOW).request
    assert by_hand.review is not None
    assert by_hand.review.causes == (InIntune("cora", "Cora", "decided"),)


def test_a_review_keeps_every_cause() -> None:
    """A review keeps every cause: a drill that is done twice after a real emergency does not hide the emergency."""
    change = Change(request(), NOW)
    stolen, drill = BrokeGlass("alex", "Alex", "Stolen."), BrokeGlass("cora", "Cora", "A drill.")
    open_review(change, emergency(ALEX), stolen, (ALEX,))
    for _ in range(2):
        open_review(change, emergency(ALEX), drill, (CORA,), drill=True)
    assert change.request.review is not None
    assert change.request.review.causes == (stolen, drill)
    assert not change.request.review.drill


def test_whoever_has_a_part_of_another_s_name_is_reviewed_as_well() -> None:
    """A cause of Ann's is kept although her name is part of Mary Ann's, whose cause is already there."""
    mary_ann, ann = Person("mary-ann", "Mary Ann"), Person("ann", "Ann")
    on, under = request(), replace(terms(), emergency=emergency(mary_ann, ann))
    for one in (mary_ann, ann):
        on = reconcile(on, seen(IntuneStatus.APPROVED, on, approver=eligibility(one)), under, {}, NOW).request
        on = reconcile(on, seen(IntuneStatus.NEEDS_APPROVAL, on), under, {}, NOW).request
    assert on.review is not None
    assert [one.name for one in on.review.people] == ["Mary Ann", "Ann"]


def test_an_operator_s_shorter_word_is_a_cause_as_well() -> None:
    """An operator's reason is a cause of its own although a longer reason already contains its words."""
    on = request()
    for why in ("Wiped in the portal, twice", "Wiped in the portal"):
        on = open_by_operator(on, emergency(ALEX), why, (ALEX,), NOW).request
    assert on.review is not None
    assert len(on.review.causes) == 2


def test_who_broke_the_glass_closes_no_later_review_of_it_either() -> None:
    """An invoker closes no later review of the same request, although that review is about another person."""
    broken = invoke(request(), ALEX, emergency(ALEX))
    first = close_review(
        broken, eligibility(DANA, ADMINS), Finding.JUSTIFIED, FOUND, Identified.BY_CHANNEL, NOW
    ).request
    later = open_by_operator(first, emergency(ALEX), "Wiped in the portal", (CORA,), NOW).request

    assert later.review is not None
    assert later.review.people == (CORA,)
    refusal = why_not_close(later, eligibility(ALEX, ADMINS))
    assert refusal is not None
    assert isinstance(refusal, refusals.HadPart)
    assert why_not_close(later, eligibility(DANA, ADMINS)) is None


def test_a_review_always_has_somebody_who_may_close_it() -> None:
    """Where neither the configuration nor the request names reviewers, all approvers may close the review."""
    path = replace(emergency(ALEX), reviewers=(), approvers=(CAB,))
    for on, group in ((request(), ADMINS), (request(workflows=(workflow(groups=()),)), CAB)):
        reviewed = open_by_operator(on, path, "Wiped in the portal", (ALEX,), NOW).request
        assert why_not_close(reviewed, eligibility(DANA, group)) is None


@pytest.mark.parametrize("text", ["", "\u200b" * 40, "abcdef" + "\u2800" * 14, "abcdef" + "." * 20, "a b c d e f " * 2])
def test_a_finding_can_be_read(text: str) -> None:
    """The text that closes a review has to be readable, by the same rule as a justification."""
    broken = invoke(request(), ALEX, emergency(ALEX))
    outcome = close_review(broken, eligibility(DANA, ADMINS), Finding.JUSTIFIED, text, Identified.BY_CHANNEL, NOW)
    assert (outcome.refusal is not None) == (text != "a b c d e f " * 2)


def test_an_approval_from_before_stays_void() -> None:
    """An approval that was given in Intune before break-glass stays void after the next poll."""
    native = seen(IntuneStatus.APPROVED, request(), approver=eligibility(CORA, CAB), modified_at=NOW)
    voted = reconcile(request(), native, terms(), {"cora": eligibility(CORA, CAB)}, NOW).request
    assert [vote.voter.name for vote in voted.votes] == ["Cora"]
    later = NOW + timedelta(minutes=5)
    invocation = Invocation(eligibility(ALEX), Identified.BY_TOKEN, WHY, locked=True)
    broken = break_glass(voted, emergency(ALEX), invocation, voted.digest[:12], later).request
    again = reconcile(broken, native, terms(), {}, later).request
    assert (again.decision, again.votes) == (Decision.OPEN, ())
    withdrawn = reconcile(again, seen(IntuneStatus.NEEDS_APPROVAL, again), terms(), {}, later).request
    after = later + timedelta(minutes=1)
    anew = replace(native, modified_at=after, approved_at=after)
    assert reconcile(withdrawn, anew, terms(), {}, after).request.decision is Decision.APPROVED


OFF = workflow(enabled=False)
NO_GROUPS = workflow(groups=())


@pytest.mark.parametrize("flows", [(OFF,), (NO_GROUPS,), (workflow(), OFF), (workflow(), NO_GROUPS)])
@pytest.mark.parametrize("who", [ALEX, CORA])
@pytest.mark.parametrize("drill", [False, True])
def test_what_nobody_may_decide_here_is_not_decided_by_break_glass(
    flows: tuple[Workflow, ...], who: Person, drill: bool
) -> None:
    """Break-glass does not decide a request with a closed workflow; the refusal says to decide it in Intune."""
    on = request(requestor=ALEX, workflows=flows)
    invocation = Invocation(eligibility(who), Identified.BY_TOKEN, WHY, drill=drill)
    outcome = break_glass(on, emergency(ALEX, CORA), invocation, on.digest[:12], NOW)
    assert outcome.refusal is not None
    assert isinstance(outcome.refusal, refusals.WorkflowsClosed)
    assert refusal_sentence(outcome.refusal).endswith("Decide it in Intune.")
    assert outcome.request == on


def test_the_emergency_process_is_not_asked_for_what_nobody_may_decide_here() -> None:
    """The emergency process is not called if the workflow was switched off after break-glass."""
    order = Filing(Order(Act.WIPE, "d1"), NOW)
    broken = invoke(request(requestor=None, initiator=ALEX, intune_id=None, filing=order), ALEX, emergency(ALEX))
    assert start_alone(broken, ALEX.account, NOW).refusal is None
    assert start_alone(replace(broken, workflows=(OFF,)), ALEX.account, NOW).refusal is not None


def test_who_broke_the_glass_takes_nothing_to_intune_that_was_switched_off_since() -> None:
    """A break-glass decision is not carried to Intune if the workflow was switched off since."""
    on = request()
    broken = invoke(on, CORA, emergency(CORA))
    assert start_carry(broken, ballot(eligibility(CORA), broken), NOW).refusal is None
    closed = replace(broken, workflows=(OFF,))
    refusal = start_carry(closed, ballot(eligibility(CORA), closed), NOW).refusal
    assert refusal is not None
    assert isinstance(refusal, refusals.WorkflowsClosed)


def test_breaking_the_glass_hours_late_is_refused_like_a_vote() -> None:
    """Break-glass is refused from the deadline on, and still allowed a second before it."""
    on = request()
    invocation = Invocation(eligibility(CORA), Identified.BY_TOKEN, WHY)
    late = break_glass(on, emergency(CORA), invocation, on.digest[:12], on.deadline)
    assert late.refusal is not None
    assert isinstance(late.refusal, refusals.DeadlinePassed)
    early = break_glass(on, emergency(CORA), invocation, on.digest[:12], on.deadline - timedelta(seconds=1))
    assert early.refusal is None


def test_the_emergency_process_is_not_asked_after_the_deadline() -> None:
    """The emergency process is not called from the deadline on."""
    order = Filing(Order(Act.WIPE, "d1"), NOW)
    broken = invoke(request(requestor=None, initiator=ALEX, intune_id=None, filing=order), ALEX, emergency(ALEX))
    assert start_alone(broken, ALEX.account, broken.deadline - timedelta(seconds=1)).refusal is None
    assert start_alone(broken, ALEX.account, broken.deadline).refusal is not None


def test_nobody_claims_again_and_again() -> None:
    """A person who holds the claim gets no second one; losing it to another person starts the same pause as its end."""
    first = claim(request(), eligibility(ALEX, ADMINS), Identified.BY_CHANNEL, NOW).request
    assert claim(first, eligibility(ALEX, ADMINS), Identified.BY_CHANNEL, NOW + timedelta(minutes=29)).refusal
    taken = claim(first, eligibility(CORA, CAB), Identified.BY_CHANNEL, NOW + timedelta(minutes=1)).request
    assert taken.reminders.claim is not None
    assert taken.reminders.claim.by is CORA
    assert claim(taken, eligibility(ALEX, ADMINS), Identified.BY_CHANNEL, NOW + timedelta(minutes=31)).refusal


@pytest.mark.parametrize(("written", "right"), [("INC1234", True), ("INC12345", False), ("", False)])
def test_a_ticket_is_all_of_it(written: str, right: bool) -> None:
    """A ticket has to match the pattern of the company as a whole."""
    assert is_ticket(r"INC\d{4}", written) is right


def test_a_long_ticket_is_none() -> None:
    """A ticket of more than 64 characters is refused, whatever the pattern allows."""
    assert is_ticket(".*", "x" * 64)
    assert not is_ticket(".*", "x" * 65)
