"""One click, with the facts gathered for it."""

from dataclasses import dataclass

from approvals.request import Request
from approvals.snapshot import Eligibility
from handlers.incoming.clicks import Click


@dataclass(frozen=True, slots=True)
class Scene:
    """A click on the card of a request, by a person who may read it: the request as it was loaded, and their
    standing."""

    clicked: Click
    request: Request
    eligibility: Eligibility
