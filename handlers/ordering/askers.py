"""People who may request something: by the configured groups, or in an emergency by the emergency path."""

from dataclasses import dataclass

from approvals.asking import Draft, why_not_ask
from approvals.break_glass import why_not_invoke
from approvals.policy import PolicyBook
from approvals.refusals import Refusal
from approvals.snapshot import Eligibility
from cards.refusals import refusal_sentence
from handlers.gathering.eligibilities import Eligibilities
from handlers.gathering.invokers import Invokers
from handlers.ports.orders import FilingRoom
from handlers.ports.sign_in import SignIn
from handlers.storing.refusals import Refusals

NOT_SET_UP = (
    "Nothing can be asked for in chat here: the operators have not set it up. Please use the Intune admin center."
)


@dataclass(frozen=True, slots=True)
class Askers:
    """Says who may request something. Without `sign_in` or `room` nobody may: no proof of who asks, or no filing."""

    sign_in: SignIn | None
    room: FilingRoom | None
    book: PolicyBook
    refusals: Refusals
    eligibilities: Eligibilities
    invokers: Invokers

    @property
    def can_ask(self) -> bool:
        """Return whether anything can be requested here at all."""
        return self.sign_in is not None and self.room is not None

    async def why_not(self, draft: Draft) -> str:
        """Return why its author may not request this at all, and record it."""
        if not self.can_ask:
            return NOT_SET_UP
        eligibility, refusal = await (self._invoking(draft) if draft.emergency else self._asking(draft))
        if refusal is None:
            return ""
        return await self.refusals.record(
            eligibility.person, refusal_sentence(refusal), reason=refusal.code, act=draft.act, target=draft.words
        )

    async def _asking(self, draft: Draft) -> tuple[Eligibility, Refusal | None]:
        workflows = self.book.workflows_for((draft.act.policy_type,), draft.act.kind)
        groups = {group.id for workflow in workflows for group in workflow.requesters}
        eligibility = await self.eligibilities.in_groups(draft.author.account, draft.author.name, groups)
        return eligibility, why_not_ask(workflows, eligibility)

    async def _invoking(self, draft: Draft) -> tuple[Eligibility, Refusal | None]:
        eligibility = await self.invokers.eligibility(draft.author.account, draft.author.name)
        return eligibility, why_not_invoke(self.invokers.emergency, eligibility)
