"""Search Intune's own audit for emergency accounts that act there without a visible request."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from approvals.direct_actions import DirectAction, review_action
from approvals.policy import PolicyBook
from approvals.request import IntuneStatus
from handlers.gathering.snapshots import status_of
from handlers.ports.clock import Clock
from handlers.ports.errors import Unreadable
from handlers.ports.intune import Audited, Intune
from handlers.ports.requests import Requests, Stored
from handlers.storing.commits import Commits
from handlers.storing.ids import new_request_id

LOOKED_BACK = timedelta(days=3)
"""Longest downtime of the bot in which nothing is missed. What was found before is known by its event's id."""

SLACK = timedelta(minutes=5)
"""Longest time between an event in Intune's audit and the moment at which Intune calls a request completed."""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DirectActions:
    """Has everything reviewed that emergency accounts have done in Intune itself."""

    clock: Clock
    requests: Requests
    intune: Intune
    book: PolicyBook
    commits: Commits

    async def look(self) -> None:
        """Open a review of all that an emergency account has done in Intune and that no request explains."""
        emergency = self.book.emergency
        if emergency is None or not emergency.accounts:
            return
        since = await self.clock.now() - LOOKED_BACK
        accounts = {account.person.account: account.person for account in emergency.accounts}
        for done in await self.intune.actions_of(accounts, since):
            action = DirectAction(done.event_id, accounts[done.by], done.what, done.target, done.about[0], done.at)
            if not await self._is_known(done, action):
                await self._review(action)

    async def _is_known(self, done: Audited, action: DirectAction) -> bool:
        """Return whether it was found before, is about a request, or was done by a completed request."""
        for intune_id in (action.key, *done.about):
            if await self.requests.load_by_intune_id(intune_id):
                return True
        try:
            return await self._is_listed(done)
        except Unreadable as trouble:  # an unreadable row explains nothing but itself, and the poll reports it
            return not set(trouble.ids).isdisjoint(done.about)

    async def _is_listed(self, done: Audited) -> bool:
        async for row in self.intune.changed_since(done.at - SLACK):
            if row.id in done.about:
                return True  # the next poll takes it up
            completed = status_of(row.raw_status) is IntuneStatus.COMPLETED
            in_time = row.modified_at is not None and row.modified_at <= done.at + SLACK
            if completed and row.target_id in done.about and in_time:
                return True
        return False

    async def _review(self, action: DirectAction) -> None:
        emergency, now = self.book.emergency, await self.clock.now()
        if emergency is None:
            return
        outcome = review_action(new_request_id(now), action, emergency, self.book.digest, now)
        committed = await self.commits.store(outcome.request, outcome, now)
        if committed.stored is Stored.SAVED:
            log.error(
                "emergency_account_acted", person=action.by.account, what=action.what, audit_event=action.event_id
            )
