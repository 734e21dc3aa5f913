"""The exact call of an order, built and sealed."""

from dataclasses import dataclass

from approvals.order import Order
from handlers.ports.orders import Call, FilingRoom, Orders


@dataclass(frozen=True, slots=True)
class Made:
    """A call, and the same as text that only we can read."""

    call: Call
    sealed: str


@dataclass(frozen=True, slots=True)
class Calls:
    """Builds calls from orders."""

    orders: Orders

    async def make(self, room: FilingRoom, request_id: str, order: Order) -> Made:
        """Build the call for this request; raise `NotFound` if its target is gone."""
        call = await self.orders.call_for(order)
        return Made(call, room.vault.seal(request_id, call))
