"""One click, with what was gathered for it."""

from dataclasses import dataclass

from approvals.people import Person
from approvals.request import CarryState, Request
from approvals.sighting import Standing
from handlers.clicks import Click


@dataclass(frozen=True, slots=True)
class Scene:
    """A click on the card of a request, by somebody who may read it: the request as it was loaded, and how they
    stand."""

    clicked: Click
    request: Request
    stands: Standing


def is_theirs_to_carry(request: Request, person: Person) -> bool:
    """Return whether the decision waits for this person's own token."""
    carry = request.carry
    return carry is not None and carry.state is CarryState.WANTED and carry.by.is_same_as(person)
