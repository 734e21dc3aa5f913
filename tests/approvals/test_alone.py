"""Acting alone: the one call to the emergency process, and everything that can follow from it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from approvals import filing
from approvals.alone import end_attempt, executed_alone, not_executed_alone, start_alone
from approvals.asking import Draft, ask
from approvals.audit import Identified, Kind
from approvals.brake import BrakedCall, stopping
from approvals.break_glass import Invocation, break_glass
from approvals.decide import cast_vote
from approvals.effects import (
    Alarm,
    Announce,
    CallOut,
    Effect,
    EndAttempt,
    File,
    Follow,
    NotificationKind,
    Planned,
    PostCards,
    RefreshCards,
    RemindReview,
    Reply,
)
from approvals.emergency import ANSWER_TIME, Attempt, BreakGlassRecord, Emergency, EmergencyAccount, Way
from approvals.held import FIRST_LOOK
from approvals.order import Act, FilingState
from approvals.outcome import Outcome
from approvals.refusals import NotAlone
from approvals.request import Decision, Execution, Request
from tests.approvals.builders import ADMINS, ALEX, NOW, RITA, SUBJECT, ballot, eligibility, terms

WHY = "The laptop of the director was stolen at the airport"
WIPE = replace(SUBJECT, kind="ManagedDevice", action="wipe", target="PC-1")
DRAFT = Draft("R1", RITA, Act.WIPE, "PC-1", NOW, target_id="d1", justification="Stolen", subject=WIPE)
PATH = Emergency(open=True, accounts=(EmergencyAccount(RITA),), reviewers=(ADMINS,))
LATER = NOW + timedelta(seconds=20)
OVER = NOW + ANSWER_TIME


def called() -> Request:
    """Return Rita's wipe after she used break-glass on it: one other person has to approve."""
    on = ask(DRAFT, WIPE, terms(), NOW).request
    invocation = Invocation(eligibility(RITA), Identified.BY_TOKEN, WHY)
    return break_glass(on, PATH, invocation, on.digest[:12], NOW).request


def attempted() -> Request:
    """Return the same request after the call to the emergency process; it has not answered yet."""
    return start_alone(called(), "rita", NOW).request


def approved(on: Request) -> Request:
    """Return the request after Alex has approved it in the meantime."""
    return cast_vote(on, ballot(eligibility(ALEX, ADMINS), on), {}, LATER).request


def glass_of(on: Request) -> BreakGlassRecord:
    """Return the only break-glass record of the request."""
    [glass] = on.glass
    return glass


def attempt_of(on: Request) -> Attempt:
    """Return the attempt: the call to the emergency process."""
    attempt = glass_of(on).alone
    assert attempt is not None
    return attempt


def state_of(on: Request) -> FilingState:
    """Return the filing state of the order."""
    assert on.filing is not None
    return on.filing.state


def effects(outcome: Outcome) -> list[Effect]:
    """Return the planned effects without the redrawing of cards and without the calls out that go with an alarm."""
    every = (one.effect for one in outcome.planned)
    return [one for one in every if not isinstance(one, RefreshCards | CallOut)]


def answered(on: Request, claimed: Request | None = None) -> Outcome:
    """Return the outcome when the emergency process says that it has run the operation."""
    return executed_alone(on, claimed or attempted(), "The wipe was sent.", "graph-1", LATER)


def refused(on: Request, claimed: Request | None = None, *, in_doubt: bool = False) -> Outcome:
    """Return the outcome when the emergency process says that it did nothing, or when its result is unknown."""
    return not_executed_alone(on, claimed or attempted(), "Graph said no.", LATER, in_doubt=in_doubt)


def test_that_it_is_asked_is_recorded_first() -> None:
    """The call to the emergency process is recorded before it is made, with the time after which no answer can come."""
    outcome = start_alone(called(), "rita", NOW)

    assert attempt_of(outcome.request) == Attempt(NOW)
    [entry] = outcome.entries
    assert (entry.kind, entry.name, entry.identified, entry.why) == (
        Kind.ASKED_ALONE,
        "Rita",
        Identified.BY_TOKEN,
        WHY,
    )
    assert outcome.planned[0] == Planned(EndAttempt("R1"), OVER)
    assert outcome.unless == stopping(BrakedCall.ALONE, called())


def test_it_is_asked_once_and_by_the_one_who_called_for_it() -> None:
    """Only the invoker may call the emergency process, and only once; again only if it said that it did nothing."""
    assert start_alone(called(), "alex", NOW).refusal == NotAlone()
    assert start_alone(attempted(), "rita", NOW).refusal == NotAlone()
    assert start_alone(refused(attempted(), in_doubt=True).request, "rita", LATER).refusal == NotAlone()
    assert start_alone(approved(called()), "rita", LATER).refusal == NotAlone()
    assert start_alone(refused(attempted()).request, "rita", LATER).refusal is None


def test_nobody_whose_review_is_overdue_asks_it() -> None:
    """A person whose review is overdue cannot call the emergency process, and a drill never calls it."""
    for changed in (replace(glass_of(called()), locked=True), replace(glass_of(called()), drill=True)):
        assert start_alone(replace(called(), glass=(changed,)), "rita", NOW).refusal == NotAlone()


def test_what_it_did_is_followed_to_its_end() -> None:
    """What the emergency process has run is followed to its end, and nobody is asked for an approval any more."""
    outcome = answered(attempted())
    after = outcome.request

    assert (after.decision, state_of(after), after.execution) == (
        Decision.BROKEN_GLASS,
        FilingState.COMPLETED,
        Execution.SENT,
    )
    assert glass_of(after).way is Way.EXECUTED
    assert not attempt_of(after).is_open
    assert after.carry is None
    [entry] = [one for one in outcome.entries if one.kind is Kind.EXECUTED_ALONE]
    assert (entry.why, entry.evidence["graph_request"]) == ("The wipe was sent.", "graph-1")
    assert {type(one) for one in effects(outcome)} == {Reply, Alarm, Follow}
    assert Planned(Follow("R1"), LATER + FIRST_LOOK) in outcome.planned


def test_what_it_did_meets_a_call_of_our_own() -> None:
    """If the order was approved and its filing was begun in the meantime, both stay as they are. The result of the
    emergency process is recorded."""
    meanwhile = filing.start_filing(refused(approved(attempted())).request, "sealed", "app", LATER).request
    on = replace(meanwhile, glass=attempted().glass)
    after = answered(on).request

    assert (after.decision, state_of(after)) == (Decision.APPROVED, FilingState.CALLING)
    assert glass_of(after).way is Way.EXECUTED


def test_nothing_was_done() -> None:
    """If the emergency process did nothing, one other person has to approve; if one already has, the order is filed."""
    waits, goes_on = refused(attempted()), refused(approved(attempted()))

    assert (effects(waits), effects(goes_on)) == ([], [File("R1")])
    assert waits.request.takes_votes
    assert not attempt_of(waits.request).in_doubt
    [entry] = waits.entries
    assert (entry.kind, entry.after, entry.why) == (Kind.NOT_ALONE, "nothing", "Graph said no.")


def test_nobody_knows_what_was_done() -> None:
    """If the result is unknown there is an alarm, and the next person who decides has to look first."""
    outcome = refused(attempted(), in_doubt=True)

    assert attempt_of(outcome.request).in_doubt
    assert effects(outcome) == [Alarm("R1", NotificationKind.GLASS_BROKEN)]
    assert [entry.after for entry in outcome.entries] == ["in doubt"]


def test_it_never_answers() -> None:
    """The result counts as unknown from the moment at which the caller has stopped waiting, and not earlier."""
    early = end_attempt(attempted(), OVER - timedelta(seconds=1))
    late = end_attempt(attempted(), OVER)

    assert early == Outcome(attempted())
    assert attempt_of(late.request).in_doubt
    assert end_attempt(late.request, OVER).entries == ()


@pytest.mark.parametrize("way", [answered, refused])
def test_a_store_that_went_back_gets_the_glass_back(way: object) -> None:
    """If the store went back to before break-glass, the answer restores the record, its review and its cards."""
    assert callable(way)
    on = replace(called(), glass=(), review=None)
    outcome = way(on, attempted())

    assert not attempt_of(outcome.request).is_open
    assert outcome.request.review == attempted().review
    assert {PostCards, Announce, RemindReview} <= {type(one) for one in effects(outcome)}


def test_a_store_that_went_back_to_before_the_question() -> None:
    """If the store only lost the call, the existing break-glass record is used and no second one is added."""
    outcome = answered(called(), attempted())

    assert glass_of(outcome.request).way is Way.EXECUTED
    assert outcome.request.review == called().review


def test_a_glass_without_a_review_comes_back_as_it_was() -> None:
    """A break-glass record without a review is restored without one, and no reminder of a review is planned."""
    claimed = replace(attempted(), review=None)
    outcome = answered(replace(called(), glass=(), review=None), claimed)

    assert outcome.request.review is None
    assert RemindReview not in {type(one) for one in effects(outcome)}


@pytest.mark.parametrize("at", [LATER, OVER])
def test_an_answer_that_nobody_waits_for_changes_nothing(at: datetime) -> None:
    """An answer changes nothing if it was already given, or if the emergency process was never called."""
    done, on = answered(attempted()).request, called()

    assert executed_alone(done, done, "Again.", "graph-2", at) == Outcome(done)
    assert not_executed_alone(done, done, "No.", at, in_doubt=True) == Outcome(done)
    assert end_attempt(on, at) == Outcome(on)
