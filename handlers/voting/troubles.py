"""What a neighbour's failure means to a person, and what to do next: one sentence each, fit for a card."""

from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, SignInFailed, SignInTrouble, Throttled

_SIGN_IN = {
    SignInTrouble.NO_CONSENT: (
        "Nobody has consented yet that Countersign may approve in your name. Ask an administrator to grant it, "
        "or decide in Intune."
    ),
    SignInTrouble.MORE_PROOF: "Entra wants more proof that it is you. Sign in with the button, then it goes on.",
    SignInTrouble.BLOCKED: "Conditional Access does not let you sign in from here. Use a permitted device, or Intune.",
    SignInTrouble.OTHER_PERSON: "You signed in with another account than you clicked with. Please use the same one.",
    SignInTrouble.INVALID: "Your sign-in could not be checked. Please try again.",
    SignInTrouble.EXPIRED: "Your sign-in has expired. Please try again.",
}

_ENTRA_IS_AWAY = "Microsoft Entra does not answer, so Intune has not been told anything. Please try again in a minute."


def sentence_for(error: PortError) -> str:
    """Why a decision did not reach Intune, and what to do next."""
    if isinstance(error, SignInFailed):
        return _SIGN_IN[error.trouble]
    if isinstance(error, Forbidden):
        return (
            "Intune refused: it does not count this person as an approver. They need to be a direct member of the "
            "access policy's approver group, that group needs an Intune role, and it must not be their own request."
        )
    if isinstance(error, Conflict):
        return "The request has changed in Intune in the meantime; its present state is shown as soon as it is read."
    if isinstance(error, NotFound):
        return "Intune does not show this request any more."
    if isinstance(error, Throttled):
        return "Intune is too busy right now. Please finish it in a minute."
    return (
        "Intune did not answer. It may have taken the decision all the same; the card follows as soon as that is known."
    )


def why_not_signed_in(error: PortError) -> str:
    """Why there is no token to go on with."""
    return sentence_for(error) if isinstance(error, SignInFailed) else _ENTRA_IS_AWAY
