"""Every reason has a name for good, by which it is known again where it was stored."""

from typing import get_args

from approvals.because import Because
from approvals.problems import Problem
from tests.approvals.reasons import PROBLEMS


def test_no_two_reasons_have_the_same_code() -> None:
    """Else one that was stored could come back as the other."""
    codes = [kind.__dataclass_fields__["code"].default for kind in get_args(Because)]

    assert len(set(codes)) == len(codes)


def test_every_problem_is_tried() -> None:
    """The tests of the store and of the words take each of them."""
    assert {type(problem) for problem in PROBLEMS} == set(get_args(Problem))
