"""What was asked for in chat, on its way through Intune: filed when it is approved here, completed when it is there."""

from dataclasses import dataclass

import structlog

from approvals import asking, completing
from approvals import filing as rules
from approvals.effects import File
from approvals.request import Request
from handlers.commits import Commits, Committed, Rule
from handlers.filing.obstacles import Obstacles
from handlers.intune.looking import Looking
from handlers.intune.own_filings import OwnFilings
from handlers.ports.clock import Clock
from handlers.ports.errors import Conflict, PortError, Throttled, Unavailable
from handlers.ports.orders import Call, FilingRoom, Orders
from handlers.ports.requests import Requests, Stored

log = structlog.get_logger(__name__)


NO_FILING = "Countersign is not set up any more to file anything in Intune. An operator has to look at it."


def _refused(problem: str, error: PortError | None = None) -> Rule:
    answer_id = error.request_id if error else ""
    return lambda known, now: rules.not_filed(known, problem, now, answer_id)


def _held(found: rules.Found, answer_id: str) -> Rule:
    return lambda known, now: rules.held(known, found, now, answer_id)


def _ran(answer_id: str) -> Rule:
    return lambda known, now: rules.ran_unheld(known, answer_id, now)


def is_claimed(claimed: Committed) -> bool:
    if claimed.stored is Stored.BRAKED:
        log.warning("braked", request_id=claimed.request.id, why=claimed.notice)
    return claimed.stored is Stored.SAVED and claimed.outcome.refusal is None


@dataclass(frozen=True, slots=True)
class FilingOrders:
    """Files an approved order in Intune."""

    clock: Clock
    requests: Requests
    orders: Orders
    room: FilingRoom | None
    commits: Commits
    looking: Looking
    own_filings: OwnFilings
    obstacles: Obstacles

    async def file_by_itself(self, request: Request) -> None:
        """File it, as `file` does, unless a person has to say first that it is wanted."""
        if not rules.is_held_back(request):
            await self.file(request.id)

    async def file(self, request_id: str) -> str:
        """File it, if it is approved and was not filed: search Intune for it, read everything again, claim the one
        call, make it. Returns the sentence of the brake that stopped it, if one did."""
        request = await self.requests.load(request_id)
        if request is None or not isinstance(completing.next_call(request, await self.clock.now()), File):
            return ""
        room, filing = self.room, request.filing
        if room is None or filing is None:
            await self.commits.commit(request_id, lambda known, now: rules.not_filed(known, NO_FILING, now))
            return ""
        if await self.own_filings.find(request) is not None:
            await self.looking.look(request_id)  # it was filed before, and the store has forgotten that
            return ""
        problem = await self.obstacles.why_not_now(request, filing.order)
        if problem:
            await self.commits.commit(request_id, lambda known, now: rules.not_filed(known, problem, now))
            return ""
        call = await self.orders.call_for(filing.order)
        sealed = room.vault.seal(request_id, call)
        claimed = await self.commits.commit(
            request_id, lambda known, now: rules.start_filing(known, sealed, room.filer.app_id, now)
        )
        if is_claimed(claimed):
            await self._file(room, claimed.request, call, sealed)
        return claimed.notice if claimed.stored is Stored.BRAKED else ""

    async def _file(self, room: FilingRoom, request: Request, call: Call, sealed: str) -> None:
        """The one call. Whatever comes of it is stored, also where the store has lost the claim meanwhile; only silence
        is looked into."""
        try:
            reason = asking.native_justification(request, room.vault.proof(request.id))
            taken = await room.filer.file(call, reason)
        except Conflict:
            outcome = _refused(await self.obstacles.what_is_open(request))
        except Throttled as error:
            outcome = _refused("Intune is too busy right now. An approver can press Finish in a minute.", error)
        except Unavailable:
            outcome = rules.unanswered
        except PortError as error:
            log.error("order_not_filed", request_id=request.id, error=str(error), neighbour_request=error.request_id)
            outcome = _refused(f"Intune did not take it: {error}.", error)
        else:
            held = rules.Found(taken.intune_id, room.filer.app_id, sealed)
            outcome = _held(held, taken.answer_id) if taken.intune_id else _ran(taken.answer_id)
            log.info("order_filed", request_id=request.id, intune_id=taken.intune_id, graph_request=taken.answer_id)
        await self.commits.commit(request.id, outcome)
