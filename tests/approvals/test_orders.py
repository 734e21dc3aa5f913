"""Orders in chat: who may ask, and the only way from there to the operation."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import completing, filing, refusals
from approvals.asking import (
    Draft,
    Marker,
    ask,
    cancel,
    give_up,
    marker_in,
    native_justification,
    why_no_reason,
    why_not_ask,
    why_out_of_scope,
    why_wrong_name,
)
from approvals.audit import Identified, Kind
from approvals.brake import PAUSE, RECOVERY, STORE
from approvals.carry import carried, start_carry
from approvals.causes import ManyByAll, ManyByOne, NotFiledInTime, OrderRanUnheld, TargetProtected, TargetUnknown
from approvals.decide import cast_vote, expire
from approvals.disagreement import Disagreement, disagreement
from approvals.effects import Alarm, AwaitIntune, Complete, File, Follow, NotificationKind, Reply, SayPulled, TakeBack
from approvals.filing import Found
from approvals.justification import LONGEST_REASON, SHORTEST_REASON
from approvals.lifecycle import ExecutionEvent
from approvals.order import Act, FilingState, Unknown
from approvals.outcome import Outcome
from approvals.people import Application, Group, Person
from approvals.policy import Guard
from approvals.problems import NoAnswer, NothingHolds, NotTaken
from approvals.reconcile import reconcile
from approvals.request import Decision, DecisionsMode, Execution, IntuneStatus, Request
from cards.because import worded
from cards.refusals import refusal_sentence
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    DANA,
    NOW,
    RITA,
    SUBJECT,
    ballot,
    eligibility,
    seen,
    terms,
    workflow,
)
from tests.told import tell, truth

HELPDESK = Group("g-help", "Helpdesk")
WIPE = replace(SUBJECT, kind="ManagedDevice", action="wipe", target="PC-1")
DRAFT = Draft("R1", RITA, Act.WIPE, "PC-1", NOW, target_id="d1", justification="Stolen on the train", subject=WIPE)
SOON = NOW + timedelta(minutes=1)
OUR_APP = Application("app", "Countersign Actor")


def asked(*, decisions: DecisionsMode = DecisionsMode.CARRY) -> Request:
    """Return the wipe that Rita has asked for."""
    return ask(DRAFT, WIPE, terms(decisions=decisions), NOW).request


def approved(request: Request | None = None) -> Request:
    """Return the order after two people, one of each group, have approved it here."""
    request = request or asked()
    for who, group in ((ALEX, ADMINS), (CORA, CAB)):
        voters = {vote.voter.account: eligibility(vote.voter, ADMINS) for vote in request.votes}
        request = cast_vote(request, ballot(eligibility(who, group), request), voters, SOON).request
    return request


def calling(request: Request | None = None) -> Request:
    """Return the order while the filing call is under way."""
    return filing.start_filing(request or approved(), "sealed", "app", SOON).request


def held(request: Request | None = None) -> Request:
    """Return the order after Intune holds it."""
    return filing.held(request or calling(), Found("i1"), SOON).request


def shown(request: Request, status: IntuneStatus, approver: Person | None = None) -> Outcome:
    """Return the outcome when Intune shows the order with this status and approver."""
    by = eligibility(approver, ADMINS) if approver else None
    sighting = seen(status, request, requestor=OUR_APP, approver=by)
    return reconcile(request, sighting, terms(), {}, SOON)


# --- who may ask --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", Act)
def test_every_act_is_held_by_some_policy(act: Act) -> None:
    """Every act has a policy type and a kind of target."""
    assert act.policy_type
    assert act.kind
    assert act.is_on_device == (act.kind == "ManagedDevice")


@pytest.mark.parametrize(
    ("requesters", "groups", "active", "words"),
    [
        ((), (HELPDESK,), True, "names no requester groups"),
        ((HELPDESK,), (), True, "Only members of Helpdesk"),
        ((HELPDESK,), (HELPDESK,), False, "disabled or a guest"),
        ((HELPDESK,), (HELPDESK,), True, ""),
    ],
)
def test_who_may_ask(requesters: tuple[Group, ...], groups: tuple[Group, ...], active: bool, words: str) -> None:
    """Nobody may ask by default; otherwise active members of the requester groups may."""
    refusal = why_not_ask((workflow(requesters=requesters),), eligibility(RITA, *groups, active=active))
    assert (words in refusal_sentence(refusal)) if refusal and words else (refusal is None and not words)


def test_a_refusal_to_ask_names_what_it_is_about() -> None:
    """A refusal to ask names the operation, the groups, and how long a reason may be."""
    assert why_not_ask((workflow(requesters=(HELPDESK,)),), eligibility(RITA)) == refusals.NotARequester(
        "Script deployment", ("Helpdesk",)
    )
    assert why_out_of_scope((workflow(scope=(HELPDESK,)),), frozenset(), (Unknown.USER,)) == refusals.OutOfScope(
        "Script deployment", ("Helpdesk",), (Unknown.USER,)
    )
    long = "Stolen on the train, again. " * 40
    assert why_no_reason(long) == refusals.TooLong("order", len(long.strip()), LONGEST_REASON)
    assert why_no_reason("") == refusals.TooShort("order", SHORTEST_REASON)


def test_every_workflow_has_to_allow_it() -> None:
    """Every workflow has to allow the order; one that names no requester groups forbids it."""
    both = (workflow(requesters=(HELPDESK,)), workflow(operation="Other"))
    assert why_not_ask(both, eligibility(RITA, HELPDESK)) is not None


def test_a_scope_limits_targets() -> None:
    """Where a workflow has a scope, a device that is outside it or in no group cannot be asked for."""
    scoped = (workflow(scope=(HELPDESK,)),)
    assert why_out_of_scope(scoped, frozenset({"g-help"}), ()) is None
    assert why_out_of_scope(scoped, frozenset({"g-help"}), (Unknown.USER,)) is None
    refusal = why_out_of_scope(scoped, frozenset(), (Unknown.USER, Unknown.DEVICE))
    assert refusal
    assert "does not know its user and the device itself" in refusal_sentence(refusal)
    assert why_out_of_scope((workflow(),), frozenset(), (Unknown.USER,)) is None


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Stolen on the train", True),
        ("too short", False),
        ("          ", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("A aaaa aaaa aaaa", False),
        ("x" * LONGEST_REASON, False),
        ("ab" * (LONGEST_REASON // 2), True),
        ("ab" * (LONGEST_REASON // 2) + "c", False),
    ],
)
def test_what_is_a_justification(text: str, good: bool) -> None:
    """A justification is real text of 10 to 800 characters; longer text is refused and never cut."""
    assert (why_no_reason(text) is None) is good


@pytest.mark.parametrize(("typed", "good"), [("PC-1", True), (" pc-1 ", True), ("PC-2", False), ("", False)])
def test_a_wipe_is_confirmed_by_name(typed: str, good: bool) -> None:
    """Only a wipe is confirmed by the name of its target, in any case and with any blanks."""
    assert (why_wrong_name(DRAFT, typed) is None) is good
    assert why_wrong_name(replace(DRAFT, act=Act.RETIRE), "") is None


def test_a_guard_counts_people_and_not_accounts() -> None:
    """A guard counts the orders of a person's linked accounts together; a protected target is guarded at once."""
    guard = Guard(workflow(), most_by_one=2, most_by_all=4, within=timedelta(hours=1), protected=(CAB,))
    assert guard.why_stricter(["rita"], RITA.accounts, frozenset(), ()) is None
    assert guard.why_stricter(["rita", "rita-admin"], RITA.accounts, frozenset(), ()) == ManyByOne(2)
    assert guard.why_stricter(["alex", "cora", "dana"], RITA.accounts, frozenset(), ()) is None
    assert guard.why_stricter(["alex", "cora", "dana", "otto"], RITA.accounts, frozenset(), ()) == ManyByAll(4)
    assert guard.why_stricter([], RITA.accounts, frozenset({"g-cab"}), ()) == TargetProtected((CAB.name,))


def test_what_nobody_knows_may_be_protected() -> None:
    """A target whose groups are unknown is guarded as protected, if anything is protected."""
    guard = Guard(workflow(), most_by_one=2, most_by_all=4, within=timedelta(hours=1), protected=(CAB,))
    for unknown in Unknown:
        assert guard.why_stricter([], RITA.accounts, frozenset(), (unknown,)) == TargetUnknown((unknown,))
        assert replace(guard, protected=()).why_stricter([], RITA.accounts, frozenset(), (unknown,)) is None


def test_why_an_order_takes_more_people_is_audited_beside_what_its_author_wrote() -> None:
    """The audit has why an order needs more people, as values and in words, beside the author's own reason."""
    [entry] = ask(replace(DRAFT, stricter=TargetProtected(("Executives",))), WIPE, terms(), NOW).entries
    told = worded(entry)
    assert told.why == "Stolen on the train"
    assert told.evidence["reason"] == "target-protected"
    assert told.evidence["groups"] == "Executives"
    assert told.evidence["words"] == "the target is protected (Executives)"


# --- from the order to the operation ------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_quorum_stands() -> None:
    """An order cannot be filed before its quorum is reached."""
    request = asked()
    assert filing.start_filing(request, "sealed", "app", SOON).refusal is not None
    half = cast_vote(request, ballot(eligibility(ALEX, ADMINS), request), {}, SOON).request
    assert filing.start_filing(half, "sealed", "app", SOON).refusal is not None
    assert approved().decision is Decision.APPROVED


def test_the_whole_way() -> None:
    """An order is asked, approved, filed, carried, completed and done; each call is reserved, recorded and told."""
    request = held()
    claimed = start_carry(request, ballot(eligibility(CORA, CAB), request), SOON)
    assert claimed.unless == (STORE, RECOVERY, PAUSE)
    told = carried(claimed.request, CORA, "graph-1", SOON)
    assert Complete("R1") in [planned.effect for planned in told.planned]

    completing_ = completing.start_completing(told.request, SOON)
    assert completing_.unless == (STORE, RECOVERY, PAUSE)
    sent = completing.completed(completing_.request, "graph-2", SOON)
    assert sent.request.execution is Execution.SENT
    assert sent.request.filing is not None
    assert sent.request.filing.sealed_call == ""
    assert Follow("R1") in [planned.effect for planned in sent.planned]

    running = completing.executed(sent.request, ExecutionEvent.STARTED, SOON)
    done = completing.executed(running.request, ExecutionEvent.ENDED, SOON)
    assert done.request.execution is Execution.DONE
    assert [entry.kind for entry in done.entries] == [Kind.EXECUTED]
    assert not any(isinstance(planned.effect, Follow) for planned in done.planned)


def test_who_asked_can_never_vote() -> None:
    """The person who asked can never vote, not even with another account."""
    request = asked()
    other = replace(RITA, account="rita-admin")
    refusal = cast_vote(request, ballot(eligibility(other, ADMINS), request), {}, SOON).refusal
    assert refusal is not None
    assert isinstance(refusal, refusals.OwnRequest)


def test_our_own_application_raises_no_quorum() -> None:
    """Our own application does not raise the quorum: it is the requestor in Intune, and the initiator is known."""
    request = shown(held(), IntuneStatus.NEEDS_APPROVAL).request
    assert request.requestor == OUR_APP
    assert request.decision is Decision.APPROVED
    assert disagreement(request) is Disagreement.APPROVED_HERE_OPEN_IN_INTUNE


@pytest.mark.parametrize("account", ["rita", "rita-admin"])
def test_an_approval_of_the_one_who_asked_completes_nothing(account: str) -> None:
    """An approval in Intune by the person who asked, with any account, alarms and completes nothing."""
    outcome = shown(held(), IntuneStatus.APPROVED, replace(RITA, account=account))
    assert disagreement(outcome.request) is Disagreement.APPROVED_BY_THE_INITIATOR
    assert Alarm("R1", NotificationKind.WRONG_APPROVER) in [planned.effect for planned in outcome.planned]
    assert completing.start_completing(outcome.request, SOON).refusal is not None


def test_an_approval_of_nobody_known_waits_until_it_is_known() -> None:
    """An approval by an unknown person alarms and is looked at again; the order goes on when the person is known."""
    unknown = shown(held(), IntuneStatus.APPROVED)
    assert disagreement(unknown.request) is Disagreement.APPROVED_BY_NOBODY_KNOWN
    assert any(isinstance(planned.effect, AwaitIntune) and planned.due for planned in unknown.planned)
    assert completing.start_completing(unknown.request, SOON).refusal is not None

    known = shown(unknown.request, IntuneStatus.APPROVED, DANA)
    assert Complete("R1") in [planned.effect for planned in known.planned]
    assert completing.start_completing(known.request, SOON).refusal is None


def test_what_changed_after_the_votes_is_neither_filed_nor_completed() -> None:
    """A change after the votes stops the filing and the completion, because the digest is compared before both."""
    changed = filing.reread(approved(), replace(WIPE, content_sha256="f" * 64), terms(), SOON)
    assert Alarm("R1", NotificationKind.CHANGED_AFTER_DECISION) in [planned.effect for planned in changed.planned]
    assert filing.start_filing(changed.request, "sealed", "app", SOON).refusal is not None

    native = shown(held(), IntuneStatus.APPROVED, DANA).request
    assert completing.start_completing(replace(native, subject=changed.request.subject), SOON).refusal is not None


def test_what_changes_before_the_quorum_voids_votes() -> None:
    """A change before the quorum voids the votes, because they were for other content."""
    half = cast_vote(asked(), ballot(eligibility(ALEX, ADMINS), asked()), {}, SOON).request
    assert filing.reread(half, replace(WIPE, target="PC-2"), terms(), SOON).request.votes == ()


def test_what_intune_does_not_hold_yet_follows_a_stricter_configuration_as_well() -> None:
    """A stricter configuration also applies to an order that is not filed: a removed group has no say in it."""
    later = terms(workflow(groups=(CAB,), deadline=timedelta(hours=1)), digest="c2")
    after = filing.reread(asked(), WIPE, later, SOON)
    assert (after.request.config_digest, after.request.deadline) == ("c2", NOW + timedelta(hours=1))
    assert cast_vote(after.request, ballot(eligibility(ALEX, ADMINS), after.request), {}, SOON).refusal is not None
    assert filing.reread(after.request, WIPE, later, SOON).request == after.request


def test_a_filing_that_ran_alarms_and_locks_its_type() -> None:
    """A filing call that ran at once alarms and locks its policy type: nobody approved it in Intune."""
    ran = filing.ran_unheld(calling(), "graph-1", SOON)
    assert disagreement(ran.request) is Disagreement.RAN_UNHELD
    assert [lock.name for lock in ran.locks] == ["type:script"]
    assert [entry.because for entry in ran.entries if entry.kind is Kind.LOCKED] == [OrderRanUnheld()]
    effects = [planned.effect for planned in ran.planned]
    assert Alarm("R1", NotificationKind.RAN_UNHELD) in effects
    assert SayPulled(SOON, ran.locks[0]) in effects
    assert ran.request.is_over


def test_a_lost_answer_is_looked_into_and_never_called_again() -> None:
    """After a lost answer the order is not filed again; an approver may try again after ten minutes without a trace."""
    lost = filing.unanswered(calling(), SOON).request
    assert lost.filing is not None
    assert lost.filing.state is FilingState.LOST
    assert filing.start_filing(lost, "sealed", "app", SOON).refusal is not None
    still = filing.not_found(lost, SOON + timedelta(minutes=5)).request
    assert filing.start_filing(still, "sealed", "app", SOON).refusal is not None
    given_up = filing.not_found(lost, SOON + timedelta(minutes=11)).request
    assert given_up.filing is not None
    assert given_up.filing.state is FilingState.BLOCKED
    assert isinstance(completing.next_call(given_up, SOON), File)


def test_a_lost_answer_can_be_found() -> None:
    """An order that is found after a lost answer goes on as if Intune had answered."""
    found = filing.held(filing.unanswered(calling(), SOON).request, Found("i9"), SOON).request
    assert (found.intune_id, found.intune_status) == ("i9", IntuneStatus.NEEDS_APPROVAL)


def test_a_completion_without_an_answer_is_looked_into_first() -> None:
    """After a completing call without an answer we look first, and send it again only if Intune still says approved."""
    claimed = completing.start_completing(shown(held(), IntuneStatus.APPROVED, DANA).request, SOON).request
    waiting = completing.not_completed(claimed, NoAnswer("completing"), SOON, look=True).request
    assert completing.start_completing(waiting, SOON).refusal is not None
    assert shown(waiting, IntuneStatus.COMPLETED, DANA).request.execution is Execution.SENT

    later = SOON + timedelta(minutes=2)
    sighting = seen(IntuneStatus.APPROVED, waiting, requestor=OUR_APP, approver=eligibility(DANA, ADMINS))
    again = reconcile(waiting, sighting, terms(), {}, later)
    assert Complete("R1") in [planned.effect for planned in again.planned]


def test_an_approval_that_intune_takes_back_has_to_be_given_again() -> None:
    """If Intune takes back an approval, nothing is completed, and another approver can finish."""
    request = held()
    claimed = start_carry(request, ballot(eligibility(CORA, CAB), request), SOON).request
    told = carried(claimed, CORA, "graph", SOON).request
    back = shown(told, IntuneStatus.NEEDS_APPROVAL).request
    assert back.intune_approver is None
    assert completing.start_completing(back, SOON).refusal is not None
    assert start_carry(back, ballot(eligibility(ALEX, ADMINS), back), SOON).refusal is None


# --- cancelling and giving up -------------------------------------------------------------------------------------


def test_only_the_one_who_asked_cancels() -> None:
    """Only the person who asked can cancel an order, with any of their accounts."""
    assert cancel(asked(), ALEX, Identified.BY_CHANNEL, SOON).refusal is not None
    assert cancel(asked(), replace(RITA, account="rita-admin"), Identified.BY_CHANNEL, SOON).refusal is None


@pytest.mark.parametrize(
    ("request_", "cancels"),
    [
        (asked(), True),
        (approved(), True),
        (calling(), False),
        (held(), True),
        (shown(held(), IntuneStatus.APPROVED, RITA).request, True),
        (completing.start_completing(shown(held(), IntuneStatus.APPROVED, DANA).request, SOON).request, False),
        (shown(held(), IntuneStatus.EXPIRED).request, False),
    ],
)
def test_what_can_be_cancelled(request_: Request, cancels: bool) -> None:
    """An order can be cancelled unless its call is being sent or was sent."""
    outcome = cancel(request_, RITA, Identified.BY_CHANNEL, SOON)
    assert (outcome.refusal is None) is cancels
    if cancels:
        assert outcome.request.filing is not None
        assert outcome.request.filing.state is FilingState.DROPPED
        assert completing.next_call(outcome.request, SOON) is None


def test_what_intune_holds_is_taken_back() -> None:
    """A cancelled order that Intune holds is cancelled there too, or an approver could still spend time on it."""
    assert TakeBack("R1") in [planned.effect for planned in cancel(held(), RITA, Identified.BY_CHANNEL, SOON).planned]


@pytest.mark.parametrize(
    "ended",
    [
        cancel(held(), RITA, Identified.BY_CHANNEL, SOON),
        shown(held(), IntuneStatus.REJECTED, DANA),
        shown(held(), IntuneStatus.EXPIRED),
        filing.not_filed(calling(), NothingHolds("deviceWipe", "windows"), SOON),
        filing.ran_unheld(calling(), "g", SOON),
        completing.completed(held(), "g", SOON),
    ],
    ids=["cancelled", "rejected", "expired", "not-filed", "ran", "completed"],
)
def test_a_call_is_kept_no_longer_than_it_is_needed(ended: Outcome) -> None:
    """The sealed call of an order is deleted when the order ends, because it could be sent again."""
    before, after = held().filing, ended.request.filing
    assert before is not None
    assert after is not None
    assert (before.sealed_call, after.sealed_call) == ("sealed", "")


def test_a_deadline_drops_the_order() -> None:
    """An order that expired is never filed."""
    late = NOW + timedelta(hours=25)
    request = expire(asked(), late).request
    assert request.decision is Decision.EXPIRED
    assert request.is_over
    assert filing.start_filing(request, "sealed", "app", late).refusal is not None


def test_what_cannot_be_filed_is_given_up_in_the_end() -> None:
    """An order that cannot be filed is given up at its end, and not before."""
    blocked = filing.not_filed(approved(), NothingHolds("deviceWipe", "windows"), SOON).request
    assert not give_up(blocked, SOON).request.is_over
    late = give_up(blocked, NOW + timedelta(days=4))
    assert late.request.is_over
    assert [entry.because for entry in late.entries] == [NotFiledInTime()]


def test_a_problem_is_told_once_and_another_one_again() -> None:
    """A problem is told once; the same problem with other values is told again."""
    problem = NothingHolds("deviceWipe", "windows")
    first = filing.not_filed(approved(), problem, SOON)
    same = filing.not_filed(first.request, NothingHolds("deviceWipe", "windows"), SOON)
    other = filing.not_filed(first.request, replace(problem, platform="macOS"), SOON)

    told = [
        [planned.effect for planned in one.planned].count(Reply("R1", NotificationKind.BLOCKED))
        for one in (first, other)
    ]
    assert told == [1, 1]
    assert Reply("R1", NotificationKind.BLOCKED) not in [planned.effect for planned in same.planned]


def test_intune_keeps_who_asked_and_why() -> None:
    """A long justification is cut in Intune, but never the id of the request or the name of the person who asked."""
    long = replace(asked(), id="01K9ZQ4T7V8W2X3Y", justification="because " * 200)
    text = native_justification(long, "ABCD2345")
    assert len(text) == 1024
    assert text.startswith(f"Countersign {long.id}-ABCD2345, asked by Rita: because")
    assert marker_in(text) == Marker(long.id, "ABCD2345")
    assert marker_in(f"By hand: {text}") is None


# --- any sequence of events ---------------------------------------------------------------------------------------

PEOPLE = (RITA, replace(RITA, account="rita-admin"), ALEX, CORA, DANA)
HAPPENINGS = st.one_of(
    st.tuples(st.just("vote"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("file"), st.none()),
    st.tuples(st.just("held"), st.none()),
    st.tuples(st.just("lost"), st.none()),
    st.tuples(st.just("refused"), st.none()),
    st.tuples(st.just("changed"), st.none()),
    st.tuples(st.just("approved"), st.sampled_from((None, *PEOPLE))),
    st.tuples(st.just("carry"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("complete"), st.none()),
    st.tuples(st.just("answered"), st.none()),
    st.tuples(st.just("cancel"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("late"), st.none()),
)


class Walk:
    """One request that goes through any sequence of events; every reserved call is checked when it is made."""

    def __init__(self) -> None:
        self.request = asked()
        self.told = truth(self.request)
        self.now = NOW
        self.filings = 0
        self.completions = 0

    def step(self, what: str, who: Person | None) -> None:
        self.now += timedelta(seconds=90)
        before = self.request
        outcome = getattr(self, f"_{what}")(before, who)
        if outcome is None:
            return
        if what == "file" and outcome.refusal is None:
            self.filings += 1
            self._check_quorum(before)
        if what == "complete" and outcome.refusal is None:
            self.completions += 1
            self._check_quorum(before)
            approver = before.intune_approver
            assert approver is not None
            assert not approver.is_same_as(RITA)
        self.request = outcome.request
        self._record(outcome)
        assert self.told == truth(self.request), "what was recorded does not tell how things stand"

    def _record(self, outcome: Outcome) -> None:
        for entry in outcome.entries:
            tell(self.told, asdict(entry))

    def _check_quorum(self, request: Request) -> None:
        assert request.decision is Decision.APPROVED
        assert not request.changed_after_decision
        people = [vote.voter for vote in request.votes]
        assert len(people) >= 2
        assert not any(person.is_same_as(RITA) for person in people)

    def _vote(self, request: Request, who: Person) -> Outcome:
        voters = {vote.voter.account: eligibility(vote.voter, *_groups(vote.voter)) for vote in request.votes}
        return cast_vote(request, ballot(eligibility(who, *_groups(who)), request), voters, self.now)

    def _file(self, request: Request, _: None) -> Outcome:
        return filing.start_filing(request, "sealed", "app", self.now)

    def _held(self, request: Request, _: None) -> Outcome | None:
        may = request.filing and request.filing.state in (FilingState.CALLING, FilingState.LOST)
        return filing.held(request, Found("i1"), self.now) if may else None

    def _lost(self, request: Request, _: None) -> Outcome:
        return filing.not_found(request, self.now)

    def _refused(self, request: Request, _: None) -> Outcome:
        return filing.not_filed(request, NotTaken("no"), self.now)

    def _changed(self, request: Request, _: None) -> Outcome:
        return filing.reread(request, replace(request.subject, content_sha256=str(self.now)), terms(), self.now)

    def _approved(self, request: Request, who: Person | None) -> Outcome | None:
        if request.intune_status is not IntuneStatus.NEEDS_APPROVAL:
            return None
        by = eligibility(who, *_groups(who)) if who else None
        sighting = seen(IntuneStatus.APPROVED, request, requestor=OUR_APP, approver=by)
        return reconcile(request, sighting, terms(), {}, self.now)

    def _carry(self, request: Request, who: Person) -> Outcome | None:
        claimed = start_carry(request, ballot(eligibility(who, *_groups(who)), request), self.now)
        waits = request.intune_status is IntuneStatus.NEEDS_APPROVAL
        if claimed.refusal is not None or not waits:
            return None
        self._record(claimed)
        return carried(claimed.request, who, "g", self.now)

    def _complete(self, request: Request, _: None) -> Outcome:
        return completing.start_completing(request, self.now)

    def _answered(self, request: Request, _: None) -> Outcome | None:
        on_its_way = request.filing and request.filing.state is FilingState.COMPLETING
        return completing.completed(request, "g", self.now) if on_its_way else None

    def _cancel(self, request: Request, who: Person) -> Outcome:
        return cancel(request, who, Identified.BY_CHANNEL, self.now)

    def _late(self, request: Request, _: None) -> Outcome:
        self.now += timedelta(hours=5)
        return expire(request, self.now)


def _groups(who: Person) -> tuple[Group, ...]:
    return {"alex": (ADMINS,), "cora": (CAB,), "dana": (ADMINS, CAB)}.get(who.account, (ADMINS, CAB))


@given(st.lists(HAPPENINGS, max_size=40))
def test_whatever_happens_nothing_runs_below_the_quorum(happenings: list[tuple[str, Person | None]]) -> None:
    """No order is filed without two other people, or completed without an approver in Intune who did not ask."""
    walk = Walk()
    for what, who in happenings:
        walk.step(what, who)
    assert walk.completions <= 1
    assert walk.filings <= 1 + sum(what in {"refused", "lost"} for what, _ in happenings)


def test_the_walk_reaches_the_end() -> None:
    """The walk can reach the end, so that the property above is really tested."""
    walk = Walk()
    way = [("vote", ALEX), ("vote", CORA), ("file", None), ("held", None), ("carry", CORA), ("complete", None)]
    for what, who in [*way, ("answered", None)]:
        walk.step(what, who)
    assert (walk.filings, walk.completions) == (1, 1)
    assert walk.request.execution is Execution.SENT
