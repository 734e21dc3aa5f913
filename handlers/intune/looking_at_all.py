"""A look at everything that is open, without relying on the store."""

from dataclasses import dataclass

import structlog

from handlers.intune.away import Away
from handlers.intune.looking import Looking
from handlers.intune.poll import Poll
from handlers.ports.errors import PortError
from handlers.ports.requests import Requests

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LookingAtAll:
    """Reads Intune, then looks at each open request."""

    requests: Requests
    poll: Poll
    looking: Looking
    away: Away

    async def look(self) -> list[str]:
        """Look at all of them and return their ids. Skip one that cannot be read, but raise if a neighbour is down."""
        await self.poll.read()
        open_ids = [request.id for request in await self.requests.open()]
        for request_id in open_ids:
            try:
                await self.looking.look(request_id)
            except PortError as error:
                await self.away.end_if(error)
                log.warning("request_not_visible", request_id=request_id, error=f"{type(error).__name__}: {error}")
        return open_ids
