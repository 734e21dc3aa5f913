"""Errors that a neighbouring system may cause.

PortError                a neighbour did not do what was asked
├── Throttled            too many calls; `retry_after` seconds if it said so
├── Unavailable          no answer, or a 5xx; a write may or may not have happened
│   └── Unreadable       a list was read, except for some items; `ids` says which
├── NotFound             no such thing, or hidden from us
├── Forbidden            not allowed, for us or for the person
│   └── TokenRefused     our own token is not accepted, whatever was asked for
├── Conflict             the object is in another state than the call needs
├── Gone                 a posted card can no longer be edited
├── Unreachable          this person or channel cannot be written to
│   └── NotPrivate       Teams accepts no message there that only one person sees
├── Unsendable           this can never be sent as it is
└── SignInFailed         a person's token could not be obtained or was not valid; `trouble` says why
"""

from collections.abc import Sequence
from enum import StrEnum

LONGEST_PAUSE = 900.0
"""Longest pause in seconds that a neighbour can impose: a wipe filed meanwhile must still be noticed."""


class PortError(Exception):
    """A neighbour did not do what was asked. `request_id` is the neighbour's own, for the log and the audit."""

    def __init__(self, message: str, *, request_id: str = "") -> None:
        super().__init__(message)
        self.request_id = request_id


class Throttled(PortError):
    """Too many calls. `retry_after` is in seconds, `None` if the neighbour did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None, request_id: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after = retry_after

    def pause(self, own: float) -> float:
        """Return how many seconds to wait: what was asked for, at most `LONGEST_PAUSE`, and at least our `own` pause,
        which grows with each try. Otherwise a busy neighbour that asks for no wait would be called without end."""
        return max(own, min(self.retry_after or 0.0, LONGEST_PAUSE))


class Unavailable(PortError):
    """No answer, or a 5xx: a write may or may not have happened."""


class Unreadable(Unavailable):
    """A list was read to its end, except for some of its items. `ids` are the ids of these items."""

    def __init__(self, message: str, *, ids: Sequence[str], request_id: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.ids = tuple(ids)


class NotFound(PortError):
    """No such thing, or hidden from us."""


class Forbidden(PortError):
    """Not allowed, for us or for the person in whose name we asked."""


class TokenRefused(Forbidden):
    """Our own token is not accepted. That says nothing about what was asked for, so nothing may be concluded from
    it."""


class Conflict(PortError):
    """The object is in another state than the call needs."""


class Gone(PortError):
    """A posted card can no longer be edited: deleted, archived, or the bot was removed."""


class Unreachable(PortError):
    """This person or channel cannot be written to."""


class NotPrivate(Unreachable):
    """Teams accepts no message there that only one person sees."""


class Unsendable(PortError):
    """This can never be sent as it is."""


class SignInTrouble(StrEnum):
    """Reason why a person's token could not be obtained or was not valid."""

    NO_CONSENT = "no-consent"
    MORE_PROOF = "more-proof"  # multi-factor authentication
    BLOCKED = "blocked"  # Conditional Access
    OTHER_PERSON = "other-person"
    INVALID = "invalid"
    EXPIRED = "expired"


class SignInFailed(PortError):
    """A person's token could not be obtained. `claims` is what Entra wants proved, to be passed on to the sign-in
    page."""

    def __init__(self, trouble: SignInTrouble, message: str, *, claims: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble
        self.claims = claims
