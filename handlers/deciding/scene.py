"""One click, with what was gathered for it."""

from dataclasses import dataclass

from approvals.request import Request
from approvals.sighting import Standing
from handlers.incoming.clicks import Click


@dataclass(frozen=True, slots=True)
class Scene:
    """A click on the card of a request, by somebody who may read it: the request as it was loaded, and how they
    stand."""

    clicked: Click
    request: Request
    stands: Standing
