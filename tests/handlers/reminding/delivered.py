"""Helpers of the reminding tests: they gather and deliver notices."""

from approvals.effects import Medium, Notice, NotificationKind
from approvals.request import Request
from handlers.reminding.gathering import GATHERED_FOR
from tests.handlers.stage import Stage, script

MINUTES = GATHERED_FOR.total_seconds()


async def gather(
    stage: Stage, medium: Medium, target: str, request: Request, notification: NotificationKind = NotificationKind.WAITS
) -> None:
    """Gather a notice of this request."""
    await stage.journeys.gathering.gather(medium, target, Notice(request.id, notification))


async def deliver(stage: Stage, medium: Medium, target: str) -> None:
    """Deliver the gathered notices."""
    await stage.journeys.delivering.deliver(medium, target)


async def two(stage: Stage) -> tuple[Request, Request]:
    """Return two waiting requests with a card each in the channel and without planned effects."""
    first = await stage.taken_up()
    stage.clock.advance(seconds=1)
    second = await stage.taken_up(script())
    for request in (first, second):
        await stage.journeys.posting.post(request)
    stage.forget_planned()
    return first, second
