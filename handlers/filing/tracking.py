"""Follow an operation until it has run, also if others have completed it in Intune."""

from dataclasses import dataclass, replace

import structlog

from approvals import completing, many
from approvals.followed import operation_of
from approvals.lifecycle import ExecutionEvent
from approvals.many import Absent, Seen
from approvals.order import Order
from approvals.request import Request, Sent
from handlers.ports.errors import Forbidden, TokenRefused
from handlers.ports.orders import Orders, Progress
from handlers.storing.commits import Commits

log = structlog.get_logger(__name__)

_SEEN: dict[Progress, Seen] = {
    Progress.WAITING: None,
    Progress.RUNNING: ExecutionEvent.STARTED,
    Progress.GONE: Absent.MISSING,
    Progress.DONE: ExecutionEvent.ENDED,
    Progress.FAILED: ExecutionEvent.BROKE,
    Progress.STOPPED: ExecutionEvent.STOPPED,
    Progress.ANEW: ExecutionEvent.ANEW,
}


@dataclass(frozen=True, slots=True)
class Tracking:
    """Reads the progress of an operation on its device, or in Intune."""

    orders: Orders
    commits: Commits

    async def follow(self, request: Request, begins: int = 0) -> None:
        """Store the progress of the operation itself; with many devices, of some from this number on."""
        order, sent = operation_of(request), request.sent
        if order is None or sent is None:
            return
        if sent.devices:
            await self._follow_many(request, order, sent, begins)
            return
        seen = _SEEN[await self.orders.progress(order, sent.shown_since)]
        if isinstance(seen, Absent):
            await self.commits.commit(request.id, completing.missing)
        else:
            await self.commits.commit(request.id, lambda known, now: completing.executed(known, seen, now))

    async def _follow_many(self, request: Request, order: Order, sent: Sent, begins: int) -> None:
        turn = many.next_round(sent, begins)
        seen = {device: await self._look(request, replace(order, target_id=device), sent) for device in turn.devices}
        await self.commits.commit(request.id, lambda known, now: many.looked(known, seen, turn.begins, now))

    async def _look(self, request: Request, order: Order, sent: Sent) -> Seen:
        """Return the progress on one device. One that we may not read does not stop the others."""
        try:
            return _SEEN[await self.orders.progress(order, sent.shown_since)]
        except TokenRefused:
            raise  # then none can be read
        except Forbidden as error:
            log.warning("device_not_readable", request_id=request.id, device=order.target_id, error=str(error))
            return Absent.UNREADABLE
