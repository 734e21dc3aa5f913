"""Consequences of a broken glass, and the sentence about them for the person who broke it."""

from dataclasses import dataclass

from approvals.break_glass import why_only_escalated
from approvals.emergency import BreakGlassRecord, Way
from approvals.refusals import BrokenAlready
from approvals.request import Request
from cards.escalation import escalated
from cards.refusals import refusal_sentence
from cards.sentences import DRILLED
from handlers.carrying.carrying import Carrying, Signer
from handlers.carrying.troubles import why_not_signed_in
from handlers.emergency.acting_alone import ActingAlone
from handlers.ports.errors import PortError
from handlers.ports.requests import Stored
from handlers.ports.sign_in import UserToken
from handlers.storing.commits import Committed


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Carries the decision with the person's token if they decided; otherwise the separate emergency process may run
    the operation."""

    acting_alone: ActingAlone
    carrying: Carrying

    async def see_to(self, committed: Committed, token: UserToken | None, proof: str | None) -> str:
        """Do what follows from what was stored; return the result, or why nothing was stored.

        `proof` is the person's own signed token, which the emergency process checks itself.
        """
        refusal, request = committed.outcome.refusal, committed.request
        if refusal and isinstance(refusal, BrokenAlready) and token:
            return await self.acting_alone.execute(request, token.account, proof) or refusal_sentence(refusal)
        if committed.notice:
            return committed.notice
        if not is_new(committed):
            return "Nothing was done. Please begin again."
        glass = request.glass[-1]
        if glass.drill or request.drill:
            return DRILLED
        if glass.way is Way.ESCALATED:
            line = f"The glass is broken. {escalated(why_only_escalated(request, glass))} Those on call are asked now."
            return f"{line} {await self.acting_alone.execute(request, glass.invoker.account, proof)}".strip()
        return "The glass is broken." if token is None else await self._carried(request, glass, token)

    async def _carried(self, request: Request, glass: BreakGlassRecord, token: UserToken) -> str:
        signer = Signer(glass.invoker.account, glass.invoker.name, token)
        try:
            told = await self.carrying.finish(request.id, signer)
        except PortError as error:
            told = why_not_signed_in(error)
        return f"The glass is broken. {told}"


def is_new(committed: Committed) -> bool:
    """Return whether the glass was broken by this, and not refused or stored before."""
    return committed.stored is Stored.SAVED and committed.outcome.refusal is None
