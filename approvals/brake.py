"""Brakes: what stops every call that changes something in Intune, or the filing of one type, until it is released."""

from dataclasses import dataclass
from datetime import datetime

from approvals.people import Person
from approvals.request import Request

PAUSE = "*"
"""The name of the brake that stops everything. Every other brake is called like the policy type that it stops."""


@dataclass(frozen=True, slots=True)
class Brake:
    """A brake that is on: who pulled it (nobody for one that pulled itself), when, and why.

    `released_by` holds who wants it off again; the pause takes two.
    """

    name: str
    by: Person | None
    why: str
    at: datetime
    released_by: tuple[Person, ...] = ()

    @property
    def sentence(self) -> str:
        """Why something is not done now, and what would change that."""
        if self.name == PAUSE:
            who = self.by.name if self.by else "an operator"
            return (
                f"Paused by {who}: {self.why} Nothing is sent to Intune until two approvers write /resume. "
                "Votes are counted all the same."
            )
        return (
            f"Nothing of the type {self.name} is filed, because {self.why}. "
            "An operator has to look at it and unlock it."
        )

    @property
    def releases_needed(self) -> int:
        """How many people have to want it off."""
        return 2 if self.name == PAUSE else 1


def filing_brakes(request: Request) -> tuple[str, ...]:
    """The brakes that stop this request from being filed."""
    return (PAUSE, *(name.casefold() for name in request.subject.policy_types))


def lock_for(request: Request, now: datetime) -> tuple[Brake, ...]:
    """One brake for each of the request's types: something of it ran that should have been held."""
    why = f"request {request.id} ran without being held for a second person"
    return tuple(Brake(name, None, why, now) for name in filing_brakes(request)[1:])
