"""Gather notices: five waiting requests are one message with a list.

Notices are gathered for each recipient first, and delivered a little later.
"""

from dataclasses import dataclass
from datetime import timedelta

from approvals.effects import Medium, Notice, NotificationKind
from handlers.ports.clock import Clock
from handlers.ports.notices import Notices
from handlers.ports.people import Mail

GATHERED_FOR = timedelta(minutes=2)
"""Batching window for notices."""

_WAITS_FOR_NOTHING = frozenset({NotificationKind.GLASS_BROKEN, NotificationKind.REVIEW_OPENED})
"""Occasions that are not delayed."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Gathers notices for one recipient each. Without `mail` nobody gets mail."""

    clock: Clock
    notices: Notices
    mail: Mail | None
    operations_channel: str

    async def gather(self, medium: Medium, target: str, notice: Notice) -> None:
        """Add a notice for a recipient, to be sent together with their others."""
        if medium is Medium.MAIL and self.mail is None:
            return
        now = await self.clock.now()
        wait = timedelta() if notice.notification in _WAITS_FOR_NOTHING else GATHERED_FOR
        await self.notices.add(medium, target, notice, now, now + wait)

    async def gather_alarm(self, notice: Notice) -> None:
        """Add a notice for the operations channel: the first is sent at once, those that follow soon in one line."""
        if self.operations_channel:
            now = await self.clock.now()
            await self.notices.add(Medium.ALARM, self.operations_channel, notice, now, now, patient=True)
