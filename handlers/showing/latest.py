"""Show the latest state: draw again if the request changed while it was drawn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from approvals.effects import Planned, RefreshCards
from approvals.request import Request
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError
from handlers.ports.outbox import Outbox
from handlers.ports.requests import Requests

MOST_DRAWINGS = 3
"""Every further one means that the request changed while it was drawn; then the outbox goes on."""


LANDED = timedelta(seconds=10)
"""After this time an edit whose answer was lost has reached Teams, or never will."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Latest:
    """Shows the latest state of a request."""

    clock: Clock
    requests: Requests
    outbox: Outbox

    async def shown(self, request: Request, show: Callable[[Request], Awaitable[T]]) -> T:
        """Show the request, and show it again as long as it changes meanwhile.

        Replicas do not know of each other's edits, and Teams keeps the one that arrives last. So each one checks again
        after showing: the last one to check has shown the present state. At the limit the outbox redraws every copy.
        """
        for _ in range(MOST_DRAWINGS):
            try:
                seen = await show(request)
            except PortError:
                # Another replica may have carried out the effect that failed here meanwhile; then it is not tried
                # again.
                if await self._moved(request):
                    await self._redraw(request, LANDED)
                raise
            latest = await self._moved(request)
            if latest is None:
                return seen
            request = latest
        await self._redraw(request)
        return seen

    async def _moved(self, request: Request) -> Request | None:
        """Return the request as it is now, if it has changed."""
        latest = await self.requests.load(request.id)
        return latest if latest is not None and latest.revision != request.revision else None

    async def _redraw(self, request: Request, after: timedelta = timedelta()) -> None:
        await self.outbox.plan([Planned(RefreshCards(request.id))], await self.clock.now() + after)
