"""Whether every workflow could reach its quorum: known before an emergency, not in it."""

from dataclasses import dataclass

import structlog

from approvals.sighting import Standing
from cards import lists
from handlers.chat.coverage import Coverages
from handlers.chat.delegating import ONLY_APPROVERS
from handlers.ports.memory import Memory
from handlers.ports.teams import Card, Chat
from handlers.refusals import Refusals

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Covering:
    """Tells how quorums are covered."""

    chat: Chat
    memory: Memory
    operations_channel: str
    refusals: Refusals
    coverages: Coverages

    async def coverage(self, who: Standing) -> Card | str:
        """Every quorum that somebody has to reach here, and what is missing."""
        if not (who.active and who.groups):
            return await self.refusals.record(who.person, ONLY_APPROVERS, command="/coverage")
        return lists.coverage(await self.coverages.everything())

    async def watch(self) -> None:
        """Tell the operations channel of every gap that is new, and when one is closed.

        At night people are not missed, so a gap that was known before stays until they should be back.
        """
        known = await self.memory.gaps()
        found = dict(await self.coverages.everything())
        now = {name: state.said for name, state in found.items() if state.is_gap}
        now |= {name: why for name, why in known.items() if name in found and found[name].is_night}
        if now == known:
            return
        news = [f"{name}: {why}" for name, why in now.items() if known.get(name) != why]
        news += [f"{name}: the quorum can be reached again." for name in known if name not in now]
        log.warning("coverage_changed", gaps=sorted(now))
        if self.operations_channel:
            await self.chat.say(self.operations_channel, f"Coverage has changed. {' '.join(news)}")
        await self.memory.save_gaps(now)
