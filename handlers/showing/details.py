"""What is reviewed, in full: device facts now, and a script's text for those who may decide about it."""

from dataclasses import dataclass

from approvals.break_glass import why_not_break, why_not_invoke
from approvals.decide import may_vote
from approvals.policy import PolicyBook
from approvals.request import Request
from approvals.sighting import Standing
from cards.actions import witness_of
from cards.view import Step, View
from handlers.ports.clock import Clock
from handlers.ports.intune import Intune, Row
from handlers.ports.orders import Orders
from handlers.ports.teams import Card
from handlers.showing.views import Views, viewer_of


@dataclass(frozen=True, slots=True)
class Details:
    """What is reviewed, in full."""

    clock: Clock
    intune: Intune
    orders: Orders
    book: PolicyBook
    views: Views

    async def card(self, request: Request, stands: Standing) -> Card:
        """What is reviewed, in full: device facts now, and a script's text for those who may decide about it."""
        row = await self._row(request)
        content = await self.intune.content(row)
        facts = await self.intune.device_facts(row.target_id) if row.kind.casefold() == "manageddevice" else ()
        may_read = may_vote(request, stands) is None
        view = View(
            viewer=viewer_of(request, stands),
            step=Step.DETAILS,
            details=facts,
            script=content.script if may_read else "",
            may_break=await self._may_break(request, stands),
        )
        return self.views.drawn(request, view)

    async def _may_break(self, request: Request, stands: Standing) -> bool:
        now = await self.clock.now()
        refusal = why_not_invoke(self.book.emergency, stands) or why_not_break(request, witness_of(request), now)
        return refusal is None

    async def _row(self, request: Request) -> Row:
        """As Intune shows it, or would show it once it is filed."""
        if request.filing is not None:
            return (await self.orders.plan(request.filing.order)).row
        return await self.intune.get(request.intune_id or "")
