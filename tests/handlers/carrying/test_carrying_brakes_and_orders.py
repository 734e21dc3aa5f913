"""Carrying while brakes are on, and carrying the requests that we file ourselves."""

from approvals.audit import Kind
from approvals.effects import Complete
from approvals.request import CarryState, Decision, IntuneStatus
from handlers.ports.errors import (
    Unavailable,
)
from tests.approvals.builders import ALEX
from tests.handlers.carrying.carrier import decided, finish
from tests.handlers.deciding.voter import approve, reject
from tests.handlers.problems import carry_problem
from tests.handlers.stage import Stage

# --- brakes -------------------------------------------------------------------------------------------------------


async def test_a_brake_stops_the_call_before_it_is_made(stage: Stage) -> None:
    """A brake stops the call before it is made; the vote stays, and the person reads why."""
    request = await decided(stage)
    stage.pause()

    said = await finish(stage, request)

    assert said.startswith("Paused by Alex: Something is wrong.")
    assert stage.intune.said == []
    now = stage.now_of(request)
    assert (now.decision, carry_problem(now)) == (
        Decision.APPROVED, "Alex wanted to tell Intune while that was stopped."
    )  # fmt: skip
    assert stage.recorded(Kind.REFUSED)[-1].evidence["reason"] == "braked"


async def test_a_brake_that_is_pulled_after_the_look_still_stops_the_call(stage: Stage) -> None:
    """A brake that is pulled after the look still stops the call, because it is checked in the reserving step."""
    request = await decided(stage)

    async def pause() -> None:
        stage.pause()

    stage.directory.troubles.meanwhile["eligibility"] = pause
    await finish(stage, request)

    assert stage.intune.said == []
    assert stage.now_of(request).carry_state is CarryState.TROUBLED


async def test_a_rejection_is_carried_under_every_brake(stage: Stage) -> None:
    """A rejection is carried under every brake, because stopping it would keep something dangerous alive."""
    request = await stage.taken_up()
    await reject(stage, ALEX, request)
    stage.pause()
    await stage.doubt()

    assert await finish(stage, request) == "Intune has been told: rejected."
    assert [said.verb for said in stage.intune.said] == ["reject"]


# --- orders -------------------------------------------------------------------------------------------------------


async def test_an_order_is_filed_carried_and_completed_in_one_go(stage: Stage) -> None:
    """Finish files, carries and completes an order in one go, so a signed-in approver has nothing left to do."""
    request = await stage.asked()
    await approve(stage, ALEX, request)

    assert await finish(stage, request) == "Intune has been told: approved."

    assert [said.verb for said in stage.intune.said] == ["approve"]
    assert len(stage.filer.done) == 1
    assert stage.now_of(request).intune_status is IntuneStatus.COMPLETED


async def test_an_order_that_is_not_filed_is_not_carried(stage: Stage) -> None:
    """An order that could not be filed is not carried, and the person is told why."""
    request = await stage.asked()
    await approve(stage, ALEX, request)
    stage.orders.held.clear()

    said = await finish(stage, request)

    assert said.startswith("Intune has no active access policy for deviceWipe on windows10AndLater")
    assert stage.intune.said == []
    assert stage.intune.rows == {}


async def test_a_brake_stops_the_filing_of_an_order_as_well(stage: Stage) -> None:
    """A brake stops the filing of an order too, and the order is not carried."""
    request = await stage.asked()
    await approve(stage, ALEX, request)
    stage.pause()

    assert (await finish(stage, request)).startswith("Paused by Alex")
    assert stage.intune.rows == {}
    assert stage.now_of(request).carry_state is CarryState.TROUBLED


async def test_an_order_that_cannot_be_completed_now_is_completed_later_by_itself(stage: Stage) -> None:
    """If the completion is not possible now, it is done later by itself, and the approver need not carry again."""
    request = await stage.asked()
    await approve(stage, ALEX, request)

    async def devices_go_away() -> None:
        stage.orders.troubles.refuses["plan"] = Unavailable("away")

    stage.intune.troubles.meanwhile["decide"] = devices_go_away
    assert await finish(stage, request) == "Intune has been told: approved."

    assert stage.now_of(request).carry_state is CarryState.DONE
    assert stage.filer.done == []
    assert stage.planned(Complete) == [Complete(request.id)]
