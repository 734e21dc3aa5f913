"""End an order that is no longer wanted, or that came too late."""

from dataclasses import dataclass

import structlog

from approvals import asking
from approvals import filing as rules
from approvals.order import FilingState
from approvals.request import IntuneStatus, Request
from handlers.intune.looking import Looking
from handlers.ports.errors import Conflict, NotFound
from handlers.ports.orders import FilingRoom
from handlers.storing.commits import Commits

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Dropping:
    """Ends orders. Without a `room` nothing can be cancelled in Intune."""

    room: FilingRoom | None
    commits: Commits
    looking: Looking

    async def take_back(self, request: Request) -> None:
        """Cancel in Intune an order that was dropped here, unless Intune has ended it already."""
        dropped = request.filing is not None and request.filing.state is FilingState.DROPPED
        if self.room is None or not dropped or request.intune_status is not IntuneStatus.NEEDS_APPROVAL:
            return
        try:
            await self.room.filer.cancel(request.intune_id or "")
        except (Conflict, NotFound) as error:
            log.info("nothing_to_take_back", request_id=request.id, error=str(error))
        else:
            await self.commits.commit(request.id, rules.taken_back)
        await self.looking.look(request.id)

    async def give_up(self, request: Request) -> None:
        """Drop an order that could not be filed in time."""
        await self.commits.commit(request.id, asking.give_up)
