"""Monitoring of the bot itself: an alarm if nobody polls, and a heartbeat while all is well."""

from datetime import datetime, timedelta

import structlog

from approvals.effects import told
from cards.alarms import not_polled
from handlers.ports.clock import Clock
from handlers.ports.outbox import Outbox
from handlers.ports.outside import Heartbeat
from handlers.ports.polling import Polling, PollState

BEAT_EVERY = timedelta(minutes=1)
"""The shortest period that heartbeat services offer."""

MOST_OVERDUE = timedelta(minutes=5)
"""An effect that nobody has leased for so long means that no replica works on its outbox: a busy one takes seconds."""

log = structlog.get_logger(__name__)


class Minder:
    """The monitoring in one replica. Every replica monitors all of them, and the shared state is in the store."""

    def __init__(
        self, poll_state: PollState, outbox: Outbox, clock: Clock, heartbeat: Heartbeat | None, no_poll_for: timedelta
    ) -> None:
        self._poll_state = poll_state
        self._outbox = outbox
        self._clock = clock
        self._no_poll_for = no_poll_for
        self._heartbeat = heartbeat
        self._began: datetime | None = None

    async def turn(self) -> None:
        """Alarm once if no poll has been complete for too long; else send a heartbeat if it is time for one.

        A replica does not alarm about the time before it began: the first poll may still be under way.
        """
        polling, now = await self._poll_state.polling(), await self._clock.now()
        self._began = self._began or now
        if now - polling.blind_since < self._no_poll_for:
            await self._beat(polling, now)
        elif now - self._began >= self._no_poll_for and not polling.alarmed:
            incident = not_polled(polling.blind_since, polling.stuck, now)
            if await self._poll_state.alarm(polling, told(incident)):
                log.error("not_polled", since=polling.blind_since.isoformat(), stuck=polling.stuck)

    async def _beat(self, polling: Polling, now: datetime) -> None:
        beaten = polling.beaten_at is not None and now - polling.beaten_at < BEAT_EVERY
        if self._heartbeat is None or polling.complete_at is None or beaten:
            return
        due = await self._outbox.first_due()
        if due is not None and now - due >= MOST_OVERDUE:
            log.error("outbox_overdue", since=due.isoformat())
            return
        await self._heartbeat.beat()
        await self._poll_state.beaten()
