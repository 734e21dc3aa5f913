"""One person alone, by the separate emergency process: asked after the glass is broken and those on call are paged."""

from datetime import datetime

import structlog

from approvals.alone import executed_alone, may_be_done_alone
from approvals.emergency import Way
from approvals.outcome import Outcome
from approvals.request import Request
from handlers.desk import Desk
from handlers.ports import AloneCall, PortError
from handlers.settle import settle

log = structlog.get_logger(__name__)


async def execute(desk: Desk, request: Request, assertion: str | None) -> str:
    """Have it done, if that is set up and this is such a case; the sentence that tells what came of it, or nothing.

    If it is not done, everything is as it was: one other person has to approve it.
    """
    glass = request.glass[-1] if request.glass else None
    filing = request.filing
    if desk.alone is None or assertion is None or glass is None or glass.way is not Way.ESCALATED or filing is None:
        return ""
    if not may_be_done_alone(request):
        return ""
    call = AloneCall(
        person=glass.invoker.account,
        act=filing.order.act,
        device_id=filing.order.target_id,
        device_name=request.subject.target,
        why=glass.why,
        request_id=request.id,
    )
    try:
        sentence = await desk.alone.execute(call, assertion)
    except PortError as error:
        log.error("not_done_alone", request_id=request.id, why=str(error))
        return str(error)

    async def decide(known: Request, now: datetime) -> Outcome:
        return executed_alone(known, glass.invoker, sentence, now)

    await settle(desk, request.id, decide)
    log.error("done_alone", request_id=request.id, act=call.act)
    return sentence
