"""Looks because time has passed: before the deadline ends a vote, and after a call without an answer."""

from datetime import timedelta

import pytest

from approvals.effects import Alarm, NotificationKind, Reply, TellPerson
from approvals.request import CarryState, Decision, IntuneStatus, Request
from handlers.ports.errors import Unavailable
from handlers.ports.intune import ApprovalEvent, Identity
from tests.approvals.builders import ALEX
from tests.fakes.clock import MORNING
from tests.fakes.intune import APPROVED, COMPLETED
from tests.handlers.deciding.voter import approve
from tests.handlers.problems import carry_problem
from tests.handlers.stage import DANA_THERE, Stage, script


async def expire(stage: Stage, request: Request) -> Request:
    """Let the deadline come, and return the request after it."""
    stage.clock.time = request.deadline
    await stage.journeys.awaiting.expire(stage.now_of(request))
    return stage.now_of(request)


async def test_the_deadline_ends_the_vote(stage: Stage) -> None:
    """The deadline ends the vote, and the thread is told."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)

    now = await expire(stage, request)

    assert now.decision is Decision.EXPIRED
    assert Reply(request.id, NotificationKind.EXPIRED) in stage.planned(Reply)


async def test_before_the_deadline_nothing_ends(stage: Stage) -> None:
    """Before the deadline the vote does not end, because the effect may be an old one."""
    request = await stage.taken_up()
    stage.clock.time = request.deadline - timedelta(seconds=1)

    await stage.journeys.awaiting.expire(request)

    assert stage.now_of(request).decision is Decision.OPEN


async def test_an_approval_in_time_that_nobody_has_seen_still_counts(stage: Stage) -> None:
    """An approval in time that nobody has seen yet still counts, because Intune is looked at first."""
    request = await stage.taken_up()
    stage.clock.advance(hours=1)
    stage.intune.move("i1", raw_status=APPROVED, approver=DANA_THERE)

    now = await expire(stage, request)

    assert now.decision is Decision.APPROVED
    assert [vote.voter.account for vote in now.votes] == ["dana"]


@pytest.mark.parametrize("first", ["outbox", "poller"])
@pytest.mark.parametrize("ends", [APPROVED, COMPLETED])
@pytest.mark.parametrize(("hour", "decision"), [(23, Decision.APPROVED), (25, Decision.EXPIRED)])
async def test_whoever_looks_first_after_the_deadline_comes_to_the_same(
    stage: Stage, first: str, ends: str, hour: int, decision: Decision
) -> None:
    """The result after the deadline depends only on the time of the portal approval, whoever looks first."""
    request = await stage.taken_up()
    await stage.journeys.poll.poll()
    stage.clock.advance(hours=hour)
    stage.intune.approvals["i1"] = ApprovalEvent(stage.clock.time, DANA_THERE)
    stage.intune.move("i1", raw_status=APPROVED, approver=DANA_THERE)
    stage.clock.advance(hours=26 - hour)
    if ends == COMPLETED:
        stage.intune.move("i1", raw_status=COMPLETED)

    if first == "outbox":
        await stage.journeys.awaiting.expire(request)
    await stage.journeys.poll.poll()
    await stage.journeys.awaiting.expire(stage.now_of(request))

    now = stage.now_of(request)
    assert (now.decision, now.intune_status) == (decision, ends)
    assert [vote.at for vote in now.votes] == ([MORNING + timedelta(hours=23)] if hour == 23 else [])
    assert bool(stage.planned(Alarm)) is (hour == 25)


@pytest.mark.parametrize("first", ["outbox", "poller"])
async def test_an_approval_that_nobody_dates_counts_as_late(stage: Stage, first: str) -> None:
    """An approval without a known time counts as late and alarms."""
    request = await stage.taken_up()
    await stage.journeys.poll.poll()
    stage.clock.advance(hours=25)
    stage.intune.move("i1", raw_status=COMPLETED, approver=DANA_THERE)

    if first == "outbox":
        await stage.journeys.awaiting.expire(request)
    await stage.journeys.poll.poll()
    await stage.journeys.awaiting.expire(stage.now_of(request))

    now = stage.now_of(request)
    assert (now.decision, now.votes) == (Decision.EXPIRED, ())
    assert stage.planned(Alarm)


async def test_an_approval_after_the_deadline_counts_for_nothing(stage: Stage) -> None:
    """An approval after the deadline does not count."""
    request = await stage.taken_up()
    stage.clock.time = request.deadline
    stage.intune.move("i1", raw_status=APPROVED, approver=DANA_THERE)

    now = await expire(stage, request)

    assert now.decision is Decision.EXPIRED
    assert TellPerson(request.id, NotificationKind.NATIVE_VOID, "dana") in stage.planned(TellPerson)


async def test_what_was_completed_is_dated_by_the_audit_of_intune(stage: Stage) -> None:
    """The approval of a completed request has the time in Intune's audit."""
    request = await stage.taken_up()
    stage.intune.approvals["i1"] = ApprovalEvent(request.deadline - timedelta(hours=1), DANA_THERE)
    stage.clock.time = request.deadline
    stage.intune.move("i1", raw_status=COMPLETED, approver=DANA_THERE)

    assert (await expire(stage, request)).decision is Decision.APPROVED


async def test_while_intune_does_not_answer_the_outcome_stays_open(stage: Stage) -> None:
    """If Intune does not answer, the vote does not end, and the look is tried again."""
    request = await stage.taken_up()
    stage.intune.troubles.refuses["get"] = Unavailable("away")

    with pytest.raises(Unavailable):
        await expire(stage, request)

    assert stage.now_of(request).decision is Decision.OPEN


async def test_what_intune_does_not_show_any_more_expires(stage: Stage) -> None:
    """A request that Intune no longer shows expires."""
    request = await stage.taken_up()
    del stage.intune.rows["i1"]

    assert (await expire(stage, request)).decision is Decision.EXPIRED


async def test_what_is_decided_does_not_expire(stage: Stage) -> None:
    """A decided request does not expire, and Intune is not asked."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.intune.troubles.refuses["get"] = Unavailable("away")

    assert (await expire(stage, request)).decision is Decision.APPROVED


# --- a look after a call ------------------------------------------------------------------------------------------


async def test_whoever_does_not_sign_in_within_two_minutes_leaves_it_to_others(stage: Stage) -> None:
    """If the person does not sign in within two minutes, the thread asks others to finish."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.clock.advance(seconds=119)
    await stage.journeys.awaiting.look(request)
    assert stage.now_of(request).carry_state is CarryState.WANTED

    stage.clock.advance(seconds=1)
    await stage.journeys.awaiting.look(request)

    now = stage.now_of(request)
    assert (now.carry_state, carry_problem(now)) == (CarryState.TROUBLED, "Alex has not signed in yet.")
    assert Reply(request.id, NotificationKind.WAITS_FOR_ONE) in stage.planned(Reply)


async def test_whoever_decides_in_the_portal_instead_has_carried_it(stage: Stage) -> None:
    """A decision in the portal instead counts as carried."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.intune.move("i1", raw_status=APPROVED, approver=Identity("alex", "Alex", is_person=True))

    await stage.journeys.awaiting.look(request)

    now = stage.now_of(request)
    assert (now.carry_state, now.intune_status) == (CarryState.DONE, IntuneStatus.APPROVED)


async def test_an_approval_that_was_taken_back_in_the_portal_is_wanted_anew(stage: Stage) -> None:
    """If the approval is withdrawn in the portal, it has to be carried again."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.intune.move("i1", raw_status=APPROVED, approver=Identity("alex", "Alex", is_person=True))
    await stage.journeys.awaiting.look(request)
    stage.intune.move("i1", raw_status="needsApproval", approver=None)

    await stage.journeys.awaiting.look(request)

    assert carry_problem(stage.now_of(request)) == "The approval was withdrawn in Intune."


async def test_what_intune_does_not_show_tells_nothing(stage: Stage) -> None:
    """If Intune does not show the request, nothing changes; other errors are raised and tried again."""
    request = await stage.taken_up()
    row = stage.intune.rows.pop("i1")

    await stage.journeys.awaiting.look(request)
    assert stage.now_of(request) == request

    stage.intune.show(row)
    stage.intune.troubles.refuses["get"] = Unavailable("away")
    with pytest.raises(Unavailable):
        await stage.journeys.awaiting.look(request)
