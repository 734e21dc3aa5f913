"""The last card before an order is requested: what it shows, and what has to be filled in."""

from dataclasses import dataclass

from approvals.alone import ALONE
from approvals.asking import Draft, why_no_reason, why_wrong_name
from approvals.audit import Identified
from approvals.break_glass import Invocation, why_not_enough
from approvals.policy import PolicyBook
from approvals.refusals import Refusal
from approvals.snapshot import Eligibility
from cards import drafting, words
from handlers.ports.emergency import EmergencyExecution
from handlers.ports.teams import CardJson


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Has an order confirmed; an emergency requires more. Without `alone` nobody acts alone here."""

    alone: EmergencyExecution | None
    book: PolicyBook

    def why_not(self, draft: Draft, typed_name: str) -> Refusal | None:
        """Return what is missing in the input, or wrong with the name that was typed."""
        return self._why_not_enough(draft) or why_wrong_name(draft, typed_name)

    def card(self, draft: Draft, notice: str = "", sign_in_url: str = "") -> CardJson:
        """Return the card with a sentence on top, and in channels with a link to the sign-in page."""
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

    def _why_not_enough(self, draft: Draft) -> Refusal | None:
        emergency = self.book.emergency
        if draft.emergency and emergency is not None:
            return why_not_enough(emergency, invocation_of(draft))
        return why_no_reason(draft.justification)


def invocation_of(draft: Draft) -> Invocation:
    """Return its author's input for the emergency rules; standing and locks are gathered later."""
    eligibility = Eligibility(draft.author, frozenset(), active=True)
    return Invocation(eligibility, Identified.BY_TOKEN, draft.justification, draft.ticket, draft.acting)
