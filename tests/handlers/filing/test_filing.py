"""Filing an approved order: search first, reserve the call once, and check the brakes in that step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.audit import Kind
from approvals.effects import File, NotificationKind, TellPerson
from approvals.order import FilingState
from approvals.request import IntuneStatus
from handlers.ports.errors import Conflict, Unavailable
from tests.approvals.builders import ALEX
from tests.handlers.deciding.voter import approve, reject
from tests.handlers.filing.ordered import approved, file, filing_of, held, intune_id_of, state_of
from tests.handlers.stage import Stage


async def test_an_approved_order_is_filed_with_our_marker_and_who_asked(stage: Stage) -> None:
    """An approved order is filed with our marker and the initiator; its id is stored and its call is sealed."""
    request = await approved(stage)

    assert await file(stage, request) == ""

    now = stage.now_of(request)
    (row,) = stage.intune.rows.values()
    proof = stage.vault.proof(request.id)
    assert row.justification == f"Countersign {request.id}-{proof}, asked by Rita: Stolen on the train"
    assert (now.intune_id, now.intune_status) == (row.id, IntuneStatus.NEEDS_APPROVAL)
    filing = filing_of(stage, request)
    assert (filing.state, filing.app_id, filing.held_at) == (FilingState.HELD, "actor", stage.clock.time)
    assert stage.vault.open(request.id, filing.sealed_call) == stage.filer.filed[row.id]
    assert [entry.evidence["on_behalf_of"] for entry in stage.recorded(Kind.FILED)] == ["rita"]


async def test_what_is_not_approved_is_not_filed(stage: Stage) -> None:
    """An order that is waiting or rejected is not filed."""
    request = await stage.asked()
    await file(stage, request)
    await reject(stage, ALEX, request)
    await file(stage, request)

    assert stage.intune.rows == {}


async def test_a_filed_order_is_not_filed_again(stage: Stage) -> None:
    """A filed order is not filed again, however often the effect comes."""
    request = await held(stage)

    await file(stage, request)

    assert len(stage.filer.filed) == 1


async def test_what_was_filed_in_the_portal_is_not_filed_by_us(stage: Stage) -> None:
    """A request that was filed in the portal is not filed by us."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)

    assert await file(stage, request) == ""
    assert stage.filer.filed == {}


async def test_the_deciding_person_has_ten_seconds_before_it_is_filed_by_itself(stage: Stage) -> None:
    """The deciding person has ten seconds to file and carry, before the order is filed by itself."""
    request = await stage.asked()
    await approve(stage, ALEX, request)

    assert stage.due_in(File(request.id)) == 10


# --- orders that Intune already holds -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["asked", "approved"])
async def test_what_intune_holds_already_is_adopted_without_a_call(stage: Stage, state: str) -> None:
    """An order that Intune already holds, while a restored store has forgotten it, is adopted by its marker."""
    request = await stage.asked()
    before = stage.now_of(request)
    await approve(stage, ALEX, request)
    await file(stage, request)
    filed = intune_id_of(stage, request)
    stage.store.requests.restore(before)
    if state == "approved":
        await approve(stage, ALEX, request)
    stage.filer.troubles.refuses["file"] = Conflict("there must be no second call")

    await (file(stage, request) if state == "approved" else stage.journeys.looking.look(request.id))

    assert intune_id_of(stage, request) == filed
    assert state_of(stage, request) is FilingState.HELD
    sealed = filing_of(stage, request).sealed_call
    assert stage.vault.open(request.id, sealed) == stage.filer.filed[filed]


async def test_a_marker_of_another_installation_is_not_ours(stage: Stage) -> None:
    """The marker of another installation is not ours, so nobody can make us adopt a request by copying our text."""
    request = await approved(stage)
    stage.intune.show(
        replace(
            stage.orders.plans["d1"].row, id="i9", justification=f"Countersign {request.id}-00000000, asked by Rita"
        )
    )

    await file(stage, request)

    assert intune_id_of(stage, request) not in ("", "i9")


async def test_without_the_list_of_intune_nothing_is_filed(stage: Stage) -> None:
    """Without Intune's list nothing is filed or reserved, because the order may already be there."""
    request = await approved(stage)
    stage.intune.troubles.refuses["changed_since"] = Unavailable("away")

    with pytest.raises(Unavailable):
        await file(stage, request)

    assert state_of(stage, request) is FilingState.WAITS
    assert stage.filer.filed == {}


# --- brakes and the end of the time -------------------------------------------------------------------------------


async def test_a_brake_stops_the_call_in_the_step_that_claims_it(stage: Stage) -> None:
    """A brake stops the call in the step that reserves it; the caller reads why, and the order does not change."""
    request = await approved(stage)

    async def pause() -> None:
        stage.pause()

    stage.orders.troubles.meanwhile["call_for"] = pause

    assert (await file(stage, request)).startswith("Paused by Alex")

    assert stage.now_of(request) == request
    assert stage.filer.filed == {}


async def test_two_replicas_make_one_call(stage: Stage) -> None:
    """Two replicas make one call, because the slower one finds it reserved."""
    request = await approved(stage)
    other = stage.journeys_with(replica="r2")
    stage.orders.troubles.meanwhile["call_for"] = lambda: other.filing_orders.file(request.id)

    await file(stage, request)

    assert len(stage.filer.filed) == 1
    assert len(stage.recorded(Kind.SENT_TO_INTUNE)) == 1


async def test_what_came_too_late_is_not_filed_and_given_up(stage: Stage) -> None:
    """An order is given up when its time is over; the person who asked is told."""
    request = await approved(stage)
    stage.clock.time = request.intune_expires_at - timedelta(seconds=1)
    await stage.journeys.dropping.give_up(request)
    assert state_of(stage, request) is FilingState.WAITS
    stage.clock.advance(seconds=1)

    await file(stage, request)
    await stage.journeys.dropping.give_up(request)

    assert stage.filer.filed == {}
    assert state_of(stage, request) is FilingState.DROPPED
    assert TellPerson(request.id, NotificationKind.DROPPED, "rita") in stage.planned(TellPerson)
