"""A guard adds seats to a request: they are filled together with the others, and nobody fills two seats."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from approvals import refusals
from approvals.audit import Identified
from approvals.break_glass import Invocation, break_glass
from approvals.decide import cast_vote
from approvals.people import Application, Group, Person
from approvals.policy import QuorumMode, Workflow
from approvals.quorum import binding, quorum_reached, seating, seats_of, tallies, tally, would_help
from approvals.reconcile import reconcile
from approvals.request import Decision, IntuneStatus, Request, Verdict, Vote
from cards.tallies import progress
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
    request,
    seen,
    terms,
    workflow,
)
from tests.approvals.test_break_glass_rules import WHY, emergency

DIRECTORS = Group("g-directors", "IT-Directors")
GROUPS = (ADMINS, CAB, DIRECTORS)

ONE_OF_ANY = workflow(mode=QuorumMode.ANY, required=1)


def guard(*groups: Group, required: int = 1) -> Workflow:
    """Return the workflow of a guard."""
    return workflow(
        operation="Guarded orders", mode=QuorumMode.ANY, required=required, groups=groups or (ADMINS,), on_top=True
    )


def vote(who: Person, *groups: Group) -> Vote:
    """Return an approval of the content of the standard request."""
    return Vote(who, Verdict.APPROVE, NOW, request().digest, frozenset(group.id for group in groups))


def guarded(*workflows: Workflow, votes: Sequence[Vote] = (), by: Workflow | None = None) -> Request:
    """Return a request of these workflows with a guard on top."""
    return request(workflows=(*(workflows or (ONE_OF_ANY,)), by or guard()), votes=tuple(votes))


def test_one_person_does_not_fill_both() -> None:
    """One person in both groups fills only one seat: the one of the usual workflow or the one of the guard."""
    alone = guarded(votes=[vote(DANA, ADMINS)])
    assert progress(alone) == "Script deployment: 1 of 1 approval · Guarded orders: 0 of 1 approval"
    assert not quorum_reached(alone)
    assert quorum_reached(alone.with_vote(vote(CORA, CAB)))
    assert quorum_reached(alone.with_vote(vote(ALEX, ADMINS)))


def test_two_accounts_of_one_person_do_not_either() -> None:
    """A person who approves with two accounts fills only one seat, whatever groups the accounts are in."""
    daily, admin = person("alex", "alex-admin"), person("alex-admin", "alex")
    assert not quorum_reached(guarded(votes=[vote(daily, CAB), vote(admin, ADMINS)]))


def test_somebody_moves_over_to_the_guards_seat() -> None:
    """Dana moves from the usual seat to the guard's seat when another person fits only the usual one."""
    alone = guarded(votes=[vote(DANA, ADMINS)])
    [usual, empty] = seats_of(alone)
    assert usual.holder == vote(DANA, ADMINS)
    assert (usual.open_to, empty.groups, empty.open_to) == (frozenset(), (ADMINS,), frozenset({ADMINS.id, CAB.id}))
    assert [row.holder for row in seats_of(alone.with_vote(vote(CORA, CAB)))] == [vote(CORA, CAB), vote(DANA, ADMINS)]


def test_who_would_not_help_is_not_asked() -> None:
    """A person is not asked if their approval would fill no empty seat."""
    half = guarded(votes=[vote(CORA, CAB)])
    assert not would_help(half, vote(DANA, CAB))
    assert not would_help(half, vote(CORA, ADMINS))
    assert would_help(half, vote(DANA, ADMINS))


def test_groups_own_seats_are_filled_first_and_the_guards_last() -> None:
    """The guard's seats are filled last, and the sentence names the group of the usual workflow with an empty seat."""
    on = guarded(workflow(), votes=[vote(ALEX, ADMINS), vote(DANA, ADMINS)])
    said = "Script deployment: 1 of 2 approvals; Change-Advisory-Board still open · Guarded orders: 1 of 1 approval"
    assert progress(on) == said


def test_without_a_guard_every_workflow_asks_its_own_question() -> None:
    """Without a guard, one person may fill a seat of each of two workflows."""
    first, second = replace(ONE_OF_ANY, operation="A"), replace(ONE_OF_ANY, operation="B")
    assert quorum_reached(request(workflows=(first, second), votes=(vote(DANA, ADMINS),)))


def test_under_a_guard_nobody_answers_two_of_them() -> None:
    """With a guard, every person fills only one seat of all workflows together."""
    first, second = replace(ONE_OF_ANY, operation="A"), replace(ONE_OF_ANY, operation="B")
    people = [vote(DANA, ADMINS), vote(CORA, CAB), vote(ALEX, ADMINS)]
    assert not quorum_reached(guarded(first, second, votes=people[:2]))
    assert quorum_reached(guarded(first, second, votes=people))


def test_the_extra_person_is_asked_for_once() -> None:
    """The extra person for an application without owners is added to the usual workflow, and not to the guard."""
    pipeline = replace(guarded(), requestor=Application("a1", "Pipeline"))
    assert [count.need for count in tallies(pipeline)] == [2, 1]


def test_a_signed_vote_of_one_does_not_decide_where_two_are_needed() -> None:
    """If the requestor is unknown and two are needed, a signed vote is refused: Intune checks only the deciding one."""
    two = (replace(ONE_OF_ANY, operation="A", groups=(ADMINS,)), replace(ONE_OF_ANY, operation="B", groups=(CAB,)))
    for on in (guarded(), request(workflows=two)):
        nameless = replace(on, requestor=None)
        signed = replace(ballot(eligibility(ALEX, ADMINS), nameless), identified=Identified.BY_TOKEN)
        refusal = cast_vote(nameless, signed, {}, NOW).refusal
        assert refusal is not None
        assert isinstance(refusal, refusals.RequestorUnknown)


def test_breaking_the_glass_sets_the_guard_aside_as_well() -> None:
    """Break-glass also sets the guard aside: one other person of any of the groups approves, never the requestor."""
    on = request(workflows=(guard(DIRECTORS), ONE_OF_ANY), requestor=None, initiator=RITA)
    invocation = Invocation(eligibility(RITA), Identified.BY_TOKEN, WHY)
    broken = break_glass(on, emergency(RITA), invocation, on.digest[:12], NOW).request
    assert [(flow.required, flow.on_top) for flow in binding(broken)] == [(1, False)]
    assert progress(broken) == "0 of 1 approval"
    assert cast_vote(broken, ballot(eligibility(RITA, *GROUPS), broken), {}, NOW).refusal
    for who, group in ((DANA, ADMINS), (CORA, DIRECTORS)):
        approved = cast_vote(broken, ballot(eligibility(who, group), broken), {}, NOW)
        assert approved.request.decision is Decision.APPROVED


def test_no_later_configuration_weakens_the_guard() -> None:
    """A later configuration without the guard, or with a weaker one, does not change the guard of an order."""
    on = guarded()
    called_like_it = replace(ONE_OF_ANY, operation="Guarded orders", groups=(CAB,))
    weaker = replace(guard(ADMINS, CAB), required=1)
    for later in (
        terms(ONE_OF_ANY, digest="c2"),
        terms(ONE_OF_ANY, called_like_it, digest="c2"),
        replace(terms(ONE_OF_ANY, digest="c2"), guards=(weaker,)),
    ):
        after = reconcile(on, seen(IntuneStatus.NEEDS_APPROVAL, on), later, {}, NOW).request
        assert (after.config_digest, after.workflows) == ("c2", on.workflows)


def test_a_stricter_guard_holds_at_once() -> None:
    """A stricter guard applies at once: one more person, a shorter deadline, one group less."""
    on = guarded(by=guard(ADMINS, CAB))
    stricter = replace(guard(ADMINS, DIRECTORS, required=2), deadline=timedelta(hours=1))
    later = replace(terms(ONE_OF_ANY, digest="c2"), guards=(stricter,))
    after = reconcile(on, seen(IntuneStatus.NEEDS_APPROVAL, on), later, {}, NOW).request
    [usual, tightened] = after.workflows
    assert (tightened.required, tightened.groups, tightened.on_top) == (2, (ADMINS,), True)
    assert (usual, after.deadline) == (ONE_OF_ANY, NOW + timedelta(hours=1))


# A model that tries every choice of people, to compare with the product's matching.

PEOPLE = [person("ann", "adm-ann"), person("adm-ann", "ann"), *map(person, ("ben", "cem", "dov", "eva"))]
groups_of_one = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True).map(tuple)
ordinary = st.builds(
    lambda groups, required, mode, name: workflow(operation=name, groups=groups, required=required, mode=mode),
    groups_of_one,
    st.integers(1, 2),
    st.sampled_from(QuorumMode),
    st.sampled_from("AB"),
)
guards = st.builds(lambda groups, required: guard(*groups, required=required), groups_of_one, st.integers(1, 2))
policies = st.tuples(
    st.lists(ordinary, min_size=1, max_size=2, unique_by=lambda flow: flow.operation), st.lists(guards, max_size=1)
).map(lambda both: (*both[0], *both[1]))
crowds = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.lists(st.sampled_from(GROUPS), max_size=3, unique=True)),
    max_size=6,
    unique_by=lambda one: one[0],
).map(lambda crowd: [vote(who, *groups) for who, groups in crowd])


def wanted_by(flow: Workflow) -> list[frozenset[str]]:
    """Return one set for each seat: the ids of the groups whose members may fill it."""
    own = [frozenset({group.id}) for group in flow.groups] if flow.mode is QuorumMode.EACH else []
    return own + [flow.group_ids] * max(flow.required - len(own), 0)


def can_be_filled(seats: Sequence[frozenset[str]], votes: Sequence[Vote]) -> bool:
    """Return whether different people can fill all seats, each person one seat."""
    return any(
        humans(chosen) == len(seats) and all(one.groups & seat for one, seat in zip(chosen, seats, strict=True))
        for chosen in permutations(votes, len(seats))
    )


def humans(votes: Sequence[Vote]) -> int:
    """Return how many different people gave these votes; Ann has two accounts."""
    return len({one.voter.account.removeprefix("adm-") for one in votes})


def is_reached(policy: Sequence[Workflow], votes: Sequence[Vote]) -> bool:
    """Return whether the quorum is reached, by trying every choice of people."""
    seats = [wanted_by(flow) for flow in policy]
    if any(flow.on_top for flow in policy):
        return can_be_filled([seat for some in seats for seat in some], votes)
    return all(can_be_filled(some, votes) for some in seats)


@given(policies, crowds)
def test_the_matching_is_the_largest(policy: tuple[Workflow, ...], votes: list[Vote]) -> None:
    """The product's matching reaches the quorum exactly when trying every choice of people does."""
    assert tally(seating(policy, votes)).reached == is_reached(policy, votes)


@given(policies, crowds)
def test_a_guard_takes_people_beside_the_others(policy: tuple[Workflow, ...], votes: list[Vote]) -> None:
    """With a guard the quorum needs as many people as both ask for together, and nobody fills two seats."""
    rows = seating(policy, votes)
    holders = [row.holder.voter.account for row in rows if row.holder]
    for row in rows:
        assert row.holder is None or row.holder.groups & row.group_ids
    if any(flow.on_top for flow in policy):
        assert len(set(holders)) == len(holders)
        assert not tally(rows).reached or humans(votes) >= sum(len(wanted_by(flow)) for flow in policy)


@given(policies, crowds, st.randoms())
def test_the_order_of_votes_changes_nothing(policy: tuple[Workflow, ...], votes: list[Vote], chance: Random) -> None:
    """The order of the votes changes neither the tallies nor the open seats."""
    shuffled = list(votes)
    chance.shuffle(shuffled)
    first, second = request(workflows=policy, votes=tuple(votes)), request(workflows=policy, votes=tuple(shuffled))
    assert tallies(first) == tallies(second)
    assert [row.open_to for row in seats_of(first)] == [row.open_to for row in seats_of(second)]


@given(policies, crowds, st.lists(st.sampled_from(GROUPS), max_size=3, unique=True))
def test_one_more_approval_helps_or_changes_nothing(
    policy: tuple[Workflow, ...], votes: list[Vote], groups: list[Group]
) -> None:
    """One more approval never empties a seat; it helps exactly when a seat is open to one of the voter's groups."""
    before = request(workflows=policy, votes=tuple(votes))
    more = vote(person("zoe"), *groups)
    after = before.with_vote(more)
    gained = [new.have - old.have for old, new in zip(tallies(before), tallies(after), strict=True)]
    assert min(gained) >= 0
    assert would_help(before, more) == (sum(gained) > 0)
    assert quorum_reached(after) or not quorum_reached(before)
