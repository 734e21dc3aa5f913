"""Helpers of the showing tests: they read posted cards and click on stray ones."""

from typing import Any

from approvals.request import Request
from cards.actions import Verb
from handlers.ports.copies import PostedCard
from handlers.showing.attempts import Attempts
from tests.approvals.builders import ALEX
from tests.handlers.clicking import click
from tests.handlers.stage import APPROVALS, Stage

HERE = f"{APPROVALS};messageid=7"


async def copies(stage: Stage, request: Request) -> list[PostedCard]:
    """Return the known cards of the request."""
    return list(await stage.store.copies.of(request.id))


async def clicks(attempts: Attempts, request: Request, copy: PostedCard, **changes: Any) -> None:
    """Click on a card that names this attempt, in thread 7 of the channel."""
    usual: dict[str, Any] = {"attempt": copy.attempt, "conversation": HERE, "message_id": "7"}
    await attempts.adopt(request, click(ALEX, Verb.REFRESH, request, **(usual | changes)))
