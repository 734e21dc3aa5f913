"""What becomes of a brake, besides that it is pulled: told to whoever moved it, and to the operations channel."""

from dataclasses import dataclass
from typing import Literal

from approvals.brake import Brake


@dataclass(frozen=True, slots=True)
class StaysPaused:
    """It was paused already; this one wants it to stay so, and nobody is counted any more who wants it lifted."""

    by: str
    why: str
    code: Literal["stays-paused"] = "stays-paused"


@dataclass(frozen=True, slots=True)
class OneMore:
    """This one wants it lifted, and it takes one more person."""

    by: str
    code: Literal["one-more"] = "one-more"


@dataclass(frozen=True, slots=True)
class Lifted:
    """The brake is off, by these people."""

    brake: Brake
    by: tuple[str, ...]
    code: Literal["lifted"] = "lifted"


@dataclass(frozen=True, slots=True)
class LedgerAccepted:
    """The ledger of the emergency process is taken as it is, by this operator."""

    by: str
    why: str
    code: Literal["ledger-accepted"] = "ledger-accepted"


BrakeNews = StaysPaused | OneMore | Lifted | LedgerAccepted
"""People stand here by the names of that day."""
