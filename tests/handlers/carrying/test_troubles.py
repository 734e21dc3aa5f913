"""What a neighbour's failure means for a decision on its way to Intune."""

import pytest

from approvals import problems as why
from approvals.problems import Problem
from handlers.carrying.troubles import problem_of, sign_in_problem
from handlers.ports.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PortError,
    SignInFailed,
    SignInTrouble,
    Throttled,
    Unavailable,
)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (Forbidden("no"), why.NotCounted()),
        (Conflict("no"), why.ChangedMeanwhile()),
        (NotFound("no"), why.NotShown()),
        (Throttled("no"), why.Busy()),
        (Unavailable("no"), why.NoAnswer("decision")),
        (PortError("no"), why.NoAnswer("decision")),
    ],
)
def test_a_failure_at_intune_is_one_problem(error: PortError, problem: Problem) -> None:
    """Where nobody knows what it did, it may have been done."""
    assert problem_of(error) == problem
    assert sign_in_problem(error) == why.EntraAway()


def test_every_trouble_with_a_sign_in_is_a_problem_of_its_own() -> None:
    """Whether the token was asked for or was used."""
    failures = [SignInFailed(trouble, "no") for trouble in SignInTrouble]

    assert len({problem_of(failure) for failure in failures}) == len(failures)
    assert [problem_of(failure) for failure in failures] == [sign_in_problem(failure) for failure in failures]
