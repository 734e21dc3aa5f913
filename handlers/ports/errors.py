"""How the world may fail the flows.

PortError                a neighbour did not do what was asked
├── Throttled            too much at once; `retry_after` seconds if it said so
├── Unavailable          did not answer, or answered 5xx; a write may or may not have happened
│   └── Unreadable       answered, but for some of the things that were asked about; `ids` says which
├── NotFound             it knows no such thing, or hides it from us
├── Forbidden            it will not let us (or the person) do that
│   └── TokenRefused     it does not take our own token, whatever was asked for
├── Conflict             the thing is in another state than the call needs
├── Gone                 a posted card can no longer be edited
├── Unreachable          this person or channel cannot be written to
│   └── NotPrivate       Teams takes no message there that only one person sees
├── Unsendable           this can never be sent as it is
└── SignInFailed         a person's token could not be had or did not hold; `trouble` says why
"""

from collections.abc import Sequence
from enum import StrEnum

LONGEST_PAUSE = 900.0
"""Seconds for which a neighbour's word alone keeps us away: whoever files a wipe meanwhile must be heard of."""


class PortError(Exception):
    """A neighbour did not do what was asked. `request_id` is the neighbour's own, for the log and the audit."""

    def __init__(self, message: str, *, request_id: str = "") -> None:
        super().__init__(message)
        self.request_id = request_id


class Throttled(PortError):
    """Too much at once. `retry_after` is in seconds, `None` where the neighbour did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None, request_id: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after = retry_after

    def pause(self, own: float) -> float:
        """How many seconds to wait: as long as was asked for, but not for ever, and never less than our `own` pause,
        which grows from one try to the next. Who is too busy and asks for no wait would else be called without end."""
        return max(own, min(self.retry_after or 0.0, LONGEST_PAUSE))


class Unavailable(PortError):
    """No answer, or a 5xx: a write may or may not have happened."""


class Unreadable(Unavailable):
    """A list was read to its end, but for some of what is in it. `ids` are what these things call themselves."""

    def __init__(self, message: str, *, ids: Sequence[str], request_id: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.ids = tuple(ids)


class NotFound(PortError):
    """No such thing, or hidden from us."""


class Forbidden(PortError):
    """Not allowed, for us or for the person in whose name we asked."""


class TokenRefused(Forbidden):
    """Our own token is not taken. That says nothing about what was asked for, so nothing may be concluded from it."""


class Conflict(PortError):
    """The thing is in another state than the call needs."""


class Gone(PortError):
    """A posted card can no longer be edited: deleted, archived, or the bot was removed."""


class Unreachable(PortError):
    """This person or channel cannot be written to."""


class NotPrivate(Unreachable):
    """Teams takes no message there that only one person sees."""


class Unsendable(PortError):
    """This can never be sent as it is."""


class SignInTrouble(StrEnum):
    """Why a person's token could not be had or did not hold."""

    NO_CONSENT = "no-consent"
    MORE_PROOF = "more-proof"  # multi-factor authentication
    BLOCKED = "blocked"  # Conditional Access
    OTHER_PERSON = "other-person"
    INVALID = "invalid"
    EXPIRED = "expired"


class SignInFailed(PortError):
    """A person's token could not be had. `claims` is what Entra wants proved, to be passed on to the sign-in page."""

    def __init__(self, trouble: SignInTrouble, message: str, *, claims: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble
        self.claims = claims
