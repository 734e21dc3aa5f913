"""Why the rules did something: each cause with what it is about. Which words a person reads is not decided here.

People stand here by account and name of that day, so that two of one name are two, and what is learned later of a
person's other accounts makes no other cause.
"""

from dataclasses import dataclass
from typing import Literal

# --- what is reviewed ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrokeGlass:
    """Somebody broke the glass; `custodian` is who says that they are behind a shared account."""

    account: str
    name: str
    justification: str
    custodian: str = ""
    code: Literal["broke-glass"] = "broke-glass"


@dataclass(frozen=True, slots=True)
class InIntune:
    """An emergency account asked for this in Intune itself, or decided it there."""

    account: str
    name: str
    did: Literal["asked", "decided"]
    code: Literal["in-intune"] = "in-intune"


@dataclass(frozen=True, slots=True)
class PastRequests:
    """An emergency account did this in Intune itself, past every request."""

    account: str
    name: str
    code: Literal["past-requests"] = "past-requests"


@dataclass(frozen=True, slots=True)
class OpenedByOperator:
    """An operator knows of it, and says this."""

    said: str
    code: Literal["opened-by-operator"] = "opened-by-operator"


ReviewCause = BrokeGlass | InIntune | PastRequests | OpenedByOperator
"""Why a review is opened."""


@dataclass(frozen=True, slots=True)
class UnderReview:
    """Everything that the open review is about."""

    causes: tuple[ReviewCause, ...]
    code: Literal["under-review"] = "under-review"


Cause = ReviewCause | UnderReview
"""Every cause that the audit keeps."""
