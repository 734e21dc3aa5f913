"""What was asked for in chat, on its way through Intune: filed when it is approved here, completed when it is there."""

from dataclasses import dataclass
from typing import assert_never

from approvals import completing
from approvals.effects import Complete, File
from handlers.filing.completing import Completing
from handlers.filing.filing import FilingOrders
from handlers.ports.clock import Clock
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Pushing:
    """Makes the call that can be made now."""

    clock: Clock
    requests: Requests
    filing_orders: FilingOrders
    completing: Completing

    async def push(self, request_id: str) -> None:
        """Make the call that can be made now, if there is one. Raises what the neighbours raise before anything is
        sent."""
        request = await self.requests.load(request_id)
        call = completing.next_call(request, await self.clock.now()) if request else None
        match call:
            case File():
                await self.filing_orders.file(request_id)
            case Complete():
                await self.completing.complete(request_id)
            case None:
                return
            case _:
                assert_never(call)
