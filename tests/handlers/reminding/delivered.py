"""How tests of this room gather and deliver."""

from approvals.effects import Medium, Notice, NotificationKind
from approvals.request import Request
from handlers.reminding.gathering import GATHERED_FOR
from tests.handlers.stage import Stage, script

MINUTES = GATHERED_FOR.total_seconds()


async def gather(
    stage: Stage, medium: Medium, target: str, request: Request, notification: NotificationKind = NotificationKind.WAITS
) -> None:
    """Have this told to somebody."""
    await stage.journeys.gathering.gather(medium, target, Notice(request.id, notification))


async def deliver(stage: Stage, medium: Medium, target: str) -> None:
    """It is time."""
    await stage.journeys.delivering.deliver(medium, target)


async def two(stage: Stage) -> tuple[Request, Request]:
    """Two that wait; whatever was planned for them is done, and a card of each stands in the channel."""
    first = await stage.taken_up()
    stage.clock.advance(seconds=1)
    second = await stage.taken_up(script())
    for request in (first, second):
        await stage.journeys.posting.post(request)
    stage.forget_planned()
    return first, second
