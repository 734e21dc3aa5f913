"""The subject in full: present facts of devices, and a script's text for those who may vote."""

from dataclasses import dataclass

from approvals.break_glass import why_not_break, why_not_invoke
from approvals.decide import may_vote
from approvals.policy import PolicyBook
from approvals.request import Request
from approvals.snapshot import Eligibility
from approvals.subject import Device
from cards.actions import fingerprint_of
from cards.view import CardStep, DevicePage, ListedDevice, View
from handlers.gathering.subjects import device_of
from handlers.ports.clock import Clock
from handlers.ports.intune import DeviceNow, Intune, Row
from handlers.ports.orders import Orders
from handlers.ports.teams import CardJson
from handlers.showing.views import Views, viewer_of

DEVICES_ON_A_PAGE = 15
"""As many are read at once and fit on a card with everything else."""


@dataclass(frozen=True, slots=True)
class Details:
    """Draws the subject in full."""

    clock: Clock
    intune: Intune
    orders: Orders
    book: PolicyBook
    views: Views

    async def card(self, request: Request, eligibility: Eligibility, page: int = 0) -> CardJson:
        """Return the subject in full: present facts of devices, and a script's text for those who may vote. Many
        devices are shown in pages."""
        row = await self._row(request)
        content = await self.intune.content(row)
        may_read = may_vote(request, eligibility) is None
        view = View(
            viewer=viewer_of(request, eligibility),
            step=CardStep.DETAILS,
            details=await self._device(row),
            devices=await self._page(row, page) if len(row.devices) > 1 else None,
            script=content.script if may_read else "",
            raw=content.raw if may_read else "",
            may_break=await self._may_break(request, eligibility),
        )
        return self.views.drawn(request, view)

    async def _device(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Return facts of the one device as it is now; none without an id."""
        one = row.kind.casefold() == "manageddevice" and len(row.devices) <= 1 and row.target_id
        return await self.intune.device_facts(row.target_id) if one else ()

    async def _page(self, row: Row, wanted: int) -> DevicePage:
        everyone = sorted(map(device_of, row.devices), key=lambda one: (one.name.casefold(), one.serial, one.id))
        pages = -(-len(everyone) // DEVICES_ON_A_PAGE)
        page = min(wanted, pages - 1)
        shown = everyone[page * DEVICES_ON_A_PAGE :][:DEVICES_ON_A_PAGE]
        now = await self.intune.devices_now([one.id for one in shown])
        listed = tuple(_listed(one, known) for one, known in zip(shown, now, strict=True))
        return DevicePage(listed, page, pages, first=page * DEVICES_ON_A_PAGE + 1)

    async def _may_break(self, request: Request, eligibility: Eligibility) -> bool:
        now = await self.clock.now()
        refusal = why_not_invoke(self.book.emergency, eligibility) or why_not_break(
            request, fingerprint_of(request), now
        )
        return refusal is None

    async def _row(self, request: Request) -> Row:
        """Return the request as Intune shows it, or would show it once it is filed."""
        if request.filing is not None:
            return (await self.orders.plan(request.filing.order)).row
        return await self.intune.get(request.intune_id or "")


def _listed(one: Device, now: DeviceNow | None) -> ListedDevice:
    if now is None:
        return ListedDevice(one.name or one.id, one.serial, user=one.user, known=False)
    return ListedDevice(now.name or one.name, one.serial, now.owner, now.user, now.contact_at)
