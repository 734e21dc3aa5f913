"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from dataclasses import dataclass

import structlog

from approvals import reconcile
from approvals.sighting import Sighting
from handlers.commits import Commits
from handlers.gathering.sightings import Sightings
from handlers.ids import new_request_id
from handlers.intune.away import Away
from handlers.intune.following import Following
from handlers.intune.own_filings import OwnFilings
from handlers.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.continuity import Continuity
from handlers.ports.errors import Conflict, PortError
from handlers.ports.intune import Row
from handlers.ports.requests import Requests, Stored

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TakingIn:
    """Takes in what Intune lists."""

    clock: Clock
    requests: Requests
    continuity: Continuity
    policy: Policy
    commits: Commits
    sightings: Sightings
    following: Following
    away: Away
    own_filings: OwnFilings

    async def take_in(self, row: Row, *, history: bool) -> bool:
        """Take a row in; what goes wrong with it costs this row only, until the next poll."""
        try:
            await self._take(row, history=history)
        except PortError as error:
            await self.away.end_if(error)
            log.warning("row_not_taken_in", intune_id=row.id, error=str(error), neighbour_request=error.request_id)
            return False
        except Exception:
            log.exception("row_not_taken_in", intune_id=row.id)
            return False
        return True

    async def _take(self, row: Row, *, history: bool) -> None:
        known = await self.requests.load_by_intune_id(row.id) or await self.own_filings.adopt(row)
        if known is None:
            await self._doubt_the_store(row)
        if known is not None and known.ended_in_intune:
            return
        seen = await self.sightings.of(row, known, history=history and known is None)
        if known is None and await self._open(seen, history=history):
            return
        if known is None:  # another one has opened or adopted it meanwhile: what an order is about is read otherwise
            known = await self.requests.load_by_intune_id(row.id)
            if known is None:  # the store refused it although nobody has it: it went back meanwhile
                raise Conflict("the store has not taken it")
            seen = await self.sightings.of(row, known)
        await self.following.follow(known.id, seen)

    async def _doubt_the_store(self, row: Row) -> None:
        """Take a request that we filed, and that the store does not know, for a sign that the store was lost."""
        request_id = self.own_filings.marked_as(row)
        if request_id and await self.requests.load(request_id) is None:
            log.error("own_filing_unknown_to_the_store", request_id=request_id, intune_id=row.id)
            await self.continuity.doubt(
                f"Intune holds {row.id}, which Countersign filed as {request_id} and does not know."
            )

    async def _open(self, seen: Sighting, *, history: bool) -> bool:
        """Take up a new request; false if another replica was faster, or if the store is not the one that is
        remembered."""
        now = await self.clock.now()
        outcome = reconcile.open_request(
            new_request_id(now), seen, self.policy.terms(seen.subject), now, history=history
        )
        committed = await self.commits.store(outcome.request, outcome, now)
        if committed.stored is Stored.SAVED:
            log.info("request_opened", request_id=outcome.request.id, intune_id=seen.intune_id, status=seen.status)
        return committed.stored is Stored.SAVED
