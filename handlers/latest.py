"""Showing the present: what was drawn while somebody moved the request is drawn again, so nothing older stands."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from approvals.effects import Planned, RefreshCards
from approvals.request import Request
from handlers.desk import Desk
from handlers.ports.errors import PortError

MOST_DRAWINGS = 3
"""Every further one means that the request was moved while it was drawn; then the outbox goes on."""

LANDED = timedelta(seconds=10)
"""By then an edit whose answer was lost has reached Teams, or never will."""

T = TypeVar("T")


async def shown(desk: Desk, request: Request, show: Callable[[Request], Awaitable[T]]) -> T:
    """Show the request, and again as it is by then, as long as somebody moves it meanwhile.

    Replicas do not know of each other's edits, and Teams keeps the one that arrives last. So whoever has shown
    something looks again: the last one to look has shown the present. At the bound the outbox redraws every copy.
    """
    for _ in range(MOST_DRAWINGS):
        try:
            seen = await show(request)
        except PortError:
            # The effect that failed here may have been done by another replica meanwhile, and is not tried again then.
            if await _moved(desk, request):
                await _redraw(desk, request, LANDED)
            raise
        latest = await _moved(desk, request)
        if latest is None:
            return seen
        request = latest
    await _redraw(desk, request)
    return seen


async def _moved(desk: Desk, request: Request) -> Request | None:
    """Return the request as it is now, if it is another one than this."""
    latest = await desk.requests.load(request.id)
    return latest if latest is not None and latest.revision != request.revision else None


async def _redraw(desk: Desk, request: Request, after: timedelta = timedelta()) -> None:
    await desk.outbox.plan([Planned(RefreshCards(request.id))], await desk.clock.now() + after)
