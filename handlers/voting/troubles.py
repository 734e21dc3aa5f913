"""What a neighbour's failure means for a decision on its way to Intune."""

from collections.abc import Mapping

from approvals import problems as why
from approvals.problems import Problem
from cards.problems import problem_sentence
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, SignInFailed, SignInTrouble, Throttled

_SIGN_IN: Mapping[SignInTrouble, Problem] = {
    SignInTrouble.NO_CONSENT: why.NoConsent(),
    SignInTrouble.MORE_PROOF: why.MoreProof(),
    SignInTrouble.BLOCKED: why.SignInBlocked(),
    SignInTrouble.OTHER_PERSON: why.OtherPerson(),
    SignInTrouble.INVALID: why.SignInInvalid(),
    SignInTrouble.EXPIRED: why.SignInExpired(),
}


def problem_of(error: PortError) -> Problem:
    """Why a decision did not reach Intune."""
    match error:
        case SignInFailed():
            return _SIGN_IN[error.trouble]
        case Forbidden():
            return why.NotCounted()
        case Conflict():
            return why.ChangedMeanwhile()
        case NotFound():
            return why.NotShown()
        case Throttled():
            return why.Busy("decision")
        case _:
            return why.NoAnswer("decision")


def sign_in_problem(error: PortError) -> Problem:
    """Why there is no token to go on with."""
    return problem_of(error) if isinstance(error, SignInFailed) else why.EntraAway()


def why_not_signed_in(error: PortError) -> str:
    """The same as a person reads it, with what to do next."""
    return problem_sentence(sign_in_problem(error))
