"""The bot was away over the deadline. A portal approval counts by the time when it was given, not by which job of the
bot looks first afterwards."""

from datetime import timedelta
from typing import Literal

import pytest

from approvals.audit import Kind
from approvals.request import Decision, IntuneStatus
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.office import Office, day_with, text_of, verbs_of

Ends = Literal["approved", "completed"]


async def comes_back(day: Office, first: str) -> None:
    """Let the bot come back: either the outbox with the deadline looks first, or the poller."""
    if first == "outbox":
        await day.work()
    await day.poll()


@pytest.mark.parametrize("first", ["outbox", "poller"])
@pytest.mark.parametrize("hour", [23, 25])
@pytest.mark.parametrize("ends", ["approved", "completed"])
async def test_whoever_looks_first_comes_to_the_same(day: Office, first: str, hour: int, ends: Ends) -> None:
    """An approval that was given before our deadline counts; one that was given after it does not, and raises an
    alarm."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    request_id, card = await day.request_id(), day.card()
    day.tenant.clock.advance(timedelta(hours=hour))
    day.tenant.portal.approve("sam", filed)
    day.tenant.clock.advance(timedelta(hours=26 - hour))
    if ends == "completed":
        day.tenant.portal.complete("rita", filed)

    await comes_back(day, first)
    after = await day.bot.store.requests.load(request_id)

    assert after is not None
    assert after.intune_status is IntuneStatus(ends)
    if hour < 24:
        assert after.decision is Decision.APPROVED
        assert [vote.at.hour for vote in after.votes] == [7]  # the next morning, when it was given
        assert day.alarms() == []
        assert ("Completed" if ends == "completed" else "Approved, not completed yet") in text_of(card.card)
    else:
        assert after.decision is Decision.EXPIRED
        assert after.votes == ()
        assert "The deadline here has passed without the quorum" in day.alarms()[-1]
        assert "Alarm: expired here, approved in Intune" in text_of(card.card)


@pytest.mark.parametrize("first", ["outbox", "poller"])
async def test_when_nobody_says_when_it_was_given(day: Office, first: str) -> None:
    """If nobody can say when the approval was given, it counts as late, and raises an alarm."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    request_id = await day.request_id()
    day.tenant.portal.approve("sam", filed)
    day.tenant.clock.advance(timedelta(hours=25))
    day.tenant.portal.complete("rita", filed)
    day.tenant.graph.audit_events.clear()

    await comes_back(day, first)
    after = await day.bot.store.requests.load(request_id)

    assert after is not None
    assert (after.decision, after.votes) == (Decision.EXPIRED, ())
    assert day.alarms()


@day_with(night=True)
async def test_while_intune_does_not_answer_the_outcome_is_open(day: Office) -> None:
    """While Intune does not answer, a request at its deadline neither expires nor takes votes nor break-glass. It is
    decided when Intune answers."""
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


async def test_what_intune_does_not_show_any_more(day: Office) -> None:
    """A request that Intune no longer shows expires at its deadline."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    day.tenant.graph.knobs.hidden_from_apps.add(filed)
    await day.pass_time(hours=24)
    assert "Expired with 0 of 1 approval" in day.replies(day.card())[-1]
    assert verbs_of(day.card().card) == ["details"]
