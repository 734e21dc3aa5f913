"""A group that grows while a request waits: a little growth changes nothing, a lot voids the votes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import refusals
from approvals.audit import Kind
from approvals.carry import start_carry
from approvals.causes import GroupGrew
from approvals.decide import cast_vote
from approvals.disagreement import Disagreement, disagreement
from approvals.effects import Alarm, NotificationKind, Reply, TellPerson
from approvals.fingerprint import MOST_SIZES, PATTERN, fingerprint_of, seen_with
from approvals.growth import LEAST_GROWTH, Grown, grown
from approvals.outcome import Outcome
from approvals.reconcile import open_request, reconcile
from approvals.request import Decision, IntuneStatus, Request, Source, Verdict
from approvals.subject import Reach, Relation, Size, Subject, Target, TargetKind
from approvals.void import Void
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    NOW,
    SUBJECT,
    ballot,
    eligibility,
    request,
    seen,
    terms,
    workflow,
)

NEEDS, APPROVED = IntuneStatus.NEEDS_APPROVAL, IntuneStatus.APPROVED
ONE = workflow(required=1, groups=(ADMINS,))


def reaching(*members: int | None) -> Subject:
    """Return a script for groups of these sizes; None is a size that is not known."""
    groups = [
        Target(TargetKind.GROUP, f"g{number:03}", f"Group {number}", "security group", size)
        for number, size in enumerate(members, start=1)
    ]
    return replace(SUBJECT, reaches=tuple(Reach(Relation.REACHES, one) for one in groups))


def on(*members: int | None, flow: bool = False) -> Request:
    """Return an open request for groups of these sizes."""
    one = request(subject=reaching(*members))
    return replace(one, workflows=(ONE,)) if flow else one


def looked_at(known: Request, *members: int | None, status: IntuneStatus = NEEDS, **changes: object) -> Outcome:
    """Return the outcome of the next look, when the groups have these sizes."""
    voters = {vote.voter.account: eligibility(vote.voter, ADMINS, CAB) for vote in known.votes}
    sighting = replace(seen(status, subject=reaching(*members)), **changes)  # type: ignore[arg-type]
    return reconcile(known, sighting, terms(*known.workflows), voters, NOW)


def planned(outcome: Outcome) -> list[object]:
    """Return the effects that are planned."""
    return [one.effect for one in outcome.planned]


@pytest.mark.parametrize(
    ("before", "after", "is_grown"),
    [
        (4, 24, False),
        (4, 25, True),
        (412, 413, False),
        (412, 453, False),
        (412, 454, True),
        (412, 3, False),
        (0, 21, True),
    ],
)
def test_how_much_is_too_much(before: int, after: int, is_grown: bool) -> None:
    """Growth is too much above ten percent, but every group may grow by twenty."""
    found = grown(reaching(after), (Size("g001", before),), 10)

    assert found == (Grown("Group 1", before, after) if is_grown else None)


def test_a_size_that_nobody_saw_is_none() -> None:
    """A person who could not see the size of a group has approved only a small one."""
    assert grown(reaching(980), (), 10) == Grown("Group 1", None, 980)
    assert grown(reaching(LEAST_GROWTH), (), 10) is None
    assert grown(reaching(None), (Size("g001", 3),), 10) is None  # other code reports an unreadable size


def test_a_vote_stands_while_a_group_grows_a_little() -> None:
    """A vote still counts after a group has grown a little, so a dynamic group does not block its quorum."""
    known = cast_vote(on(412), ballot(eligibility(ALEX, ADMINS), on(412)), {}, NOW).request

    after = looked_at(known, 440)

    assert [vote.sizes for vote in after.request.votes] == [(Size("g001", 412),)]
    assert [entry.kind for entry in after.entries] == []
    decided = cast_vote(
        after.request, ballot(eligibility(CORA, CAB), after.request), {"alex": eligibility(ALEX, ADMINS)}, NOW
    )
    assert decided.request.decision is Decision.APPROVED


def test_a_vote_falls_when_a_group_has_grown_a_lot() -> None:
    """A vote falls when a group has grown a lot; the thread and the voter read the old and the new size."""
    known = cast_vote(on(412), ballot(eligibility(ALEX, ADMINS), on(412)), {}, NOW).request

    after = looked_at(known, 980)

    assert after.request.votes == ()
    assert after.request.outgrown == Grown("Group 1", 412, 980)
    assert [(entry.kind, entry.because) for entry in after.entries] == [
        (Kind.VOTE_FELL, GroupGrew("Group 1", 412, 980))
    ]
    assert Reply("R1", NotificationKind.GROUP_GREW) in planned(after)
    assert TellPerson("R1", NotificationKind.GROUP_GREW, "alex") in planned(after)


def test_small_steps_add_up() -> None:
    """Growth is compared with the size that the voter saw, so many small steps add up."""
    known = cast_vote(on(400), ballot(eligibility(ALEX, ADMINS), on(400)), {}, NOW).request

    for size in (420, 440):
        known = looked_at(known, size).request
        assert known.votes

    assert not looked_at(known, 441).request.votes


def test_who_looked_at_an_old_card_is_refused() -> None:
    """A vote from an old card with a much smaller size is refused and not counted."""
    shown, now = on(412), on(980)

    refused = cast_vote(now, ballot(eligibility(ALEX, ADMINS), shown), {}, NOW)

    assert refused.refusal == refusals.Grew("Group 1", 412, 980)
    assert refused.request.votes == ()


def test_a_vote_keeps_the_size_that_was_shown() -> None:
    """A vote keeps the size that the card showed, not the size that the group has by now."""
    voted = cast_vote(on(430), ballot(eligibility(ALEX, ADMINS), on(412)), {}, NOW).request

    assert [vote.sizes for vote in voted.votes] == [(Size("g001", 412),)]


def test_a_decision_is_not_carried_to_more_than_it_was_for() -> None:
    """A decision is not carried to a group that has grown a lot; it alarms, and goes on when it is small again."""
    known = cast_vote(on(412, flow=True), ballot(eligibility(ALEX, ADMINS), on(412)), {}, NOW).request
    assert known.decision is Decision.APPROVED

    after = looked_at(known, 980)
    refused = start_carry(after.request, ballot(eligibility(ALEX, ADMINS), after.request), NOW)

    assert disagreement(after.request) is Disagreement.GROWN_AFTER_DECISION
    assert Alarm("R1", NotificationKind.GROWN_AFTER_DECISION) in planned(after)
    assert refused.refusal == refusals.Disagrees(Disagreement.GROWN_AFTER_DECISION)
    again = looked_at(after.request, 415).request
    assert start_carry(again, ballot(eligibility(ALEX, ADMINS), again), NOW).refusal is None


def test_a_rejection_is_carried_to_however_many() -> None:
    """A rejection is carried whatever the size, because it does nothing to anybody."""
    no = ballot(eligibility(ALEX, ADMINS), on(412), Verdict.REJECT)
    known = cast_vote(on(412, flow=True), no, {}, NOW).request

    after = looked_at(known, 980).request

    assert start_carry(after, no, NOW).refusal is None


def test_an_approval_in_intune_is_for_the_size_at_which_it_was_first_seen() -> None:
    """An approval in Intune counts for the size at which it was first seen; after growth its owner has to vote here."""
    alex = eligibility(ALEX, ADMINS)
    known = open_request("R1", seen(NEEDS, subject=reaching(412)), terms(), NOW, history=False).request
    counted = looked_at(known, 412, status=APPROVED, approver=alex).request
    assert [vote.source for vote in counted.votes] == [Source.PORTAL]

    after = looked_at(counted, 980, status=APPROVED, approver=alex)

    assert after.request.votes == ()
    assert after.request.native is not None
    assert after.request.native.void is Void.OUTGROWN
    assert TellPerson("R1", NotificationKind.NATIVE_VOID, "alex") in planned(after)


def test_the_strictest_workflow_says_how_much() -> None:
    """The strictest of the workflows decides how much a group may grow."""
    strict = replace(request(subject=reaching(412)), workflows=(workflow(), workflow(growth=0)))
    known = cast_vote(strict, ballot(eligibility(ALEX, ADMINS), strict), {}, NOW).request

    assert looked_at(known, 432).request.votes
    assert not looked_at(known, 433).request.votes


@given(st.lists(st.integers(0, 999_999), max_size=MOST_SIZES + 5))
def test_a_witness_tells_what_was_shown(members: list[int]) -> None:
    """A fingerprint gives back every size that was shown, and nothing if the content is another one."""
    subject = reaching(*members)
    fingerprint = fingerprint_of(subject)

    assert PATTERN.fullmatch(fingerprint)
    assert seen_with(subject, fingerprint) == subject.sizes
    assert seen_with(replace(subject, content_sha256="1" * 64), fingerprint) is None
    assert seen_with(subject, "") is None


def test_where_other_groups_are_readable_than_were_shown_no_size_counts() -> None:
    """If other groups are readable than were shown, no size counts, because the numbers cannot be matched to groups."""
    assert seen_with(reaching(4, 980), fingerprint_of(reaching(4, None))) == ()


def test_very_many_groups_are_witnessed_by_a_hash() -> None:
    """The sizes of very many groups are kept as a hash: either all are as shown, or none counts."""
    groups = MOST_SIZES + 1
    many, grown_one = reaching(*[5] * groups), reaching(*[5] * (groups - 1), 6)

    assert len(fingerprint_of(many)) < 30
    assert seen_with(grown_one, fingerprint_of(many)) == ()


def leaving_out(members: int) -> Subject:
    """Return a subject for all devices except a group of this size."""
    group = Target(TargetKind.GROUP, "g001", "Group 1", "security group", members)
    everybody = Reach(Relation.REACHES, Target(TargetKind.ALL_DEVICES))
    return replace(SUBJECT, reaches=(everybody, Reach(Relation.REACHES, group, excluded=True)))


@pytest.mark.parametrize(
    ("before", "after", "differs"), [(412, 371, False), (412, 370, True), (30, 10, False), (30, 9, True), (4, 25, True)]
)
def test_a_group_that_is_left_out_may_not_become_much_smaller(before: int, after: int, differs: bool) -> None:
    """An excluded group may not become much smaller, because its former members are now reached."""
    found = grown(leaving_out(after), (Size("g001", before),), 10)

    assert found == (Grown("Group 1", before, after) if differs else None)


def test_a_group_is_the_same_in_any_casing() -> None:
    """The casing of a group's id does not matter."""
    group = Target(TargetKind.GROUP, "0AAAAAAA-1111-2222-3333-444444444444", "Laptops", "security group", 412)
    upper, lower = (
        replace(SUBJECT, reaches=(Reach(Relation.REACHES, replace(group, id=written)),))
        for written in (group.id, group.id.lower())
    )
    assert upper.sizes == lower.sizes
    assert grown(upper, lower.sizes, 10) is None
    assert grown(replace(upper, reaches=(Reach(Relation.REACHES, replace(group, members=980)),)), lower.sizes, 10) == (
        Grown("Laptops", 412, 980)
    )


def test_one_more_in_one_of_many_groups_refuses_nobody() -> None:
    """One more member in one of many groups does not refuse a vote, because dynamic groups change all the time."""
    shown, now = on(*[412] * 60), on(*[412] * 59, 413)

    voted = cast_vote(now, ballot(eligibility(ALEX, ADMINS), shown), {}, NOW)

    assert voted.refusal is None
    assert {size.members for size in voted.request.votes[0].sizes} == {412}


@pytest.mark.parametrize("more", [".x", ".-5", ".²", ".", ". 412", f".{'9' * 5000}", "-xyz", ".412 "])
def test_a_witness_that_no_card_holds_is_none(more: str) -> None:
    """A fingerprint that no card could hold gives no sizes: the emergency page can send anything."""
    subject = reaching(412)
    assert seen_with(subject, subject.digest()[:12] + more) is None
    assert seen_with(subject, subject.digest()[:3] + ".412") is None


def test_nobody_saw_more_than_there_are() -> None:
    """A size in a fingerprint counts at most as the present size, or a false size would let a group grow up to it."""
    subject = reaching(412)
    assert seen_with(subject, f"{subject.digest()[:12]}.999999999") == (Size("g001", 412),)
    assert seen_with(subject, f"{subject.digest()[:12]}.400") == (Size("g001", 400),)
    left_out = leaving_out(412)
    assert seen_with(left_out, f"{left_out.digest()[:12]}.980") == (Size("g001", 980),)
