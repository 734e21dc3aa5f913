"""Requests that Intune does not list are read by their id, and waiting orders by their targets."""

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
    """Let time pass and another row move the watermark, so that earlier rows are no longer listed."""
    await poll(stage)
    stage.clock.advance(hours=1)
    stage.intune.show(wipe(id="i9", target_id="d9", modified_at=stage.clock.time))
    await poll(stage)


async def test_what_intune_should_have_ended_is_read_by_its_id(stage: Stage) -> None:
    """A request whose time in Intune is over is read by its id, because Intune does not list the expiry."""
    request = await stage.taken_up()
    await read_on(stage)
    stage.clock.time = request.intune_expires_at
    stage.intune.rows["i1"] = replace(stage.intune.rows["i1"], raw_status=EXPIRED)

    await poll(stage)

    assert stage.now_of(request).intune_status is IntuneStatus.EXPIRED


async def test_before_its_time_nothing_is_read_by_its_id(stage: Stage) -> None:
    """Before that time no request is read by its id, because that would be a call for each open request."""
    request = await stage.taken_up()
    await read_on(stage)
    stage.clock.time = request.intune_expires_at - timedelta(seconds=1)
    stage.intune.troubles.refuses["get"] = Throttled("too many")

    assert await poll(stage) is Polled.COMPLETE


async def test_one_that_is_not_visible_keeps_no_other_from_being_read(stage: Stage) -> None:
    """A request that is not visible does not keep others from being read."""
    first, second = await stage.taken_up(), await stage.taken_up(script())
    await read_on(stage)
    stage.clock.time = first.intune_expires_at
    del stage.intune.rows["i1"]
    stage.intune.rows["i2"] = replace(stage.intune.rows["i2"], raw_status=EXPIRED)

    assert await poll(stage) is Polled.COMPLETE
    assert stage.now_of(second).intune_status is IntuneStatus.EXPIRED


@pytest.mark.parametrize("error", [Unavailable("away"), Throttled("busy")])
async def test_a_neighbour_that_is_away_for_what_has_ended_ends_the_round(stage: Stage, error: PortError) -> None:
    """If the neighbour is away or busy, the poll ends instead of asking for one request after the other."""
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
    """The target of a waiting order is read at every poll, and a change voids its votes."""
    request = await stage.asked(policy_types=("script",), kind="DeviceManagementScript")
    await approve(stage, ALEX, request)
    assert len(stage.now_of(request).votes) == 1
    stage.intune.contents[""] = Content(sha256="another")

    await poll(stage)

    assert stage.now_of(request).votes == ()
    assert stage.now_of(request).digest != request.digest


@pytest.mark.parametrize("error", [NotFound("gone"), Forbidden("hidden")])
async def test_an_order_that_cannot_be_read_holds_no_poll_up(stage: Stage, error: PortError) -> None:
    """A waiting order that cannot be read does not make the poll incomplete."""
    await stage.asked()
    stage.orders.troubles.refuses["plan"] = error

    assert await poll(stage) is Polled.COMPLETE
