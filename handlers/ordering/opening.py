"""Asking for an operation in chat: from words to one target, to what is at stake, to a request that waits for approval.

Nothing is sent to Intune here. A draft belongs to who began it and serves once: its id becomes the request's.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from approvals.asking import Draft, ask
from approvals.break_glass import break_glass
from approvals.outcome import Outcome
from approvals.policy import PolicyBook
from approvals.request import Request
from cards.actions import witness_of
from cards.refusals import refusal_sentence
from handlers.commits import Commits
from handlers.emergency.review_lock import ReviewLock
from handlers.gathering.standings import Standings
from handlers.ordering.askers import Askers
from handlers.ordering.confirmation import invocation_of
from handlers.ordering.proposing import Proposal, Proposing
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.requests import Once, Requests, Stored

CHANGED = "This has changed since you began. Please read it again; nothing was asked for yet."

log = structlog.get_logger(__name__)


MOST_TRIES = 10
"""Orders of other people that may come in between before somebody has to try again."""


def _is_what_was_shown(shown: Draft, now: Draft) -> bool:
    same = shown.subject is not None and now.subject is not None and shown.subject.digest() == now.subject.digest()
    return same and shown.workflows == now.workflows


@dataclass(frozen=True, slots=True)
class Opening:
    """Makes a request of a confirmed draft."""

    clock: Clock
    requests: Requests
    drafts: Drafts[Draft]
    book: PolicyBook
    commits: Commits
    standings: Standings
    proposing: Proposing
    askers: Askers
    review_lock: ReviewLock

    async def ask(self, draft: Draft, once: Once | None) -> Request | str:
        """Make the request of it, if everything is still as its author saw it; else why not."""
        for _ in range(MOST_TRIES):
            if refusal := await self.askers.why_not(draft):
                return refusal
            proposal = await self.proposing.propose(draft)
            if proposal.refusal:
                return proposal.refusal
            if not _is_what_was_shown(draft, proposal.draft):
                await self.drafts.save(replace(proposal.draft, confirmed=False))
                return CHANGED
            made = await self._store(proposal, once, await self.clock.now())
            if made is not None:
                return made
        return "Too many people ask at the same time. Please try again."

    async def _store(self, proposal: Proposal, once: Once | None, now: datetime) -> Request | str | None:
        draft, subject = proposal.draft, proposal.draft.subject
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
        """The glass is broken in the same step in which it is asked for."""
        emergency = self.book.emergency
        groups = emergency.group_ids if emergency else frozenset[str]()
        stands = await self.standings.in_groups(draft.author.account, draft.author.name, groups)
        people = emergency.people_behind(stands.person) if emergency else ()
        locked = await self.review_lock.holds(people, now)
        invocation = replace(invocation_of(draft), standing=stands, locked=locked)
        broken = break_glass(asked.request, emergency, invocation, witness_of(asked.request), now)
        if broken.refusal:
            return broken
        return replace(broken, planned=(*asked.planned, *broken.planned), entries=(*asked.entries, *broken.entries))
