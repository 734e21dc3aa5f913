"""Take in one row of Intune's list: ours or somebody else's, known or new."""

from dataclasses import dataclass

import structlog

from handlers.gathering.snapshots import Snapshots
from handlers.intune.away import Away
from handlers.intune.following import Following
from handlers.intune.own_filings import OwnFilings
from handlers.ports.continuity import Continuity
from handlers.ports.errors import Conflict, PortError
from handlers.ports.intune import Row
from handlers.ports.requests import Requests

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doubting:
    """Detects what the store should know from Intune's list and does not."""

    requests: Requests
    own_filings: OwnFilings
    continuity: Continuity

    async def doubt_over(self, row: Row) -> None:
        """Put the store in doubt if it does not know a request that we filed."""
        request_id = self.own_filings.filed_for(row)
        if request_id and await self.requests.load(request_id) is None:
            log.error("own_filing_unknown_to_the_store", request_id=request_id, intune_id=row.id)
            await self.continuity.doubt(
                f"Intune holds {row.id}, which Countersign filed as {request_id} and does not know."
            )


@dataclass(frozen=True, slots=True)
class TakingIn:
    """Takes in Intune's list, row by row."""

    requests: Requests
    own_filings: OwnFilings
    doubting: Doubting
    snapshots: Snapshots
    following: Following
    away: Away

    async def take_in(self, row: Row, *, history: bool) -> bool:
        """Take a row in; an error affects this row only, until the next poll. Return whether it was taken in."""
        try:
            await self._take_in(row, history=history)
        except PortError as error:
            await self.away.end_if(error)
            log.warning("row_not_taken_in", intune_id=row.id, error=str(error), neighbour_request=error.request_id)
            return False
        except Exception:
            log.exception("row_not_taken_in", intune_id=row.id)
            return False
        return True

    async def _take_in(self, row: Row, *, history: bool) -> None:
        known = await self.requests.load_by_intune_id(row.id) or await self.own_filings.adopt(row)
        if known is None:
            await self.doubting.doubt_over(row)
        if known is not None and known.ended_in_intune:
            return
        seen = await self.snapshots.of(row, known, history=history and known is None)
        if known is None and await self.following.take_up(seen, history=history):
            return
        if known is None:  # another replica has opened or adopted it meanwhile: an order's subject is read otherwise
            known = await self.requests.load_by_intune_id(row.id)
            if known is None:  # the store refused it although it is unknown there: it went back
                raise Conflict("the store has not taken it")
            seen = await self.snapshots.of(row, known)
        await self.following.follow(known.id, seen)
