"""Requests of which Intune's list of changes says nothing: what is shown late, what it should have ended, and orders
that are not filed yet."""

from collections.abc import AsyncIterator, Container, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from approvals import lifecycle
from approvals.request import Request
from handlers.gathering.snapshots import status_of
from handlers.intune.away import Away
from handlers.intune.rereading import Rereading
from handlers.ports.errors import PortError
from handlers.ports.intune import Intune, Row
from handlers.ports.requests import Requests

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorthReading:
    """The requests that are worth reading, compared with those that are `known` and not over."""

    known: Mapping[str, Request]

    def is_worth_reading(self, intune_id: str, raw_status: str) -> bool:
        """Return whether it has moved, or refers to something that may have."""
        request = self.known.get(intune_id)
        return self.has_moved(intune_id, raw_status) or (request is not None and request.subject.refers)

    def has_moved(self, intune_id: str, raw_status: str) -> bool:
        """Return whether Intune shows another status than is known: only such a request is missed if not read now."""
        status, request = status_of(raw_status), self.known.get(intune_id)
        return not lifecycle.is_over(status) if request is None else status is not request.intune_status


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Reads requests that no list shows, one by one. One that cannot be read does not stop the others."""

    requests: Requests
    intune: Intune
    rereading: Rereading
    away: Away

    async def news(self) -> WorthReading:
        """Tell what is worth reading whenever it changed by Intune's word: what is in another status than is known,
        what waits without being known, and what refers to something else.

        That time is Intune's word, and its reads lag behind its writes (microsoftgraph/microsoft-graph-docs#11430): a
        request may be shown late, and its status later than the time of its last change. It is the time of the request
        alone: a script that is edited and a group that grows do not move it.
        """
        return WorthReading({request.intune_id: request for request in await self.requests.open() if request.intune_id})

    async def overdue(self, seen: Container[str], now: datetime) -> AsyncIterator[Row]:
        """Yield requests that Intune should have ended by now without listing them as changed; `seen` are the ids of
        those that were listed."""
        for request in await self.requests.open():
            if request.intune_id is None or request.intune_id in seen or request.ended_in_intune:
                continue
            if now >= request.intune_expires_at:
                try:
                    yield await self.intune.get(request.intune_id)
                except PortError as error:
                    await self.away.end_if(error)
                    log.warning("request_not_visible", request_id=request.id, error=f"{type(error).__name__}: {error}")

    async def reread_orders(self) -> None:
        """Read the targets of orders that are not filed yet: they may change meanwhile."""
        for request in await self.requests.open():
            if request.filing is None or request.intune_id is not None or not request.takes_votes:
                continue
            try:
                await self.rereading.reread(request.id, request.filing.order)
            except PortError as error:
                await self.away.end_if(error)
                log.warning("order_not_read", request_id=request.id, error=str(error))
