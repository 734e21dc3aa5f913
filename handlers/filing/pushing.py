"""Finish on an order: make the call that can be made now."""

from dataclasses import dataclass
from typing import assert_never

from approvals import completing
from approvals.effects import Complete, File
from handlers.filing.completing import Completing
from handlers.filing.filing import FilingOrders
from handlers.storing.commits import Commits


@dataclass(frozen=True, slots=True)
class Pushing:
    """Files or completes, whichever is next."""

    commits: Commits
    filing_orders: FilingOrders
    completing: Completing

    async def push(self, request_id: str) -> None:
        """Make the call that can be made now, if there is one. Errors of neighbours before it is sent are raised."""
        request, now = await self.commits.read(request_id)
        call = completing.next_call(request, now) if request else None
        match call:
            case File():
                await self.filing_orders.file(request_id)
            case Complete():
                await self.completing.complete(request_id)
            case None:
                return
            case _:
                assert_never(call)
