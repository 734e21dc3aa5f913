"""An approval given in Intune counts only for the content at which it was first seen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.audit import Identified, Kind
from approvals.because import Because
from approvals.carry import approval_cancelled, carried, is_for_other_content, start_carry
from approvals.completing import start_completing
from approvals.decide import cast_vote
from approvals.disagreement import Disagreement, disagreement
from approvals.effects import Alarm, Complete, Effect, NotificationKind, Reply, TellPerson
from approvals.emergency import BreakGlassRecord, Way
from approvals.native import OWN_DOING
from approvals.order import Act, Filing, FilingState, Order
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.problems import OtherContent
from approvals.reconcile import open_request, reconcile
from approvals.request import (
    Carry,
    CarryState,
    Decision,
    IntuneStatus,
    NativeApproval,
    Request,
    Source,
)
from approvals.snapshot import UNCHANGING, Eligibility, Snapshot
from approvals.subject import Subject
from approvals.tally import Tally
from approvals.void import CountsForNothing, Void
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    NOW,
    SUBJECT,
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

V1, V2 = SUBJECT, replace(SUBJECT, content_sha256="2" * 64)
LONG_AGO = NOW - timedelta(days=200)
NEEDS, APPROVED, COMPLETED = IntuneStatus.NEEDS_APPROVAL, IntuneStatus.APPROVED, IntuneStatus.COMPLETED
MINUTE = timedelta(minutes=1)
CORA_ELIGIBLE = eligibility(CORA, CAB)
ONE = workflow(required=1, groups=(CAB,))


def shown(
    status: IntuneStatus,
    subject: Subject = V1,
    given: datetime | None = NOW + MINUTE,
    content_at: datetime | None = LONG_AGO,
    **more: Any,
) -> Snapshot:
    """Return the request as Intune shows it with this content; where it is approved, Cora approved it."""
    by: dict[str, Any] = {"approver": CORA_ELIGIBLE} if status in (APPROVED, COMPLETED) else {}
    return seen(status, subject=subject, approved_at=given, content_at=content_at, **{**by, **more})


def look(on: Request, sighting: Snapshot, at: datetime = NOW + 2 * MINUTE) -> Outcome:
    """Return the outcome of a look at Intune."""
    voters = {vote.voter.account: CORA_ELIGIBLE for vote in on.votes if vote.voter == CORA}
    voters |= {vote.voter.account: eligibility(vote.voter, ADMINS) for vote in on.votes if vote.voter != CORA}
    return reconcile(on, sighting, terms(*on.workflows), voters, at)


def effects(outcome: Outcome) -> list[Effect]:
    """Return the planned effects."""
    return [planned.effect for planned in outcome.planned]


CHANGED_SINCE = CountsForNothing(Void.CHANGED_SINCE)
CHANGED_WITH_IT = CountsForNothing(Void.CHANGED_WITH_IT)
CHANGED_PERHAPS = CountsForNothing(Void.CHANGED_PERHAPS)
LATE = CountsForNothing(Void.LATE)


def whys(outcome: Outcome, *kinds: Kind) -> list[tuple[str, Because | None]]:
    """Return whose vote or approval does not count, and why."""
    return [(entry.name, entry.because) for entry in outcome.entries if entry.kind in kinds]


def test_it_counts_for_the_content_at_which_it_was_first_seen() -> None:
    """Cora's approval in Intune counts as a vote for the content that everybody sees."""
    after = look(request(), shown(APPROVED)).request
    assert [(vote.voter, vote.digest, vote.source) for vote in after.votes] == [(CORA, V1.digest(), Source.PORTAL)]
    assert look(after, shown(APPROVED)).request == after


def test_it_does_not_survive_a_change_of_the_content() -> None:
    """After a change of the content, Cora's approval of the old content never counts again, and she is told once."""
    voted = look(request(), shown(APPROVED)).request
    changed = look(voted, shown(APPROVED, V2))
    assert changed.request.votes == ()
    assert whys(changed, Kind.NOT_COUNTED) == [("Cora", CHANGED_SINCE)]
    assert effects(changed).count(TellPerson("R1", NotificationKind.NATIVE_VOID, "cora")) == 1
    assert TellPerson("R1", NotificationKind.VOTES_VOID, "cora") not in effects(changed)
    again = look(changed.request, shown(APPROVED, V2))
    assert again.request == changed.request
    assert again.entries == ()
    with_alex = cast_vote(changed.request, ballot(eligibility(ALEX, ADMINS), changed.request), {}, NOW).request
    assert with_alex.decision is Decision.OPEN


def test_it_does_not_come_back_with_the_old_content() -> None:
    """An approval stays void when the old content comes back; Cora may vote on the card."""
    voted = look(request(), shown(APPROVED)).request
    back = look(look(voted, shown(APPROVED, V2)).request, shown(APPROVED, V1)).request
    assert back.votes == ()
    assert cast_vote(back, ballot(CORA_ELIGIBLE, back), {}, NOW).request.vote_of(CORA) is not None


def test_first_seen_together_with_changed_content() -> None:
    """An approval that is first seen together with changed content counts for neither; earlier card votes fall too."""
    half = cast_vote(request(), ballot(eligibility(ALEX, ADMINS), request()), {}, NOW).request
    outcome = look(half, shown(APPROVED, V2))
    assert outcome.request.votes == ()
    assert whys(outcome, Kind.NOT_COUNTED) == [("Cora", CHANGED_WITH_IT)]
    assert look(outcome.request, shown(APPROVED, V2)).request.votes == ()


@pytest.mark.parametrize(
    ("content_at", "counts"),
    [
        (LONG_AGO, True),
        (NOW + MINUTE - timedelta(microseconds=1), True),
        (NOW + MINUTE, False),
        (NOW + 2 * MINUTE, False),
        (UNCHANGING, True),
    ],
)
@pytest.mark.parametrize("opening", [True, False])
def test_content_that_is_younger_than_the_approval(content_at: datetime, counts: bool, opening: bool) -> None:
    """An approval that is older than the content was for other content, so it does not count."""
    sighting = shown(APPROVED, content_at=content_at)
    terms_of_one = terms(ONE)
    if opening:
        outcome = open_request("R1", sighting, terms_of_one, NOW + 3 * MINUTE, history=False)
    else:
        outcome = look(request(workflows=(ONE,)), sighting)
    assert (outcome.request.decision is Decision.APPROVED) is counts
    assert whys(outcome, Kind.NOT_COUNTED) == ([] if counts else [("Cora", CHANGED_SINCE)])
    assert (Alarm("R1", NotificationKind.BELOW_QUORUM) in effects(outcome)) is not counts


def test_content_that_was_touched_later() -> None:
    """An approval falls if the content was changed after it, although it looks the same as before."""
    voted = look(request(), shown(APPROVED)).request
    touched = look(voted, shown(APPROVED, content_at=NOW + 5 * MINUTE), NOW + 6 * MINUTE)
    assert touched.request.votes == ()
    assert whys(touched, Kind.VOTE_FELL) == [("Cora", CHANGED_SINCE)]


def test_content_whose_age_nobody_says() -> None:
    """If the age of the content is unknown, an approval counts after two equal looks, but not at the first look."""
    unknown = shown(APPROVED, content_at=None)
    assert look(request(workflows=(ONE,)), unknown).request.decision is Decision.APPROVED
    opened = open_request("R1", unknown, terms(ONE), NOW, history=False)
    assert opened.request.decision is Decision.OPEN
    assert whys(opened, Kind.NOT_COUNTED) == [("Cora", CHANGED_PERHAPS)]


@pytest.mark.parametrize(
    ("content_at", "given", "counts"),
    [
        (LONG_AGO, NOW + MINUTE, True),
        (NOW + 2 * MINUTE, NOW + MINUTE, False),  # edited between the approval and the end
        (NOW + timedelta(hours=1) - OWN_DOING / 2, NOW + MINUTE, True),  # the completion itself changed it
        (NOW + timedelta(hours=1), NOW + MINUTE, True),
        (LONG_AGO, None, True),  # given after the filing, so after the change
        (NOW + 2 * MINUTE, None, False),
    ],
)
def test_completed_before_anybody_looked(content_at: datetime, given: datetime | None, counts: bool) -> None:
    """Content that changed before the completion voids an approval; a change by the completion itself does not."""
    end = NOW + timedelta(hours=1)
    sighting = shown(COMPLETED, given=given, content_at=content_at, modified_at=end)
    after = look(request(workflows=(ONE,)), sighting, end + MINUTE).request
    assert (after.decision is Decision.APPROVED) is counts


@pytest.mark.parametrize(("content_at", "counts"), [(LONG_AGO, True), (NOW + 10 * MINUTE, False)])
def test_a_card_vote_on_content_that_was_changed_before_it_ran(content_at: datetime, counts: bool) -> None:
    """A card vote falls if the content was changed after it and was then approved and completed in Intune."""
    half = cast_vote(request(), ballot(eligibility(ALEX, ADMINS), request()), {}, NOW).request
    end = NOW + timedelta(hours=1)
    sighting = shown(COMPLETED, given=NOW + 20 * MINUTE, content_at=content_at, modified_at=end)
    outcome = look(half, sighting, end + MINUTE)
    assert (outcome.request.decision is Decision.APPROVED) is counts
    assert [vote.voter for vote in outcome.request.votes] == ([ALEX, CORA] if counts else [CORA])
    assert whys(outcome, Kind.VOTE_FELL) == ([] if counts else [("Alex", CHANGED_SINCE)])
    assert (Alarm("R1", NotificationKind.BELOW_QUORUM) in effects(outcome)) is not counts


def test_a_new_approval_of_the_same_person() -> None:
    """An approval that was withdrawn in Intune and given again counts for the present content."""
    void = look(look(request(), shown(APPROVED)).request, shown(APPROVED, V2)).request
    waits = look(void, shown(NEEDS, V2, None)).request
    again = look(waits, shown(APPROVED, V2, NOW + 5 * MINUTE), NOW + 6 * MINUTE).request
    assert [(vote.voter, vote.digest, vote.at) for vote in again.votes] == [(CORA, V2.digest(), NOW + 5 * MINUTE)]


def test_a_look_that_shows_the_past_once_more() -> None:
    """A void approval that disappears for one look and comes back stays void, because Intune's list may lag."""
    void = look(look(request(), shown(APPROVED)).request, shown(APPROVED, V2)).request
    lagging = look(void, shown(NEEDS, V2, None)).request
    assert look(lagging, shown(APPROVED, V2)).request.votes == ()


def test_content_that_changes_while_the_approval_is_gone() -> None:
    """An approval that was gone when the content changed does not count when it is seen again; it is not told twice."""
    voted = look(request(), shown(APPROVED)).request
    changed = look(look(voted, shown(NEEDS, V1, None)).request, shown(NEEDS, V2, None))
    assert whys(changed, Kind.NOT_COUNTED) == []
    assert look(changed.request, shown(APPROVED, V2)).request.votes == ()


def test_somebody_elses_approval_takes_its_place() -> None:
    """If Cora withdrew and Alex approved between two looks, the vote and the name of the approver are Alex's."""
    voted = look(request(), shown(APPROVED)).request
    outcome = look(voted, shown(APPROVED, given=NOW + 5 * MINUTE, approver=eligibility(ALEX, ADMINS)))
    assert [vote.voter for vote in outcome.request.votes] == [ALEX]
    assert outcome.request.intune_approver == ALEX
    assert [name for name, _ in whys(outcome, Kind.VOTE_FELL)] == ["Cora"]


def test_an_approver_who_is_named_later() -> None:
    """If the approver is named late, the content that the approval was for is still the one at its first sighting."""
    unnamed = look(request(workflows=(ONE,)), shown(APPROVED, approver=None)).request
    changed = look(unnamed, shown(APPROVED, V2, approver=None))
    assert whys(changed, Kind.NOT_COUNTED) == [("", CHANGED_SINCE)]
    named = look(changed.request, shown(APPROVED, V2))
    assert named.request.votes == ()
    assert named.request.intune_approver == CORA
    assert TellPerson("R1", NotificationKind.NATIVE_VOID, "cora") in effects(named)
    assert look(named.request, shown(APPROVED, V2)).planned == ()


def test_one_that_came_late_is_recorded_as_that() -> None:
    """An approval in Intune at the deadline or later is recorded as late, and the person who gave it is told."""
    on = request(workflows=(ONE,))
    outcome = look(on, shown(APPROVED, given=on.deadline), on.deadline + MINUTE)
    assert whys(outcome, Kind.NOT_COUNTED) == [("Cora", LATE)]
    assert TellPerson("R1", NotificationKind.NATIVE_VOID, "cora") in effects(outcome)


def test_one_that_was_seen_in_time_was_given_in_time() -> None:
    """An approval that was seen before the deadline was in time, although its own time is unknown."""
    voted = look(request(), shown(APPROVED, given=None, modified_at=None)).request
    late = voted.deadline + MINUTE
    for status, moved in ((APPROVED, None), (COMPLETED, late)):
        later = look(voted, shown(status, given=None, modified_at=moved), late)
        assert [vote.voter for vote in later.request.votes] == [CORA]


@pytest.mark.parametrize("given", [None, NOW + MINUTE])
def test_one_that_nobody_can_place_after_the_glass_was_broken(given: datetime | None) -> None:
    """After break-glass only a fresh approval counts; one of unknown time does not."""
    glass = BreakGlassRecord(ALEX, "no time", NOW + 2 * MINUTE, Way.ESCALATED, (Tally(0, 2),))
    assert look(request(glass=(glass,)), shown(APPROVED, given=given), NOW + 3 * MINUTE).request.votes == ()
    fresh = shown(APPROVED, given=NOW + 3 * MINUTE)
    assert look(request(glass=(glass,)), fresh, NOW + 4 * MINUTE).request.decision is Decision.APPROVED


@pytest.mark.parametrize("flow", [workflow(enabled=False), workflow(groups=())])
def test_nobody_is_told_where_no_approval_counts_anyway(flow: object) -> None:
    """Nobody is told about a void approval where no approval counts anyway, because only Intune decides."""
    on = request(workflows=(flow,))
    outcome = look(on, shown(APPROVED, V2, given=on.deadline), on.deadline + MINUTE)
    assert whys(outcome, Kind.NOT_COUNTED, Kind.VOTE_FELL) == []
    assert TellPerson("R1", NotificationKind.NATIVE_VOID, "cora") not in effects(outcome)


def test_withdrawn_by_our_own_call() -> None:
    """After our call has withdrawn an approval, a late look at it counts for nothing; a new approval counts."""
    void = look(look(request(), shown(APPROVED)).request, shown(APPROVED, V2)).request
    cancelled = approval_cancelled(void, ALEX, "g1", NOW).request
    assert look(cancelled, shown(APPROVED, V2)).request.votes == ()
    assert look(cancelled, shown(APPROVED, V2, NOW + 5 * MINUTE)).request.votes != ()


# --- an order of ours ---------------------------------------------------------------------------------------------


def held(**changes: Any) -> Request:
    """Return an order that two people have decided here, that Intune holds, and that was carried."""
    filing = Filing(Order(Act.SCRIPT, "s1", "g1"), NOW, FilingState.HELD)
    done = Carry(CarryState.DONE, ALEX, NOW)
    made = request(
        initiator=ALEX, decided=as_decided(Decision.APPROVED, V1.digest()), filing=filing, carry=done,
        intune_status=APPROVED, intune_approver=CORA, native=NativeApproval(V1.digest(), NOW, NOW + MINUTE),
    )  # fmt: skip
    return replace(made, **changes)


def test_an_order_whose_content_was_changed_and_changed_back() -> None:
    """Nobody can finish an order with changed content; when the old content is back, its void approval is replaced."""
    changed = look(held(), shown(APPROVED, V2))
    assert disagreement(changed.request) is Disagreement.CHANGED_AFTER_DECISION
    assert changed.request.carry_state is CarryState.DONE
    assert Reply("R1", NotificationKind.WAITS_FOR_ONE) not in effects(changed)
    assert TellPerson("R1", NotificationKind.NATIVE_VOID, "cora") in effects(changed)

    back = look(changed.request, shown(APPROVED, V1))
    assert disagreement(back.request) is Disagreement.APPROVED_FOR_OTHER_CONTENT
    assert Alarm("R1", NotificationKind.APPROVED_FOR_OTHER_CONTENT) in effects(back)
    assert Complete("R1") not in effects(back)
    assert start_completing(back.request, NOW).refusal is not None
    assert (back.request.carry_state, carry_of(back.request).problem) == (CarryState.TROUBLED, OtherContent())
    assert Reply("R1", NotificationKind.WAITS_FOR_ONE) in effects(back)


def test_finish_on_an_order_with_a_void_approval() -> None:
    """Finish on an order with a void approval withdraws it and approves anew, for the present content only."""
    void = look(held(), shown(APPROVED, content_at=NOW + 5 * MINUTE)).request
    bo = eligibility(person("bo"), CAB)
    calling = start_carry(void, ballot(bo, void), NOW).request
    assert is_for_other_content(calling)
    cancelled = approval_cancelled(calling, bo.person, "g1", NOW).request
    done = carried(cancelled, bo.person, "g2", NOW).request
    assert disagreement(done) is None
    assert start_completing(done, NOW).refusal is None
    changed = look(done, shown(APPROVED, V2, NOW + 7 * MINUTE, approver=bo)).request
    assert changed.approved_for_other_content
    own = look(done, shown(APPROVED, V1, NOW + 7 * MINUTE, NOW + 5 * MINUTE, approver=bo)).request
    assert (disagreement(own), own.carry_state) == (None, CarryState.DONE)


def test_an_order_is_not_troubled_where_all_is_well() -> None:
    """An order is completed if its approval is younger than the content and was first seen with the decided content."""
    outcome = look(held(), shown(APPROVED))
    assert (outcome.request.carry_state, outcome.request.native) == (CarryState.DONE, held().native)
    assert Complete("R1") in effects(outcome)


STEPS: Mapping[str, Snapshot] = {
    "approved v1": shown(APPROVED, V1),
    "approved v2": shown(APPROVED, V2),
    "waits v1": shown(NEEDS, V1, None),
    "waits v2": shown(NEEDS, V2, None),
    "unknown": shown(IntuneStatus.UNKNOWN, V2, None),
    "age unknown": shown(APPROVED, V2, content_at=None),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=6), st.permutations(sorted(STEPS)))
def test_one_approval_is_never_a_vote_for_two_contents(some: list[str], all_of_them: list[str]) -> None:
    """Whatever the looks show, and in whatever order, one approval is a vote for at most one content."""
    on, digests = request(), set[str]()
    for name in (*some, *all_of_them):
        on = look(on, STEPS[name]).request
        digests |= {vote.digest for vote in on.votes}
        assert all(vote.digest == on.digest for vote in on.votes)
    assert len(digests) <= 1


def test_the_order_of_two_people_does_not_matter() -> None:
    """A card vote and a portal approval for the same content lead to the same result in either order."""
    ends = set()
    for order in permutations(("card", "portal")):
        on = request()
        for step in order:
            if step == "card":
                voters: dict[str, Eligibility] = {vote.voter.account: CORA_ELIGIBLE for vote in on.votes}
                on = cast_vote(on, ballot(eligibility(ALEX, ADMINS), on), voters, NOW + 2 * MINUTE).request
            else:
                on = look(on, shown(APPROVED)).request
        ends.add((on.decision, frozenset(vote.voter.account for vote in on.votes)))
    assert ends == {(Decision.APPROVED, frozenset({"alex", "cora"}))}


def test_how_it_is_recorded() -> None:
    """An approval that does not count is recorded with the name that Intune gave, and as identified by Intune."""
    outcome = look(request(), shown(APPROVED, V2))
    [entry] = [entry for entry in outcome.entries if entry.kind is Kind.NOT_COUNTED]
    assert (entry.who, entry.identified, entry.digest) == ("cora", Identified.BY_INTUNE, V2.digest())


def test_linked_accounts_are_one_person() -> None:
    """A void approval stays void if Intune names another account of the same person."""
    voted = look(request(), shown(APPROVED)).request
    void = look(voted, shown(APPROVED, V2)).request
    other: Person = person("cora-admin", "cora")
    assert look(void, shown(APPROVED, V2, approver=eligibility(other, CAB))).request.votes == ()
