"""Coverage of every quorum: told to approvers who ask, and to the operations channel when it changes."""

from dataclasses import dataclass

import structlog

from approvals.coverage import gap_news, gaps_after
from approvals.snapshot import Eligibility
from cards import lists
from cards.coverage import coverage_has_changed
from cards.sentences import ONLY_APPROVERS
from handlers.answers.coverage import Coverages
from handlers.ports.memory import Memory
from handlers.ports.teams import CardJson, Chat
from handlers.storing.refusals import Refusals

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Covering:
    """Tells how quorums are covered. Without an operations channel changes are only logged and stored."""

    chat: Chat
    memory: Memory
    operations_channel: str
    refusals: Refusals
    coverages: Coverages

    async def coverage(self, who: Eligibility) -> CardJson | str:
        """Return every quorum that has to be reached here, and what is missing; for approvers alone."""
        if not who.is_member:
            return await self.refusals.record(who.person, ONLY_APPROVERS, command="/coverage")
        return lists.coverage(await self.coverages.everything())

    async def watch(self) -> None:
        """Tell the operations channel of every new gap, and when one is closed."""
        known = await self.memory.gaps()
        now = gaps_after(known, dict(await self.coverages.everything()))
        if now == known:
            return
        log.warning("coverage_changed", gaps=sorted(now))
        if self.operations_channel:
            await self.chat.say(self.operations_channel, coverage_has_changed(gap_news(known, now)))
        await self.memory.save_gaps(now)
