"""Following an operation until it has happened."""

from dataclasses import dataclass
from datetime import timedelta

from approvals import completing
from approvals.lifecycle import ExecutionHappening
from approvals.request import Request
from handlers.commits import Commits
from handlers.ports.clock import Clock
from handlers.ports.orders import Orders, Progress

GONE_FOR_GOOD = timedelta(minutes=10)
"""A device that is not found sooner after the call may be there all the same: reads that follow a write get a 404 for a
while (microsoftgraph/microsoft-graph-docs#11430)."""


_SEEN = {
    Progress.WAITING: None,
    Progress.RUNNING: ExecutionHappening.STARTED,
    Progress.GONE: ExecutionHappening.ENDED,  # a wiped device leaves Intune
    Progress.DONE: ExecutionHappening.ENDED,
    Progress.FAILED: ExecutionHappening.BROKE,
}


@dataclass(frozen=True, slots=True)
class Tracking:
    """Looks how far an operation has come on its device, or in Intune."""

    clock: Clock
    orders: Orders
    commits: Commits

    async def follow(self, request: Request) -> None:
        """Look how far the operation itself has come."""
        filing = request.filing
        if filing is None or filing.completed_at is None:
            return
        progress, looked_at = await self.orders.progress(filing.order, filing.completed_at), await self.clock.now()
        doubtful = progress is Progress.GONE and looked_at < filing.completed_at + GONE_FOR_GOOD
        seen = None if doubtful else _SEEN[progress]
        if seen is not None and progress is Progress.GONE and not filing.order.act.is_on_device:
            seen = ExecutionHappening.BROKE  # what was to be assigned was deleted
        await self.commits.commit(request.id, lambda known, now: completing.executed(known, seen, now))
