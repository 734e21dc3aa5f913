"""One poll of Intune: everything that has changed since the last complete one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from approvals.effects import told
from cards.alarms import polled_again
from handlers.intune.lead import Lead
from handlers.intune.policy_watch import PolicyWatch
from handlers.intune.taking_in import TakingIn
from handlers.intune.unlisted import Unlisted, WorthReading
from handlers.ports.clock import Clock
from handlers.ports.errors import Unreadable
from handlers.ports.intune import Intune, Row
from handlers.ports.polling import PollState

OVERLAP = timedelta(minutes=5)
"""Intune's list may lag behind and replicas' requests may cross: a short time is read again."""

log = structlog.get_logger(__name__)


class Polled(StrEnum):
    """Result of a poll."""

    ELSEWHERE = "elsewhere"  # another replica is the poller
    PARTIAL = "partial"  # some rows could not be taken in
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Poll:
    """Reads Intune since the watermark, which all replicas share. It moves only when every row was taken in, so what
    fails is read again."""

    clock: Clock
    poll_state: PollState
    intune: Intune
    lead: Lead
    policy_watch: PolicyWatch
    taking_in: TakingIn
    unlisted: Unlisted

    async def poll(self) -> Polled:
        """Read once, as long as this replica is the poller; raise `PortError` if a neighbour is unavailable."""
        if not await self.lead.is_ours():
            return Polled.ELSEWHERE
        await self.policy_watch.watch()
        return await self._read(leading=True)

    async def read(self) -> Polled:
        """Read once even if another replica is the poller, for callers that must not wait for it."""
        return await self._read(leading=False)

    async def _read(self, *, leading: bool) -> Polled:
        watermark = await self.poll_state.watermark()
        started = await self.clock.now()
        seen, stuck, newest = set[str](), list[str](), watermark or started
        since, news = min(watermark, started) - OVERLAP if watermark else None, await self.unlisted.news()
        async for row in self._moved_first(since, news, stuck):
            taken = await self.taking_in.take_in(row, history=watermark is None)
            if not taken and (_changed(row, since) or news.has_moved(row.id, row.raw_status)):
                stuck.append(row.id)
            seen.add(row.id)
            newest = max(newest, row.modified_at or newest)
            if leading and not await self.lead.is_ours():  # a long poll keeps its lease while it makes progress
                return Polled.ELSEWHERE
        async for row in self.unlisted.overdue(seen, started):
            if not await self.taking_in.take_in(row, history=False):
                stuck.append(row.id)
        await self.unlisted.reread_orders()
        if stuck:
            await self.poll_state.incomplete(stuck)
            return Polled.PARTIAL
        # Whatever a row says, this poll has read nothing of what happens after it began.
        await self.poll_state.complete(min(newest, started), told(polled_again(await self.clock.now())))
        return Polled.COMPLETE

    async def _moved_first(self, since: datetime | None, news: WorthReading, stuck: list[str]) -> AsyncIterator[Row]:
        """Yield what has moved as soon as it is listed, then what is only read again: Graph may be too busy for the
        rest, poll after poll."""
        again: list[Row] = []
        async for row in self._listed(since, news, stuck):
            if news.has_moved(row.id, row.raw_status):
                yield row
            else:
                again.append(row)
        for row in again:
            yield row

    async def _listed(self, since: datetime | None, news: WorthReading, stuck: list[str]) -> AsyncIterator[Row]:
        """Yield every row that can be read. The ids of the others are added to `stuck`."""
        try:
            async for row in self.intune.changed_since(since, news.is_worth_reading):
                yield row
        except Unreadable as trouble:
            log.warning("row_not_taken_in", intune_ids=trouble.ids, error=str(trouble))
            stuck += trouble.ids


def _changed(row: Row, since: datetime | None) -> bool:
    return since is None or row.modified_at is None or row.modified_at >= since
