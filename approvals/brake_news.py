"""News about a brake after it was pulled: for the person who moved it, and for the operations channel."""

from dataclasses import dataclass
from typing import Literal

from approvals.brake import Brake


@dataclass(frozen=True, slots=True)
class StaysPaused:
    """A second pause: requests to lift the first one no longer count."""

    by: str
    why: str
    code: Literal["stays-paused"] = "stays-paused"


@dataclass(frozen=True, slots=True)
class OneMore:
    """This person wants it lifted; one more person is needed."""

    by: str
    code: Literal["one-more"] = "one-more"


@dataclass(frozen=True, slots=True)
class Lifted:
    """The brake is off; these people lifted it."""

    brake: Brake
    by: tuple[str, ...]
    code: Literal["lifted"] = "lifted"


@dataclass(frozen=True, slots=True)
class LedgerAccepted:
    """This operator has accepted the ledger of the emergency process as it is."""

    by: str
    why: str
    code: Literal["ledger-accepted"] = "ledger-accepted"


BrakeNews = StaysPaused | OneMore | Lifted | LedgerAccepted
"""News about a brake. People are given by their names at that time."""
