"""Store an order as a request; in an emergency break its glass in the same step."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from approvals.asking import Draft, ask
from approvals.break_glass import break_glass
from approvals.outcome import Outcome
from approvals.request import Request
from cards.actions import fingerprint_of
from cards.refusals import refusal_sentence
from handlers.gathering.invokers import Invokers
from handlers.ordering.confirmation import invocation_of
from handlers.ordering.proposing import Proposal
from handlers.ports.clock import Clock
from handlers.ports.requests import IdempotencyKey, Requests, Stored
from handlers.storing.commits import Commits

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoringOrders:
    """Stores an order once, even if others request something at the same time."""

    clock: Clock
    requests: Requests
    commits: Commits
    invokers: Invokers

    async def store(self, proposal: Proposal, once: IdempotencyKey | None) -> Request | str | None:
        """Return the stored request, or why the rules refuse it; nothing if another order came in between."""
        draft, subject, now = proposal.draft, proposal.draft.subject, await self.clock.now()
        if subject is None:
            return None
        outcome = ask(draft, subject, proposal.terms, now)
        if draft.emergency:
            outcome = await self._broken(draft, outcome, now)
        if outcome.refusal:
            return refusal_sentence(outcome.refusal)
        committed = await self.commits.store(outcome.request, outcome, now, once, draft.author.account, proposal.asked)
        if committed.stored is not Stored.SAVED:
            return await self.requests.load(draft.id)
        log.info("order_asked_for", request_id=draft.id, act=draft.act, person=draft.author.account)
        return committed.request

    async def _broken(self, draft: Draft, asked: Outcome, now: datetime) -> Outcome:
        eligibility = await self.invokers.eligibility(draft.author.account, draft.author.name)
        locked = await self.invokers.is_locked(eligibility.person, now)
        invocation = replace(invocation_of(draft), eligibility=eligibility, locked=locked)
        broken = break_glass(asked.request, self.invokers.emergency, invocation, fingerprint_of(asked.request), now)
        if broken.refusal:
            return broken
        return replace(broken, planned=(*asked.planned, *broken.planned), entries=(*asked.entries, *broken.entries))
