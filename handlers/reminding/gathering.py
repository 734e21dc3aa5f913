"""Gathering what is to be told: five waiting requests are one message with a list.

What is to be told is gathered for each recipient first, and delivered a little later.
"""

from dataclasses import dataclass
from datetime import timedelta

from approvals.effects import Medium, Notice, Occasion
from handlers.ports.clock import Clock
from handlers.ports.notices import Notices
from handlers.ports.people import Mail

GATHERED_FOR = timedelta(minutes=2)
"""So long what is to be told waits for more of it."""

_WAITS_FOR_NOTHING = frozenset({Occasion.GLASS_BROKEN, Occasion.REVIEW_OPENED})
"""What waits for nothing."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Gathers notices for one recipient each. Without `mail` nobody gets mail."""

    clock: Clock
    notices: Notices
    mail: Mail | None
    operations_channel: str

    async def gather(self, medium: Medium, target: str, notice: Notice) -> None:
        """Have this told to somebody, together with whatever else waits for them."""
        if medium is Medium.MAIL and self.mail is None:
            return
        now = await self.clock.now()
        wait = timedelta() if notice.occasion in _WAITS_FOR_NOTHING else GATHERED_FOR
        await self.notices.add(medium, target, notice, now, now + wait)

    async def gather_alarm(self, notice: Notice) -> None:
        """Have the operations channel told: the first at once, and what follows within a while in one line."""
        if self.operations_channel:
            now = await self.clock.now()
            await self.notices.add(Medium.ALARM, self.operations_channel, notice, now, now, patient=True)
