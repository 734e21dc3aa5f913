"""The state of polling and the lead, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from approvals.effects import Planned
from handlers.ports.polling import Polling
from tests.fakes.outbox import Outbox
from tests.fakes.shared import Shared

LEASE = timedelta(seconds=20)


class PollState:
    """Keeps which replica leads until when, and how polling goes."""

    def __init__(self, shared: Shared, outbox: Outbox) -> None:
        self.leader = ""
        self.read_up_to: datetime | None = None
        self.known: Polling | None = None
        self._until = shared.clock.time
        self._back_at: dict[str, datetime] = {}
        self._shared = shared
        self._outbox = outbox

    async def lead(self, replica: str) -> bool:
        now = self._shared.clock.time
        is_taken = self.leader not in ("", replica) and self._until > now
        if self._shared.superseded or is_taken or self._back_at.get(replica, now) > now:
            return False
        self.leader, self._until = replica, now + LEASE
        return True

    async def release(self, replica: str) -> None:
        if self.leader == replica:
            self.leader = ""

    async def stand_back(self, replica: str, pause: timedelta) -> None:
        await self.release(replica)
        self._back_at[replica] = self._shared.clock.time + LEASE + pause

    async def watermark(self) -> datetime | None:
        return self.read_up_to

    async def complete(self, to: datetime, recovered: Sequence[Planned] = ()) -> None:
        if self._shared.superseded:
            return
        now, known = self._shared.clock.time, await self.polling()
        self.read_up_to = to
        self.known = replace(known, complete_at=now, stuck=(), alarmed=False)
        if known.alarmed:
            self._outbox.add(recovered, now)

    async def incomplete(self, stuck: Sequence[str]) -> None:
        self.known = replace(await self.polling(), stuck=tuple(stuck))

    async def polling(self) -> Polling:
        self.known = self.known or Polling(self._shared.clock.time)
        return self.known

    async def alarm(self, seen: Polling, planned: Sequence[Planned]) -> bool:
        known = await self.polling()
        if known.alarmed or known.complete_at != seen.complete_at:
            return False
        self.known = replace(known, alarmed=True)
        self._outbox.add(planned, self._shared.clock.time)
        return True

    async def beaten(self) -> None:
        self.known = replace(await self.polling(), beaten_at=self._shared.clock.time)
