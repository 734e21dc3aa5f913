"""What an order would be: its target read now, under which terms it can be asked for, or why it cannot."""

from dataclasses import dataclass

from approvals.asking import Draft, why_not_ask
from approvals.break_glass import why_not_invoke
from approvals.policy import PolicyBook
from approvals.refusals import Refusal
from approvals.sighting import Standing
from cards.refusals import refusal_sentence
from handlers.gathering.standings import Standings
from handlers.ports.orders import FilingRoom
from handlers.ports.sign_in import SignIn
from handlers.refusals import Refusals

NOT_SET_UP = (
    "Nothing can be asked for in chat here: the operators have not set it up. Please use the Intune admin center."
)


@dataclass(frozen=True, slots=True)
class Askers:
    """Who may ask for an order."""

    sign_in: SignIn | None
    room: FilingRoom | None
    book: PolicyBook
    refusals: Refusals
    standings: Standings

    async def why_not(self, draft: Draft) -> str:
        """Why this person may not ask for this at all, by the groups that the configuration names; that is recorded."""
        if self.room is None or self.sign_in is None:
            return NOT_SET_UP
        stands, refusal = await (self._invoking(draft) if draft.emergency else self._asking(draft))
        if refusal is None:
            return ""
        return await self.refusals.record(
            stands.person, refusal_sentence(refusal), reason=refusal.code, act=draft.act, target=draft.words
        )

    async def _asking(self, draft: Draft) -> tuple[Standing, Refusal | None]:
        workflows = self.book.workflows_for((draft.act.policy_type,), draft.act.kind)
        groups = {group.id for workflow in workflows for group in workflow.requesters}
        stands = await self.standings.in_groups(draft.author.account, draft.author.name, groups)
        return stands, why_not_ask(workflows, stands)

    async def _invoking(self, draft: Draft) -> tuple[Standing, Refusal | None]:
        emergency = self.book.emergency
        groups = emergency.group_ids if emergency else frozenset[str]()
        stands = await self.standings.in_groups(draft.author.account, draft.author.name, groups)
        return stands, why_not_invoke(emergency, stands)
