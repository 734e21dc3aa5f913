"""The bot's time in scenarios, which is the tenant's time."""

from datetime import datetime, timedelta
from math import ceil

from bot.wiring.neighbours import Timing
from simulator.clock import Clock


class TenantClock:
    """The port `Clock`, backed by the tenant's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def now(self) -> datetime:
        return self._clock.now()


def driven(clock: Clock) -> Timing:
    """Return a timing where a pause lets time pass at once, in whole milliseconds as the outbox counts them."""

    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(milliseconds=ceil(seconds * 1000)))

    return Timing(TenantClock(clock), lambda: clock.now().timestamp(), sleep)
