"""Polling Intune: one poller among all replicas takes up what is new and follows what is known."""

from dataclasses import dataclass

from approvals import reconcile
from approvals.request import Request
from approvals.sighting import Sighting
from handlers.commits import Commits
from handlers.gathering.standings import Standings
from handlers.policy import Policy


@dataclass(frozen=True, slots=True)
class Following:
    """Brings a request up to what was seen."""

    policy: Policy
    commits: Commits
    standings: Standings

    async def follow(self, request_id: str, seen: Sighting) -> Request:
        """Bring a known request up to what was seen; returns it as it is now."""
        terms = self.policy.terms(seen.subject)
        committed = await self.commits.commit_on(
            request_id,
            self.standings.of_voters,
            lambda request, voters, now: reconcile.reconcile(request, seen, terms, voters, now),
        )
        return committed.request
