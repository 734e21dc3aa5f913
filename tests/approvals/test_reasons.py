"""Every reason has a code that never changes, by which it is recognised after it was stored."""

from typing import get_args

from approvals.because import Because
from approvals.problems import Problem
from tests.approvals.reasons import PROBLEMS


def test_no_two_reasons_have_the_same_code() -> None:
    """No two reasons have the same code, or a stored one could come back as the other."""
    codes = [kind.__dataclass_fields__["code"].default for kind in get_args(Because)]

    assert len(set(codes)) == len(codes)


def test_every_problem_is_tried() -> None:
    """`PROBLEMS` has an example of every problem, so the tests of the store and of the words cover all of them."""
    assert {type(problem) for problem in PROBLEMS} == set(get_args(Problem))
