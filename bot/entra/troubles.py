"""Translates Entra's refusals into reasons for the person who signs in."""

import structlog

from bot.entra.msal_client import TokenAnswer
from handlers.ports.errors import PortError, SignInFailed, SignInTrouble, Unavailable

_BLOCKED = frozenset({53000, 53001, 53002, 53003, 530002, 530003})
"""Conditional Access, or no assignment to the application: signing in again does not help."""

_NO_CONSENT = frozenset({65001, 65004, 90094, 90095, 50105})
"""Consent is missing, the person declined, or an administrator has to consent or to assign the application."""

_MORE_PROOF = frozenset({50072, 50074, 50076, 50078, 50079, 50158})
"""A second factor has to be shown, shown again, or registered."""

_EXPIRED = frozenset({50173, 70043, 70044, 54005, 500133})
"""What we sent is too old, used up, or revoked."""

_TROUBLES = (
    (_BLOCKED, SignInTrouble.BLOCKED),
    (_NO_CONSENT, SignInTrouble.NO_CONSENT),
    (_MORE_PROOF, SignInTrouble.MORE_PROOF),
    (_EXPIRED, SignInTrouble.EXPIRED),
)

# Entra's numbers are listed at "Microsoft Entra authentication and authorization error codes".
_NOT_NOW = frozenset({"temporarily_unavailable", "server_error"})

log = structlog.get_logger(__name__)


def trouble_of(answer: TokenAnswer) -> PortError:
    """Return the refusal of a token request as a port error; it never contains the person's token."""
    log.warning("sign_in_refused", error=answer.error, suberror=answer.suberror, codes=answer.error_codes)
    what = f"Entra refused: {answer.error} {', '.join(f'AADSTS{code}' for code in answer.error_codes)}".rstrip()
    if answer.error in _NOT_NOW:
        return Unavailable(what)
    return SignInFailed(_kind(answer), what, claims=answer.claims)


def _kind(answer: TokenAnswer) -> SignInTrouble:
    for codes, trouble in _TROUBLES:
        if codes.intersection(answer.error_codes):
            return trouble
    if answer.suberror == "consent_required" or answer.error == "consent_required":
        return SignInTrouble.NO_CONSENT
    if answer.claims or answer.error == "interaction_required":
        return SignInTrouble.MORE_PROOF
    return SignInTrouble.INVALID
