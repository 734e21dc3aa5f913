"""What no list of Intune shows is read by its id, and orders that wait by their targets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.request import IntuneStatus
from handlers.intune.poll import Polled
from handlers.ports.errors import Forbidden, NotFound, PortError, Throttled, Unavailable
from handlers.ports.intune import Content
from tests.approvals.builders import ALEX
from tests.fakes.intune import EXPIRED, wipe
from tests.handlers.deciding.voter import approve
from tests.handlers.intune.polled import poll
from tests.handlers.stage import Stage, script


async def read_on(stage: Stage) -> None:
    """Time goes by, and another row moves the watermark: what was read before is not listed any more."""
    await poll(stage)
    stage.clock.advance(hours=1)
    stage.intune.show(wipe(id="i9", target_id="d9", modified_at=stage.clock.time))
    await poll(stage)


async def test_what_intune_should_have_ended_is_read_by_its_id(stage: Stage) -> None:
    """It expires there without being listed as a change."""
    request = await stage.taken_up()
    await read_on(stage)
    stage.clock.time = request.intune_expires_at
    stage.intune.rows["i1"] = replace(stage.intune.rows["i1"], raw_status=EXPIRED)

    await poll(stage)

    assert stage.now_of(request).intune_status is IntuneStatus.EXPIRED


async def test_before_its_time_nothing_is_read_by_its_id(stage: Stage) -> None:
    """That would be a call for each open request."""
    request = await stage.taken_up()
    await read_on(stage)
    stage.clock.time = request.intune_expires_at - timedelta(seconds=1)
    stage.intune.troubles.refuses["get"] = Throttled("too many")

    assert await poll(stage) is Polled.COMPLETE


async def test_one_that_is_not_visible_keeps_no_other_from_being_read(stage: Stage) -> None:
    """It may be hidden from us."""
    first, second = await stage.taken_up(), await stage.taken_up(script())
    await read_on(stage)
    stage.clock.time = first.intune_expires_at
    del stage.intune.rows["i1"]
    stage.intune.rows["i2"] = replace(stage.intune.rows["i2"], raw_status=EXPIRED)

    assert await poll(stage) is Polled.COMPLETE
    assert stage.now_of(second).intune_status is IntuneStatus.EXPIRED


@pytest.mark.parametrize("error", [Unavailable("away"), Throttled("busy")])
async def test_a_neighbour_that_is_away_for_what_has_ended_ends_the_round(stage: Stage, error: PortError) -> None:
    """Those requests are asked for one by one; not where nobody answers."""
    request = await stage.taken_up()
    await read_on(stage)
    stage.clock.time = request.intune_expires_at

    async def goes_away() -> None:
        stage.intune.troubles.refuses["changed_since"] = error

    stage.intune.troubles.refuses["get"] = error
    stage.intune.troubles.meanwhile["get"] = goes_away

    with pytest.raises(type(error)):
        await poll(stage)


async def test_an_order_that_waits_is_read_again_at_every_poll(stage: Stage) -> None:
    """Its target may change although Intune shows the order nowhere; then its votes are void."""
    request = await stage.asked(policy_types=("script",), kind="DeviceManagementScript")
    await approve(stage, ALEX, request)
    assert len(stage.now_of(request).votes) == 1
    stage.intune.contents[""] = Content(sha256="another")

    await poll(stage)

    assert stage.now_of(request).votes == ()
    assert stage.now_of(request).digest != request.digest


@pytest.mark.parametrize("error", [NotFound("gone"), Forbidden("hidden")])
async def test_an_order_that_cannot_be_read_holds_no_poll_up(stage: Stage, error: PortError) -> None:
    """It is read again before anything is done with it."""
    await stage.asked()
    stage.orders.troubles.refuses["plan"] = error

    assert await poll(stage) is Polled.COMPLETE
