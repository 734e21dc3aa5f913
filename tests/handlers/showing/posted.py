"""Helpers of the showing tests: they post and redraw cards."""

from dataclasses import replace

from approvals.request import Request
from handlers.ports.errors import PortError
from tests.handlers.clicking import words
from tests.handlers.stage import APPROVALS, BOOK, SCRIPTS, Stage

SECOND = "19:second@thread.tacv2"


async def post(stage: Stage, request: Request) -> None:
    """Post a card of the request in every place that has none."""
    await stage.journeys.posting.post(stage.now_of(request))


async def refresh(stage: Stage, request: Request) -> None:
    """Redraw all cards of the request."""
    await stage.journeys.posting.refresh(stage.now_of(request))


def shown(stage: Stage, place: str = APPROVALS) -> list[str]:
    """Return all words of each card in the place."""
    return [words(message.card) for message in stage.chat.cards(place)]


async def fails(error: PortError) -> None:
    """Raise this error."""
    raise error


def in_two_channels() -> Stage:
    """Return a stage on which scripts are shown in two channels."""
    rules = (BOOK.rules[0], replace(BOOK.rules[1], workflow=replace(SCRIPTS, channels=(APPROVALS, SECOND))))
    return Stage(replace(BOOK, rules=rules))
