"""The form of the emergency page: it leads to a request that waits, or to an order.

The rules are those of the prompt in Teams.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.emergency.prompting import Prompting
from handlers.emergency_page.deed import Deed
from handlers.emergency_page.lobby import ACTS
from handlers.emergency_page.orders import DoorOrders
from handlers.emergency_page.prompts import DoorPrompts
from handlers.gathering.readers import UNKNOWN_REQUEST
from handlers.ports.requests import Requests

NO_CHOICE = "Please choose a request, or an operation and a device."


@dataclass(frozen=True, slots=True)
class EmergencyForm:
    """Handles the form. A person who may not break glass learns nothing about requests."""

    requests: Requests
    prompting: Prompting
    for_requests: DoorPrompts
    for_orders: DoorOrders

    async def typed(self, account: str, fields: Mapping[str, str], context: str) -> Deed | str:
        """Return what this person filled in, to be confirmed, or why it is not enough; `context` has to be proved."""
        request_id, _, fingerprint = fields.get("request", "").partition(" ")
        if not request_id:
            asked = fields.get("act") in ACTS
            return await self.for_orders.typed(account, fields, context) if asked else NO_CHOICE
        request = await self.requests.load(request_id)
        if request is None:
            return await self.prompting.why_nowhere(account, "") or UNKNOWN_REQUEST
        return await self.for_requests.typed(account, request, fingerprint, fields, context)
