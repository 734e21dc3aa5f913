"""Intune is away over the deadline: what was approved in the portal meanwhile counts by when it was given."""

from approvals.audit import Kind
from approvals.request import Decision
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.office import Office, day_with, text_of


@day_with(night=True)
async def test_while_intune_does_not_answer_the_outcome_is_open(day: Office) -> None:
    """Nothing expires on a guess, and nobody votes or breaks the glass either; when it answers, it is decided."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    request_id, card = await day.request_id(), day.card()
    step = await day.click("dana", "approve", card)
    day.tenant.portal.approve("sam", filed)
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path="operationApprovalRequests", times=99))
    await day.pass_time(hours=24)

    before = await day.bot.store.requests.load(request_id)
    assert before is not None
    assert before.decision is Decision.OPEN
    assert await day.audit(Kind.EXPIRED) == []
    late = await day.press("dana", "confirm-approve", step.card, card)
    assert "The deadline has passed" in text_of(late.card)
    glass = await day.break_glass("ivan", request_id)
    assert "The deadline has passed" in text_of(glass.card)

    day.tenant.graph.faults.clear()
    await day.pass_time(minutes=5)
    after = await day.bot.store.requests.load(request_id)
    assert after is not None
    assert after.decision is Decision.APPROVED
    assert day.alarms() == []
