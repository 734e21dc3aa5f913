"""Different people fill the seats of a quorum, and a sentence says how many are filled."""

import pytest

from approvals.people import Application, Group, Person
from approvals.policy import QuorumMode
from approvals.quorum import quorum_reached, seating, tally
from approvals.request import Verdict, Vote
from cards.tallies import needed, progress, tally_sentence
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, NOW, person, request, workflow


def vote(who: Person, *groups: Group, verdict: Verdict = Verdict.APPROVE) -> Vote:
    """Return a vote on the content of the standard request."""
    return Vote(who, verdict, NOW, request().digest, frozenset(group.id for group in groups))


@pytest.mark.parametrize(
    ("votes", "sentence", "reached"),
    [
        ([], "0 of 2 approvals; Security-Admins and Change-Advisory-Board still open", False),
        ([vote(ALEX, ADMINS)], "1 of 2 approvals; Change-Advisory-Board still open", False),
        ([vote(ALEX, ADMINS), vote(DANA, ADMINS)], "1 of 2 approvals; Change-Advisory-Board still open", False),
        ([vote(ALEX, ADMINS), vote(CORA, CAB)], "2 of 2 approvals", True),
        ([vote(ALEX, ADMINS, CAB)], "1 of 2 approvals; Change-Advisory-Board still open", False),
        ([vote(ALEX, ADMINS, CAB), vote(DANA, ADMINS)], "2 of 2 approvals", True),
        ([vote(DANA, ADMINS), vote(ALEX, ADMINS, CAB)], "2 of 2 approvals", True),
        ([vote(ALEX, ADMINS), vote(CORA, CAB, verdict=Verdict.REJECT)],
         "1 of 2 approvals; Change-Advisory-Board still open", False),
    ],
)  # fmt: skip
def test_every_group_needs_a_person_of_its_own(votes: list[Vote], sentence: str, reached: bool) -> None:
    """Each group needs its own person; a person in both groups fills the seat that leaves the other seat possible."""
    count = tally(seating((workflow(),), votes))

    assert (tally_sentence(count), count.reached) == (sentence, reached)


def test_any_mode_takes_members_of_any_group() -> None:
    """Two members of one group are enough where the mode is `any`."""
    flow = workflow(mode=QuorumMode.ANY)

    assert tally(seating((flow,), [vote(ALEX, ADMINS), vote(DANA, ADMINS)])).reached


def test_linked_accounts_are_one_person() -> None:
    """The same human does not fill a second seat with their admin account."""
    daily, admin = person("alex", "alex-admin"), person("alex-admin", "alex")

    assert not tally(seating((workflow(mode=QuorumMode.ANY),), [vote(daily, ADMINS), vote(admin, CAB)])).reached


def test_accounts_that_a_third_one_links_are_one_person() -> None:
    """Two votes count as one person's as soon as a third account is linked to both."""
    one, two = vote(person("one", "bridge"), ADMINS), vote(person("two", "bridge"), CAB)
    assert tally(seating((workflow(),), [one, two])).have == 1
    both = vote(person("bridge", "one", "two"), ADMINS, CAB)
    for votes in ([one, two, both], [both, one, two], [two, both, one]):
        rows = seating((workflow(),), votes)
        assert tally(rows).have == 1
        [holder] = [row.holder for row in rows if row.holder]
        assert holder.groups == {"g-admins", "g-cab"}
        assert holder.voter.accounts == {"one", "two", "bridge"}


def test_a_seat_beyond_the_groups_is_open_to_all_of_them() -> None:
    """A seat beyond one for each group can be filled by a member of any of the groups, but of no other group."""
    flow = workflow(required=3)
    two = [vote(ALEX, ADMINS), vote(CORA, CAB)]

    assert not tally(seating((flow,), [*two, vote(DANA)])).reached
    assert tally(seating((flow,), [*two, vote(DANA, CAB)])).reached


def test_an_application_without_owners_raises_the_quorum() -> None:
    """An application without owners raises the quorum by one, because nobody can be excluded by name."""
    pipeline = request(requestor=Application("a1", "Pipeline"), workflows=(workflow(mode=QuorumMode.ANY),))
    owned = request(requestor=Application("a1", "Pipeline", (DANA,)), workflows=(workflow(mode=QuorumMode.ANY),))

    assert progress(pipeline) == "0 of 3 approvals"
    assert progress(owned) == "0 of 2 approvals"


@pytest.mark.parametrize(("required", "takes"), [(1, "1 approval"), (2, "2 approvals")], ids=["one", "two"])
def test_what_it_takes_is_said_without_what_there_is(required: int, takes: str) -> None:
    """A sentence says how many approvals are needed, and names the groups whose own seats are empty."""
    count = tally(seating((workflow(required=required, mode=QuorumMode.ANY),), ()))
    assert (needed(count), tally_sentence(count)) == (takes, f"0 of {takes}")
    each = tally(seating((workflow(),), [vote(ALEX, ADMINS)]))
    assert needed(each) == "2 approvals; Change-Advisory-Board still open"
    assert tally_sentence(each) == "1 of 2 approvals; Change-Advisory-Board still open"


def test_every_matching_workflow_must_be_satisfied() -> None:
    """If two workflows match, both quorums have to be reached, and the sentence names both."""
    both = request(
        workflows=(
            workflow(operation="A", mode=QuorumMode.ANY, required=1, groups=(ADMINS,)),
            workflow(operation="B", mode=QuorumMode.ANY, required=1, groups=(CAB,)),
        )
    )
    half = both.with_vote(vote(ALEX, ADMINS))

    assert progress(half) == "A: 1 of 1 approval · B: 0 of 1 approval"
    assert not quorum_reached(half)
    assert quorum_reached(half.with_vote(vote(CORA, CAB)))


@pytest.mark.parametrize("closed", [workflow(enabled=False), workflow(groups=()), workflow(groups=(), required=0)])
def test_a_closed_workflow_is_never_satisfied(closed: object) -> None:
    """A workflow that is switched off or has no groups is never satisfied, even if it needs no approvals."""
    assert not quorum_reached(request(workflows=(closed,)))


def test_votes_on_other_content_do_not_count() -> None:
    """A vote on other content does not count, because it is bound to the digest of what was reviewed."""
    stale = Vote(ALEX, Verdict.APPROVE, NOW, "f" * 64, frozenset({ADMINS.id}))

    assert progress(request(votes=(stale,))).startswith("0 of 2")
