"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from dataclasses import dataclass

from handlers.gathering.sightings import Sightings
from handlers.intune.following import Following
from handlers.intune.own_filings import OwnFilings
from handlers.ports.intune import Intune
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks at one request in Intune."""

    requests: Requests
    intune: Intune
    sightings: Sightings
    following: Following
    own_filings: OwnFilings

    async def look(self, request_id: str) -> None:
        """Look at one request in Intune and reconcile. It only looks."""
        request = await self.requests.load(request_id)
        if request is not None and request.intune_id is None:
            request = await self.own_filings.look_for(request)
        if request is None or request.intune_id is None:
            return
        row = await self.intune.get(request.intune_id)
        await self.following.follow(request_id, await self.sightings.of(row, request))
