"""Acting alone, by the separate emergency process, after the glass is broken and those on call are paged.

The attempt is stored before the call. The process checks the person and the device itself.
"""

from dataclasses import dataclass

import structlog

from approvals import alone as rules
from approvals.alone import calling_glass, executed_alone, not_executed_alone, start_alone
from approvals.request import Request
from handlers.intune.own_filings import OwnFilings
from handlers.ports.emergency import AloneCall, EmergencyExecution, LedgerMark
from handlers.ports.errors import PortError, Unavailable
from handlers.ports.memory import Memory
from handlers.ports.requests import Stored
from handlers.storing.commits import Commits

FILED_ALREADY = "Intune holds it already, so one other person has to approve it."
NOT_LOOKED_FOR = "It is unknown whether Intune already has this, so one other person has to approve it."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ActingAlone:
    """Has the emergency process run what one person requested. If `alone` is `None`, acting alone is not set up.

    If the operation is not run, nothing changes: one other person still has to approve it.
    """

    memory: Memory
    alone: EmergencyExecution | None
    commits: Commits
    own_filings: OwnFilings

    async def execute(self, request: Request, account: str, assertion: str | None) -> str:
        """Run the operation, if the rules allow that; return the sentence about the result, or nothing.

        `assertion` is the person's own signed token, which the process checks itself.
        """
        if self.alone is None or not assertion:
            return ""
        if problem := await self._why_not_alone(request):
            return problem
        reserved = await self.commits.commit(request.id, lambda known, now: start_alone(known, account, now))
        if reserved.stored is Stored.BRAKED:
            return reserved.notice
        if reserved.outcome.refusal or reserved.stored is not Stored.SAVED:
            return ""
        return await self._ask(self.alone, reserved.request, assertion)

    async def end_attempt(self, request: Request) -> None:
        """Record that no answer came, if none did."""
        await self.commits.commit(request.id, rules.end_attempt)

    async def _why_not_alone(self, request: Request) -> str:
        """Return why not: what Intune holds for this order already would be carried out twice."""
        try:
            return FILED_ALREADY if await self.own_filings.find(request) is not None else ""
        except PortError as error:
            log.warning("not_looked_for", request_id=request.id, error=str(error))
            return NOT_LOOKED_FOR

    async def _ask(self, alone: EmergencyExecution, reserved: Request, assertion: str) -> str:
        """Make the one call that was reserved, and store its answer."""
        call = _call(reserved, await self.memory.ledger())
        if call is None:
            return ""
        try:
            answer = await alone.execute(call, assertion)
        except PortError as error:
            return await self._store_failure(reserved, error)
        await self._remember(answer.ledger)
        said, answer_id = answer.sentence, answer.answer_id
        await self.commits.commit(reserved.id, lambda known, now: executed_alone(known, reserved, said, answer_id, now))
        log.error("done_alone", request_id=reserved.id, act=call.act)
        return said

    async def _store_failure(self, reserved: Request, error: PortError) -> str:
        log.error("not_done_alone", request_id=reserved.id, why=str(error))
        said, in_doubt = str(error), isinstance(error, Unavailable)
        await self.commits.commit(
            reserved.id, lambda known, now: not_executed_alone(known, reserved, said, now, in_doubt=in_doubt)
        )
        return said

    async def _remember(self, ledger: LedgerMark | None) -> None:
        """Store the ledger's position, unless an answer that came earlier is ahead of it."""
        if ledger is not None and ledger.follows(await self.memory.ledger()):
            await self.memory.save_ledger(ledger)


def _call(request: Request, remembered: LedgerMark | None) -> AloneCall | None:
    glass, filing = calling_glass(request), request.filing
    if glass is None or filing is None:
        return None
    return AloneCall(
        person=glass.invoker.account,
        act=filing.order.act,
        device_id=filing.order.target_id,
        device_name=request.subject.target,
        why=glass.why,
        request_id=request.id,
        remembered=remembered,
    )
