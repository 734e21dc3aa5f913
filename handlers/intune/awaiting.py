"""Look at Intune after a delay: after a call whose answer is not known, and before our deadline ends a vote."""

from dataclasses import dataclass

import structlog

from approvals.decide import expire
from approvals.request import Request
from handlers.intune.looking import Looking
from handlers.ports.errors import NotFound
from handlers.storing.commits import Commits

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Looks at Intune, then applies the deadline."""

    commits: Commits
    looking: Looking

    async def look(self, request: Request) -> None:
        """Look once; a request that Intune does not show proves nothing."""
        try:
            await self.looking.look(request.id)
        except NotFound:
            log.warning("request_not_visible", request_id=request.id, intune_id=request.intune_id)

    async def expire(self, request: Request) -> None:
        """Look at Intune first, because an approval there may have been in time and unseen; then apply the deadline.

        While Intune does not answer, no vote is taken and the outcome stays open. A request that it no longer shows is
        not approved either.
        """
        if request.takes_votes:
            await self.look(request)
        await self.commits.commit(request.id, expire)
