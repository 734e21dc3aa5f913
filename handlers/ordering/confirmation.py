"""Asking for an operation in chat: from words to one target, to what is at stake, to a request that waits for approval.

Nothing is sent to Intune here. A draft belongs to who began it and serves once: its id becomes the request's.
"""

from dataclasses import dataclass

from approvals.alone import ALONE
from approvals.asking import Draft, why_no_reason
from approvals.audit import Identified
from approvals.break_glass import Invocation, why_not_enough
from approvals.policy import PolicyBook
from approvals.refusals import Refusal
from approvals.sighting import Standing
from cards import drafting, words
from handlers.ports.emergency import Alone
from handlers.ports.teams import Card


def invocation_of(draft: Draft) -> Invocation:
    stands = Standing(draft.author, frozenset(), active=True)
    return Invocation(stands, Identified.BY_TOKEN, draft.justification, draft.ticket, draft.acting)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last card before an order is asked for."""

    alone: Alone | None
    book: PolicyBook

    def why_not_filled(self, draft: Draft) -> Refusal | None:
        """What is wrong with the justification; an emergency asks for more than an order."""
        emergency = self.book.emergency
        if draft.emergency and emergency is not None:
            return why_not_enough(emergency, invocation_of(draft))
        return why_no_reason(draft.justification)

    def card(self, draft: Draft, notice: str = "", sign_in_url: str = "") -> Card:
        emergency = self.book.emergency if draft.emergency else None
        account = emergency.account_of(draft.author.account) if emergency else None
        return drafting.confirmation(
            draft,
            words.approvers_of(draft.workflows),
            notice,
            sign_in_url,
            can_continue=bool(sign_in_url),
            custodians=account.custodians if account else (),
            ticket=bool(emergency and emergency.ticket),
            alone=self.alone is not None and draft.act in ALONE,
        )
