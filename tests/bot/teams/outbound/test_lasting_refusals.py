"""A refusal by Teams without a known code is excused while it may pass, and becomes a dead letter if it does not."""

from datetime import timedelta

from approvals.effects import Effect, Planned, RefreshCards
from bot.jobs import Worker
from bot.store import MOST_ATTEMPTS
from bot.teams.outbound.wire import Transient
from handlers.ports.errors import PortError, Unavailable
from tests.fakes.clock import Clock
from tests.fakes.outbox import Outbox
from tests.fakes.shared import Shared

DAY = timedelta(days=1)


async def given_up_after(trouble: PortError) -> timedelta:
    """Return after how long an effect becomes a dead letter if it always fails like this; at most about a day."""
    clock = Clock()
    outbox, begun = Outbox(Shared(clock), timedelta(seconds=30), MOST_ATTEMPTS), clock.time

    async def perform(_effect: Effect) -> None:
        raise trouble

    await outbox.plan([Planned(RefreshCards("R1"))], begun)
    while not outbox.dead and clock.time - begun < DAY:
        clock.time = await outbox.first_due() or clock.time
        await Worker(outbox, clock, perform).do_due()
    return clock.time - begun


async def test_a_403_without_a_known_code_is_given_up_after_an_hour() -> None:
    """A 403 whose code is not known may pass for half an hour, and is known to the operators within two hours."""
    assert timedelta(minutes=30) < await given_up_after(Transient("403")) < timedelta(hours=2)


async def test_an_outage_is_waited_out() -> None:
    """An outage of Teams is waited out for most of a day."""
    assert await given_up_after(Unavailable("503")) > DAY / 2
