"""Complete what Intune has approved: send the filed call once more; only then does the operation run."""

from dataclasses import dataclass

import structlog

from approvals import completing
from approvals.brake import holding_up
from approvals.problems import (
    DoneBefore,
    NoAnswer,
    NotCarriedOut,
    NotReadable,
    OtherActor,
    OtherKey,
    Problem,
    TargetGone,
)
from approvals.putting_off import PutOff
from approvals.request import Request
from cards.problems import problem_sentence
from handlers.filing.reserved import is_reserved
from handlers.filing.troubles import put_off
from handlers.intune.looking import Looking
from handlers.intune.own_filings import OwnFilings
from handlers.ports.brakes import Brakes
from handlers.ports.errors import NotFound, PortError, Unavailable
from handlers.ports.orders import FilingRoom, Orders
from handlers.ports.requests import Requests
from handlers.storing.commits import Commits

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Completing:
    """Completes approved orders. Only the application that filed one can; without a `room` none can."""

    requests: Requests
    brakes: Brakes
    orders: Orders
    room: FilingRoom | None
    commits: Commits
    looking: Looking
    own_filings: OwnFilings

    async def complete(self, request_id: str) -> None:
        """Complete it, if somebody other than its author approved it in Intune: look, reserve the one call, make it.

        An order that is known to be stopped is not looked at: each look plans the next try.
        """
        request = await self.requests.load(request_id)
        if request is None or holding_up(await self.brakes.on(), request):
            return
        await self.looking.look(request_id)
        reserved = await self.commits.commit(request_id, completing.start_completing)
        if not is_reserved(reserved):
            return
        problem = await self._complete(reserved.request)
        if isinstance(problem, PutOff):
            log.warning("completing_put_off", request_id=request_id, trouble=problem.trouble)
            await self.commits.commit(request_id, lambda known, now: completing.put_off(known, problem, now))
        elif problem is not None:
            log.error("order_not_completed", request_id=request_id, why=problem_sentence(problem))
            await self.commits.commit(
                request_id, lambda known, now: completing.not_completed(known, problem, now, look=False)
            )

    async def _complete(self, request: Request) -> Problem | PutOff | None:
        """The one call; why it came to nothing, if it did."""
        room, filing = self.room, request.filing
        if room is None or filing is None or room.filer.app_id != filing.app_id:
            return OtherActor()
        try:
            call = room.vault.open(request.id, filing.sealed_call)
        except ValueError:
            return OtherKey()
        try:
            await self.orders.plan(filing.order)  # a target that cannot be found may not be what was decided on
            if await self.own_filings.was_done(filing.order, filing.held_at or filing.since):
                return DoneBefore()
        except NotFound as error:
            return put_off(error, TargetGone())
        except PortError as error:
            return put_off(error, NotReadable(str(error)))
        try:
            answer = await room.filer.complete(call, request.intune_id or "")
        except Unavailable:
            await self.commits.commit(
                request.id, lambda known, now: completing.not_completed(known, NoAnswer("completing"), now, look=True)
            )
            return None
        except PortError as error:
            return put_off(error, NotCarriedOut(str(error)))
        await self.commits.commit(request.id, lambda known, now: completing.completed(known, answer, now))
        log.info("order_completed", request_id=request.id, graph_request=answer)
        return None
