"""The poller: one replica polls Intune, and hands over to another one after failures."""

from datetime import datetime, timedelta

import structlog

from handlers.intune.lead import Lead
from handlers.intune.poll import Poll, Polled
from handlers.ports.clock import Clock
from handlers.ports.errors import Throttled

LOOK_EVERY = timedelta(seconds=5)
"""Period in which every replica requests or renews the lease: well below the 20 seconds after which it expires."""

RETRY = timedelta(seconds=30)
"""Longest pause after an incomplete poll, even if polls are otherwise less frequent."""

MOST_FAILURES = 3
"""Failed polls in a row before handing over: another replica may have a better connection, or a newer version."""

log = structlog.get_logger(__name__)


class Poller:
    """One replica that polls, or waits to poll. Intune is polled `every` so often."""

    def __init__(self, poll: Poll, lead: Lead, clock: Clock, every: timedelta) -> None:
        self._poll = poll
        self._clock = clock
        self._lead = lead
        self._every = every
        self._retry = min(every, RETRY)
        self._due: datetime | None = None
        self._failures = 0

    async def turn(self) -> timedelta:
        """Stay or become the poller, and poll if it is time; return the pause before the next call.

        A new poller polls at once, because the time of the last poll is unknown. After some failures in a row it gives
        the lease up, and does not take it again until every other replica has had time to take it.
        """
        pause = await self._until_due()
        if pause and await self._lead.is_ours():
            return min(pause, LOOK_EVERY)
        try:
            polled = await self._poll.poll()
        except Throttled as error:  # every replica would be throttled; handing over would only add calls
            await self._wait(timedelta(seconds=error.pause(self._retry.total_seconds())))
            raise
        except Exception:
            await self._failed()
            raise
        await self._ended(polled)
        return min(await self._until_due(), LOOK_EVERY) or LOOK_EVERY

    async def _ended(self, polled: Polled) -> None:
        if polled is Polled.PARTIAL:
            await self._failed()
            return
        self._failures, self._due = 0, None
        if polled is Polled.COMPLETE:
            await self._wait(self._every)

    async def _failed(self) -> None:
        self._failures += 1
        await self._wait(self._retry)
        if self._failures >= MOST_FAILURES:
            await self._lead.stand_back(self._retry)
            log.warning("poller_stands_back", failures=self._failures)
            self._failures = 0

    async def _wait(self, pause: timedelta) -> None:
        self._due = await self._clock.now() + pause

    async def _until_due(self) -> timedelta:
        now = await self._clock.now()
        return max(self._due - now, timedelta()) if self._due else timedelta()
