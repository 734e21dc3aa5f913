"""What operators have to know and what belongs to no request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self


class Concern(StrEnum):
    """What an incident is about."""

    POLLING = "polling"
    COVERAGE = "coverage"
    BRAKE = "brake"
    STORE = "store"
    AUDIT = "audit"
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident, or with `over` the end of one. The same id is the same incident: planned twice, it is told once.

    The text is for the operations channel and for whoever is told outside of the tenant: no account, no address, and no
    reason that somebody has typed.
    """

    id: str
    concern: Concern
    text: str
    at: datetime
    over: bool = False

    @classmethod
    def at_once(cls, concern: Concern, text: str, now: datetime, *, over: bool = False) -> Self:
        """An incident of this moment; of one concern there is one in a millisecond."""
        name = f"{concern}-over" if over else concern
        return cls(f"{name}-{int(now.timestamp() * 1000)}", concern, text, now, over)

    def __str__(self) -> str:
        """Return the id, by which effects tell one incident from another."""
        return self.id
