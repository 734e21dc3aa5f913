"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from approvals.effects import told
from cards.alarms import polled_again
from handlers.intune.away import Away
from handlers.intune.rereading import Rereading
from handlers.intune.taking_in import TakingIn
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError
from handlers.ports.intune import Intune, Row
from handlers.ports.polling import PollState
from handlers.ports.requests import Requests

log = structlog.get_logger(__name__)


OVERLAP = timedelta(minutes=5)
"""Intune's list may lag behind and replicas' requests may cross: read again a little of what was read before."""


class Polled(StrEnum):
    """What became of a poll."""

    ELSEWHERE = "elsewhere"  # another replica is the poller
    PARTIAL = "partial"  # some rows could not be taken in
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Poll:
    """One reading of what Intune has to say."""

    clock: Clock
    requests: Requests
    poll_state: PollState
    intune: Intune
    replica: str
    taking_in: TakingIn
    away: Away
    rereading: Rereading

    async def poll(self) -> Polled:
        """Read once what Intune has to say, if this replica is the poller; raises `PortError` where a neighbour is
        away."""
        return await self._read(self.replica)

    async def read(self) -> Polled:
        """Read the same although another replica may be the poller; for whoever must not wait for it."""
        return await self._read("")

    async def _read(self, replica: str) -> Polled:
        """Take in what has changed in Intune since the watermark; a `replica` does so only as long as it is the poller.

        The watermark moves only when every row was taken in, so what fails is read again.
        """
        if replica and not await self.poll_state.lead(replica):
            return Polled.ELSEWHERE
        watermark = await self.poll_state.watermark()
        started = await self.clock.now()
        seen, stuck, newest = set[str](), list[str](), watermark or started
        async for row in self.intune.changed_since(watermark - OVERLAP if watermark else None):
            if not await self.taking_in.take_in(row, history=watermark is None):
                stuck.append(row.id)
            seen.add(row.id)
            newest = max(newest, row.modified_at or newest)
            if replica and not await self.poll_state.lead(
                replica
            ):  # a long poll keeps its lease for as long as it gets on
                return Polled.ELSEWHERE
        async for row in self._overdue(seen, started):
            if not await self.taking_in.take_in(row, history=False):
                stuck.append(row.id)
        await self.rereading.reread_orders()
        if stuck:
            await self.poll_state.incomplete(stuck)
            return Polled.PARTIAL
        await self.poll_state.complete(newest, told(polled_again(await self.clock.now())))
        return Polled.COMPLETE

    async def _overdue(self, seen: set[str], now: datetime) -> AsyncIterator[Row]:
        """Open requests that Intune should have ended by now without showing it as a change."""
        for request in await self.requests.open():
            if request.intune_id is None or request.intune_id in seen or request.ended_in_intune:
                continue
            if now >= request.intune_expires_at:
                try:
                    yield await self.intune.get(request.intune_id)
                except PortError as error:  # one that cannot be read must not keep all others from being polled
                    await self.away.end_if(error)
                    log.warning("request_not_visible", request_id=request.id, error=f"{type(error).__name__}: {error}")
