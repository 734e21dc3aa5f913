"""How errors of neighbours become problems of a decision on its way to Intune."""

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
    """Each error of Intune is one problem; without an answer, the call may have been carried out."""
    assert problem_of(error) == problem
    assert sign_in_problem(error) == why.EntraAway()


def test_every_trouble_with_a_sign_in_is_a_problem_of_its_own() -> None:
    """Each kind of sign-in failure is a problem of its own, both when a token is fetched and when it is used."""
    failures = [SignInFailed(trouble, "no") for trouble in SignInTrouble]

    assert len({problem_of(failure) for failure in failures}) == len(failures)
    assert [problem_of(failure) for failure in failures] == [sign_in_problem(failure) for failure in failures]
