"""The notices that wait for each recipient, in memory."""

from collections.abc import Sequence
from datetime import datetime

from approvals.effects import Deliver, Medium, Notice, Planned, effect_id
from tests.fakes.outbox import Outbox


class Notices:
    """Keeps notices by medium and recipient."""

    def __init__(self, outbox: Outbox) -> None:
        self.gathered: dict[tuple[Medium, str], set[Notice]] = {}
        self._outbox = outbox

    async def add(
        self, medium: Medium, target: str, notice: Notice, now: datetime, due: datetime, *, patient: bool = False
    ) -> None:
        self.gathered.setdefault((medium, target), set()).add(notice)
        effect = Deliver(medium, target)
        planned = self._outbox.work.get(effect_id(effect))
        if planned and (patient or planned.due < due):
            due = planned.due
        self._outbox.add([Planned(effect, due)], now)

    async def waiting(self, medium: Medium, target: str) -> tuple[Notice, ...]:
        found = self.gathered.get((medium, target), set())
        return tuple(sorted(found, key=lambda notice: (notice.request_id, notice.notification)))

    async def delivered(self, medium: Medium, target: str, notices: Sequence[Notice]) -> None:
        self.gathered.get((medium, target), set()).difference_update(notices)
