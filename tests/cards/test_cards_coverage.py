"""The words for coverage."""

from datetime import UTC, datetime

import pytest

from approvals.coverage import (
    Coverage,
    CoverageNews,
    Gap,
    NightCover,
    NobodyLeft,
    TooFewAvailable,
    TooFewPeople,
    TooFewReachable,
)
from cards.coverage import coverage_has_changed, coverage_sentence

MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (TooFewPeople(1, 0), "Too few approvers: 1 is needed besides the person who asks; there are none."),
        (TooFewPeople(1, 1), "Too few approvers: 1 is needed besides the person who asks; there is 1."),
        (TooFewPeople(2, 2), "Too few approvers: 2 are needed besides the person who asks; there are 2."),
        (
            NobodyLeft((("CAB",), ("Admins", "CAB"))),
            "Too few approvers: nobody may be left in CAB and Admins or CAB besides the person who asks.",
        ),
        (TooFewReachable(1, 2), "Too few approvers can be reached in Teams: 1 of the 2 needed."),
        (TooFewAvailable(1, 2), "Too few approvers are available now: 1 of the 2 needed."),
        (
            TooFewAvailable(1, 2, MORNING),
            "Too few approvers are available when business hours begin, 2026-11-24 09:00 UTC: 1 of the 2 needed.",
        ),
    ],
)
def test_a_gap(gap: Gap, said: str) -> None:
    """A gap is described with numbers and the names of groups."""
    assert coverage_sentence(Coverage(gap)) == said


def test_without_a_gap() -> None:
    """Without a gap the sentence says that the quorum can be reached, or who covers the night."""
    assert coverage_sentence(Coverage()) == "The quorum can be reached."
    assert coverage_sentence(Coverage(night=NightCover.ON_CALL)).endswith("on-call covers this.")
    assert coverage_sentence(Coverage(night=NightCover.NOBODY)).endswith("there is no on-call.")


def test_what_has_changed() -> None:
    """A change of coverage names the new gaps and the closed ones."""
    assert coverage_has_changed(CoverageNews({"Wipe": TooFewReachable(1, 2)}, ("Role",))) == (
        "Coverage has changed. Wipe: Too few approvers can be reached in Teams: 1 of the 2 needed. "
        "Role: the quorum can be reached again."
    )
