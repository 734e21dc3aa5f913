"""Meaning of a neighbour's failure for a decision on its way to Intune."""

from collections.abc import Sequence
from typing import assert_never

from approvals import problems as why
from approvals.problems import Problem
from cards.problems import problem_sentence
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, SignInFailed, SignInTrouble, Throttled

_MEANS: Sequence[tuple[type[PortError], Problem]] = (
    (Forbidden, why.NotCounted()),
    (Conflict, why.ChangedMeanwhile()),
    (NotFound, why.NotShown()),
    (Throttled, why.Busy()),
)
"""Every other failure counts as no answer."""


def problem_of(error: PortError) -> Problem:
    """Return why a decision did not reach Intune."""
    if isinstance(error, SignInFailed):
        return _sign_in_trouble(error.trouble)
    return next((means for kind, means in _MEANS if isinstance(error, kind)), why.NoAnswer("decision"))


def sign_in_problem(error: PortError) -> Problem:
    """Return why there is no token to go on with."""
    return problem_of(error) if isinstance(error, SignInFailed) else why.EntraAway()


def why_not_signed_in(error: PortError) -> str:
    """Return the same as a sentence for the person, with what to do next."""
    return problem_sentence(sign_in_problem(error))


def _sign_in_trouble(trouble: SignInTrouble) -> Problem:
    match trouble:
        case SignInTrouble.NO_CONSENT:
            return why.NoConsent()
        case SignInTrouble.MORE_PROOF:
            return why.MoreProof()
        case SignInTrouble.BLOCKED:
            return why.SignInBlocked()
        case SignInTrouble.OTHER_PERSON:
            return why.OtherPerson()
        case SignInTrouble.INVALID:
            return why.SignInInvalid()
        case SignInTrouble.EXPIRED:
            return why.SignInExpired()
        case _:
            assert_never(trouble)
