"""Why a quorum could not be reached, in a sentence."""

from dataclasses import replace

import pytest

from approvals.people import Group, Person
from approvals.policy import Workflow
from approvals.request import Verdict, Vote
from docs.pictures.gallery import ADMINS, ALEX, BOARD, CORA, DANA, NOW, SCRIPT, WIPE, person
from handlers.chat.coverage import why_too_few

WILL = person("Will Weber")
TWO_ADMINS = [(ALEX, ADMINS), (DANA, ADMINS)]


@pytest.mark.parametrize(
    ("workflow", "members", "said"),
    [
        (WIPE, [], "Too few approvers: 1 is needed besides the person who asks; there are none."),
        (WIPE, [(ALEX, WIPE.groups[0])], "Too few approvers: 1 is needed besides the person who asks; there is 1."),
        (WIPE, [(ALEX, WIPE.groups[0]), (CORA, WIPE.groups[1])], ""),
        (
            SCRIPT,
            [(ALEX, ADMINS), (CORA, BOARD)],
            "Too few approvers: 2 are needed besides the person who asks; there are 2.",
        ),
        (
            SCRIPT,
            [*TWO_ADMINS, (CORA, BOARD)],
            "Too few approvers: nobody may be left in Change-Advisory-Board besides the person who asks.",
        ),
        (SCRIPT, [*TWO_ADMINS, (CORA, BOARD), (WILL, BOARD)], ""),
        (
            WIPE,
            [(ALEX, WIPE.groups[0]), (replace(ALEX, account="adm-alex"), WIPE.groups[1])],
            "Too few approvers: 1 is needed besides the person who asks; there is 1.",
        ),
    ],
    ids=["nobody", "one", "enough-of-any", "two-of-two", "one-group-alone", "enough-of-each", "two-accounts"],
)
def test_it_counts_without_whoever_asks(workflow: Workflow, members: list[tuple[Person, Group]], said: str) -> None:
    """Nobody approves what they asked for, so one more is needed than the quorum says."""
    votes = [Vote(who, Verdict.APPROVE, NOW, "", frozenset({group.id})) for who, group in members]
    assert why_too_few((workflow,), votes) == said


def test_a_guard_needs_somebody_more() -> None:
    """Enough people, but for the guard's seat nobody is left besides the one who asks; a second one closes the gap."""
    guard = replace(WIPE, operation="Guarded orders", groups=(BOARD,), on_top=True)
    few = [(ALEX, WIPE.groups[0]), (DANA, WIPE.groups[0]), (WILL, WIPE.groups[1]), (CORA, BOARD)]
    votes = [Vote(who, Verdict.APPROVE, NOW, "", frozenset({group.id})) for who, group in few]
    said = "Too few approvers: nobody may be left in Change-Advisory-Board besides the person who asks."
    assert why_too_few((WIPE, guard), votes) == said
    assert why_too_few((WIPE,), votes) == ""
    votes[0] = replace(votes[0], groups=votes[0].groups | {BOARD.id})
    assert why_too_few((WIPE, guard), votes) == ""
