"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from approvals.filing import reread
from approvals.outcome import Outcome
from approvals.reconcile import Terms
from approvals.request import Request, Subject
from handlers.commits import Commits
from handlers.gathering.sightings import Sightings
from handlers.intune.away import Away
from handlers.policy import Policy
from handlers.ports.errors import PortError
from handlers.ports.requests import Requests

log = structlog.get_logger(__name__)


def _reread(subject: Subject, terms: Terms, known: Request, now: datetime) -> Outcome:
    return reread(known, subject, terms, now)


@dataclass(frozen=True, slots=True)
class Rereading:
    """Reads again what orders are about."""

    requests: Requests
    policy: Policy
    commits: Commits
    sightings: Sightings
    away: Away

    async def reread_orders(self) -> None:
        """What is asked for in chat and not filed yet, Intune shows nowhere; what it is about may change all the
        same."""
        for request in await self.requests.open():
            if request.filing is None or request.intune_id is not None or not request.takes_votes:
                continue
            try:
                subject = await self.sightings.subject_of_order(request.filing.order)
            except PortError as error:
                await self.away.end_if(error)
                log.warning("order_not_read", request_id=request.id, error=str(error))
                continue
            await self.commits.commit(request.id, partial(_reread, subject, self.policy.terms(subject)))
