"""Completing what Intune has approved: the filed call is sent once more, and only then does it happen."""

from dataclasses import dataclass

import structlog

from approvals import completing
from approvals.brake import holding_up
from approvals.request import Request
from handlers.commits import Commits
from handlers.filing.claims import is_claimed
from handlers.filing.obstacles import GONE
from handlers.intune.looking import Looking
from handlers.ports.brakes import Brakes
from handlers.ports.errors import NotFound, PortError, Unavailable
from handlers.ports.orders import FilingRoom, Orders
from handlers.ports.requests import Requests

NO_ANSWER = "Intune did not answer. What it did is looked up."
OTHER_KEY = "The stored call cannot be read: the filing key was changed. It has to be asked for again."
OTHER_ACTOR = "Another application filed this, and only that one can complete it. An operator has to bring it back."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Completing:
    """Completes approved orders. Only the application that filed one can; without a `room` there is none."""

    requests: Requests
    brakes: Brakes
    orders: Orders
    room: FilingRoom | None
    commits: Commits
    looking: Looking

    async def complete(self, request_id: str) -> None:
        """Complete it, if Intune approved it by somebody else than the one who asked: look, claim the one call, make
        it.

        What is known to be stopped is not looked at: each look at it plans the next try.
        """
        request = await self.requests.load(request_id)
        if request is None or holding_up(await self.brakes.on(), request):
            return
        await self.looking.look(request_id)
        claimed = await self.commits.commit(request_id, completing.start_completing)
        if not is_claimed(claimed):
            return
        problem = await self._complete(claimed.request)
        if problem:
            log.error("order_not_completed", request_id=request_id, why=problem)
            await self.commits.commit(
                request_id, lambda known, now: completing.not_completed(known, problem, now, look=False)
            )

    async def _complete(self, request: Request) -> str:
        """The one call; why it came to nothing, if it did."""
        room, filing = self.room, request.filing
        if room is None or filing is None or room.filer.app_id != filing.app_id:
            return OTHER_ACTOR
        try:
            call = room.vault.open(request.id, filing.sealed_call)
        except ValueError:
            return OTHER_KEY
        try:
            await self.orders.plan(filing.order)  # what is not found now is not known to be what was decided on
        except NotFound:
            return GONE
        except PortError as error:
            return f"What this is about cannot be read: {error}."
        try:
            answer = await room.filer.complete(call, request.intune_id or "")
        except Unavailable:
            await self.commits.commit(
                request.id, lambda known, now: completing.not_completed(known, NO_ANSWER, now, look=True)
            )
            return ""
        except PortError as error:
            return f"Intune did not carry it out: {error}."
        await self.commits.commit(request.id, lambda known, now: completing.completed(known, answer, now))
        log.info("order_completed", request_id=request.id, graph_request=answer)
        return ""
