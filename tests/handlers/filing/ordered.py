"""Helpers of the filing tests: orders in several states."""

from approvals.audit import Kind
from approvals.effects import NotificationKind, Reply, TellPerson
from approvals.order import Filing, FilingState
from approvals.request import Request
from cards.problems import problem_sentence
from tests.approvals.builders import ALEX
from tests.fakes.intune import APPROVED
from tests.handlers.deciding.voter import approve
from tests.handlers.stage import DANA_THERE, Stage


def filing_of(stage: Stage, request: Request) -> Filing:
    """Return the filing of the order."""
    filing = stage.now_of(request).filing
    assert filing is not None
    return filing


def state_of(stage: Stage, request: Request) -> FilingState:
    """Return the filing state of the order."""
    return filing_of(stage, request).state


def problem_of(stage: Stage, request: Request) -> str:
    """Return the problem of the order in words, or an empty text."""
    problem = filing_of(stage, request).problem
    return problem_sentence(problem) if problem else ""


def intune_id_of(stage: Stage, request: Request) -> str:
    """Return the id under which Intune holds the order."""
    return stage.now_of(request).intune_id or ""


async def approved(stage: Stage, target_id: str = "d1") -> Request:
    """Return an order of Rita's that Alex has approved here and that is not filed yet."""
    request = await stage.asked(target_id)
    await approve(stage, ALEX, request)
    stage.forget_planned()
    return stage.now_of(request)


async def held(stage: Stage) -> Request:
    """Return such an order after it was filed in Intune."""
    request = await approved(stage)
    await stage.journeys.filing_orders.file(request.id)
    stage.forget_planned()
    return stage.now_of(request)


async def completable(stage: Stage) -> Request:
    """Return such an order after Dana approved it in Intune."""
    request = await held(stage)
    stage.clock.advance(minutes=1)
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED, approver=DANA_THERE)
    await stage.journeys.looking.look(request.id)
    stage.forget_planned()
    return stage.now_of(request)


async def file(stage: Stage, request: Request) -> str:
    """File the order if possible, and return why it could not be filed."""
    return await stage.journeys.filing_orders.file(request.id)


def blocked(stage: Stage, request: Request, why: str) -> None:
    """Check that nothing was filed, and that the card, the thread and the person who asked say why."""
    assert stage.filer.filed == {}
    assert stage.filer.done == []
    assert (state_of(stage, request), problem_of(stage, request)) == (FilingState.BLOCKED, why)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.BLOCKED)]
    assert TellPerson(request.id, NotificationKind.BLOCKED, "rita") in stage.planned(TellPerson)
    assert stage.recorded(Kind.NOT_FILED)[-1].why == why


async def complete(stage: Stage, request: Request) -> None:
    """Complete the order if possible."""
    await stage.journeys.completing.complete(request.id)
