"""A look at one request in Intune. It only reads: what was seen is reconciled, and no call changes anything there."""

from dataclasses import dataclass

from approvals.request import Request
from handlers.gathering.snapshots import Snapshots
from handlers.intune.following import Following
from handlers.intune.own_filings import OwnFilings
from handlers.ports.intune import Intune
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks at requests, also at an order whose id in Intune is not known."""

    requests: Requests
    intune: Intune
    snapshots: Snapshots
    following: Following
    own_filings: OwnFilings

    async def look(self, request_id: str) -> None:
        """Look at one request, and bring it up to date with what is seen."""
        request = await self.requests.load(request_id)
        if request is not None and request.intune_id is None:
            request = await self.own_filings.look_for(request)
        if request is None or request.intune_id is None:
            return
        row = await self.intune.get(request.intune_id)
        await self.own_filings.look_at_target(request, row)
        await self.following.follow(request_id, await self.snapshots.of(row, request))

    async def finds(self, request: Request) -> bool:
        """Search Intune for an order that may have been filed although the store has lost that, and look at it; return
        whether it was there."""
        if await self.own_filings.find(request) is None:
            return False
        await self.look(request.id)
        return True
