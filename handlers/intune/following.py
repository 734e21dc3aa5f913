"""Store what Intune shows: take up a new request, bring a known one up to date."""

from dataclasses import dataclass

import structlog

from approvals import reconcile
from approvals.request import Request
from approvals.snapshot import Snapshot
from handlers.gathering.eligibilities import Eligibilities
from handlers.gathering.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.requests import Stored
from handlers.storing.commits import Commits
from handlers.storing.ids import new_request_id

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Following:
    """Stores what the rules decide about a sighting."""

    clock: Clock
    policy: Policy
    commits: Commits
    eligibilities: Eligibilities

    async def take_up(self, seen: Snapshot, *, history: bool) -> bool:
        """Take up a new request; return false if another replica was faster, or if the store has lost data. One that
        was closed before the bot first ran (`history`) is only recorded."""
        now = await self.clock.now()
        terms = self.policy.terms(seen.subject)
        outcome = reconcile.open_request(new_request_id(now), seen, terms, now, history=history)
        committed = await self.commits.store(outcome.request, outcome, now)
        if committed.stored is not Stored.SAVED:
            return False
        log.info("request_opened", request_id=outcome.request.id, intune_id=seen.intune_id, status=seen.status)
        return True

    async def follow(self, request_id: str, seen: Snapshot) -> Request:
        """Bring a known request up to date with what was seen; return it as it is now."""
        terms = self.policy.terms(seen.subject)
        committed = await self.commits.commit_on(
            request_id,
            self.eligibilities.of_voters,
            lambda request, voters, now: reconcile.reconcile(request, seen, terms, voters, now),
        )
        return committed.request
