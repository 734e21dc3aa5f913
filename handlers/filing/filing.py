"""File an approved order in Intune: one call, and never a second one without a search."""

from dataclasses import dataclass

import structlog

from approvals import asking, completing
from approvals import filing as rules
from approvals.effects import File
from approvals.order import Order
from approvals.problems import NotSetUp, NotTaken, Problem, TargetGone
from approvals.putting_off import PutOff
from approvals.request import Request
from handlers.filing.obstacles import Obstacles
from handlers.filing.reserved import is_reserved
from handlers.filing.troubles import put_off
from handlers.intune.calls import Calls, Made
from handlers.intune.looking import Looking
from handlers.ports.errors import Conflict, NotFound, PortError, Unavailable
from handlers.ports.orders import FilingRoom
from handlers.ports.requests import Stored
from handlers.storing.commits import Commits, RequestRule

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FilingOrders:
    """Files approved orders. Without a `room` nothing can be filed, and the card says so."""

    room: FilingRoom | None
    commits: Commits
    looking: Looking
    obstacles: Obstacles
    calls: Calls

    async def file_by_itself(self, request: Request) -> None:
        """File it, as `file` does, unless a person has to say first that it is wanted."""
        if not rules.is_held_back(request):
            await self.file(request.id)

    async def file(self, request_id: str) -> str:
        """File it, if it is approved and was not filed: search Intune for it, read everything again, reserve the one
        call, make it. Return the sentence of the brake that stopped it, if one did."""
        request, now = await self.commits.read(request_id)
        if request is None or request.filing is None or not isinstance(completing.next_call(request, now), File):
            return ""
        if self.room is None:
            await self.commits.commit(request_id, _refused(NotSetUp()))
            return ""
        if await self.looking.finds(request):
            return ""
        if (problem := await self._why_not_now(request, request.filing.order)) is not None:
            await self.commits.commit(request_id, _refused(problem))
            return ""
        made = await self.calls.make(self.room, request_id, request.filing.order)
        app_id = self.room.filer.app_id
        reserved = await self.commits.commit(
            request_id, lambda known, now: rules.start_filing(known, made.sealed, app_id, now)
        )
        if is_reserved(reserved):
            await self._file(self.room, reserved.request, made)
        return reserved.notice if reserved.stored is Stored.BRAKED else ""

    async def _why_not_now(self, request: Request, order: Order) -> Problem | PutOff | None:
        try:
            return await self.obstacles.why_not_now(request, order)
        except NotFound as error:  # any other failure is tried again by whoever called
            return put_off(error, TargetGone())

    async def _file(self, room: FilingRoom, request: Request, made: Made) -> None:
        """Make the one call. Its result is stored even if the store has lost the reservation meanwhile; only a missing
        answer is investigated."""
        try:
            reason = asking.native_justification(request, room.vault.proof(request.id))
            taken = await room.filer.file(made.call, reason)
        except Conflict:
            outcome = _refused(await self.obstacles.what_is_open(request))
        except Unavailable:
            outcome = rules.unanswered
        except PortError as error:
            log.error("order_not_filed", request_id=request.id, error=str(error), neighbour_request=error.request_id)
            outcome = _refused(put_off(error, NotTaken(str(error))), error)
        else:
            held = rules.Found(taken.intune_id, room.filer.app_id, made.sealed)
            outcome = _held(held, taken.answer_id) if taken.intune_id else _ran(taken.answer_id)
            log.info("order_filed", request_id=request.id, intune_id=taken.intune_id, graph_request=taken.answer_id)
        await self.commits.commit(request.id, outcome)


def _refused(problem: Problem | PutOff, error: PortError | None = None) -> RequestRule:
    answer_id = error.request_id if error else ""
    if isinstance(problem, PutOff):
        return lambda known, now: rules.put_off(known, problem, now)
    return lambda known, now: rules.not_filed(known, problem, now, answer_id)


def _held(found: rules.Found, answer_id: str) -> RequestRule:
    return lambda known, now: rules.held(known, found, now, answer_id)


def _ran(answer_id: str) -> RequestRule:
    return lambda known, now: rules.ran_unheld(known, answer_id, now)
