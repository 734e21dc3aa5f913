"""How tests of this room post and redraw."""

from dataclasses import replace

from approvals.request import Request
from handlers.ports.errors import PortError
from tests.handlers.clicking import words
from tests.handlers.stage import APPROVALS, BOOK, SCRIPTS, Stage

SECOND = "19:second@thread.tacv2"


async def post(stage: Stage, request: Request) -> None:
    """Where no card of it stands yet."""
    await stage.journeys.posting.post(stage.now_of(request))


async def refresh(stage: Stage, request: Request) -> None:
    """All of its cards."""
    await stage.journeys.posting.refresh(stage.now_of(request))


def shown(stage: Stage, place: str = APPROVALS) -> list[str]:
    """Every word of each card that stands in a place."""
    return [words(message.card) for message in stage.chat.cards(place)]


async def fails(error: PortError) -> None:
    """Goes wrong in this way."""
    raise error


def in_two_channels() -> Stage:
    """Scripts are shown in two channels."""
    rules = (BOOK.rules[0], replace(BOOK.rules[1], workflow=replace(SCRIPTS, channels=(APPROVALS, SECOND))))
    return Stage(replace(BOOK, rules=rules))
