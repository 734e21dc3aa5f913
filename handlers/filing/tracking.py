"""Following an operation until it has happened, ours and what others have completed in Intune."""

from dataclasses import dataclass

from approvals import completing
from approvals.followed import operation_of
from approvals.lifecycle import ExecutionHappening
from approvals.request import Request
from handlers.commits import Commits
from handlers.ports.orders import Orders, Progress

_SEEN = {
    Progress.WAITING: None,
    Progress.RUNNING: ExecutionHappening.STARTED,
    Progress.DONE: ExecutionHappening.ENDED,
    Progress.FAILED: ExecutionHappening.BROKE,
    Progress.STOPPED: ExecutionHappening.STOPPED,
    Progress.ANEW: ExecutionHappening.ANEW,
}


@dataclass(frozen=True, slots=True)
class Tracking:
    """Looks how far an operation has come on its device, or in Intune."""

    orders: Orders
    commits: Commits

    async def follow(self, request: Request) -> None:
        """Look how far the operation itself has come."""
        order, sent = operation_of(request), request.sent
        if order is None or sent is None:
            return
        progress = await self.orders.progress(order, sent.at)
        if progress is Progress.GONE:
            await self.commits.commit(request.id, completing.missing)
        else:
            seen = _SEEN[progress]
            await self.commits.commit(request.id, lambda known, now: completing.executed(known, seen, now))
