"""Urgent messages for operators that belong to no request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self


class Concern(StrEnum):
    """The topic of an incident."""

    POLLING = "polling"
    COVERAGE = "coverage"
    BRAKE = "brake"
    STORE = "store"
    AUDIT = "audit"
    CARDS = "cards"
    ACCESS_POLICIES = "access-policies"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident, or with `over` its end. The id identifies the incident: planned twice, it is reported once.

    The text is for the operations channel and for recipients outside the tenant: it contains no account, no address,
    and no reason that a person typed.
    """

    id: str
    concern: Concern
    text: str
    at: datetime
    over: bool = False

    @classmethod
    def at_once(cls, concern: Concern, text: str, now: datetime, *, over: bool = False) -> Self:
        """Return an incident of this moment; there is at most one for each concern and millisecond."""
        name = f"{concern}-over" if over else concern
        return cls(f"{name}-{int(now.timestamp() * 1000)}", concern, text, now, over)

    def __str__(self) -> str:
        """Return the id, which distinguishes incidents in effects."""
        return self.id
