"""What runs beside the web server: doing what is due, and polling Intune."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from approvals.effects import Effect, LookAgain, Planned
from bot.audit_log.service import AuditLog
from bot.store import Store
from bot.store.active import RedisActive
from bot.store.witness_file import WitnessFile
from bot.teams.outbound.wire import NotSent, Passing, Unauthorized
from handlers.intune.lead import Lead
from handlers.intune.minder import Minder
from handlers.poll import LOOK_EVERY, Poller
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError, Throttled, TokenRefused, Unavailable
from handlers.ports.outbox import Claimed, Outbox

SIDE_BY_SIDE = 16
"""Effects that are done side by side; the connector's own pacing is what limits Teams traffic."""

LONGEST_BACKOFF = timedelta(minutes=5)
MOST_DOUBLINGS = 9  # eight minutes and a half, more than the longest pause
IDLE = 1.0  # seconds between two looks into an outbox whose doorbell does not ring
SEAL_EVERY = 300.0  # seconds that an entry may wait to be sealed; each checkpoint is a line for good
MIND_EVERY = 15.0  # seconds between two looks at whether anybody polls and works
NOTICE_EVERY = 10.0  # seconds between two looks at which configuration is the active one
WATCH_EVERY = 900.0  # seconds between two looks at who could approve
GUARD_EVERY = 2.0  # seconds; within so long a store that went back is noticed although nothing is written to it

_OF_THE_NEIGHBOUR = (Unavailable, Throttled, TokenRefused, NotSent, Passing, Unauthorized)
"""What a neighbour, or the way to it, says of itself and not of what was asked: it passes, so it hardly counts. Good
tokens are refused as well (msgraph-sdk-dotnet-core#222), and Teams says 403 in passing (agents-toolkit#10059)."""

log = structlog.get_logger(__name__)


class Guarded(Protocol):
    """A bot whose store is compared with what is remembered of it."""

    @property
    def store(self) -> Store: ...

    @property
    def witness(self) -> WitnessFile: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Does what is due. `perform` does one effect, and raises what its neighbours raise."""

    outbox: Outbox
    clock: Clock
    perform: Callable[[Effect], Awaitable[None]]

    async def do_due(self) -> int:
        """Do everything that is due now, once; returns how many effects that were."""
        claimed = await self.outbox.claim(SIDE_BY_SIDE)
        await asyncio.gather(*(self._do(one) for one in claimed))
        return len(claimed)

    async def _do(self, claimed: Claimed) -> None:
        """Do one effect and forget it, or try again later; what fails too often becomes a dead letter."""
        try:
            await self.perform(claimed.effect)
        except PortError as error:
            await self._again(claimed, error, excused=isinstance(error, _OF_THE_NEIGHBOUR))
        except Exception as error:
            log.exception("effect_failed", effect=claimed.id)
            await self._again(claimed, error, excused=False)
        else:
            await self.outbox.done(claimed)

    async def _again(self, claimed: Claimed, error: Exception, *, excused: bool) -> None:
        after, why = _backoff(claimed.attempt, error), f"{type(error).__name__}: {error}"
        seconds = after.total_seconds()
        log.warning("effect_postponed", effect=claimed.id, attempt=claimed.attempt, seconds=seconds, why=why)
        await self.outbox.again(claimed, await self.clock.now() + after, why, excused=excused)


async def keep_doing(worker: Worker, stopping: asyncio.Event) -> None:
    """Work the outbox until told to stop; what was begun is ended first, for a post cut short may be posted again."""
    while not stopping.is_set():
        with _surviving("outbox"):
            if await worker.do_due() == 0:
                await worker.outbox.wait(IDLE)
            continue
        await asyncio.sleep(IDLE)


async def keep_polling(poller: Poller, stopping: asyncio.Event) -> None:
    """Poll Intune until told to stop, if this replica is the poller, and stay the poller between polls.

    What stops it is the event and not a cancellation: among all that a poll awaits there are libraries that lose one.
    """
    while not stopping.is_set():
        pause = LOOK_EVERY
        with _surviving("poll"):
            pause = await poller.turn()
        await _is_set_within(stopping, pause.total_seconds())


async def keep_watching(
    lead: Lead, watches: Mapping[str, Callable[[], Awaitable[None]]], stopping: asyncio.Event
) -> None:
    """Watch until told to stop whether every quorum could be reached and who acts past us, if this replica polls."""
    while not await _is_set_within(stopping, WATCH_EVERY):
        for what, watch in watches.items():
            with _surviving(what):
                if await lead.is_ours():
                    await watch()


async def keep_guarding(bot: Guarded, stopping: asyncio.Event) -> None:
    """Compare the store with what is remembered of it until told to stop, and keep that for the next start."""
    while not await _is_set_within(stopping, GUARD_EVERY):
        with _surviving("continuity"):
            await guard(bot)


async def guard(bot: Guarded) -> None:
    """Compare once; where another server answers, everything that is open is looked at again."""
    if await bot.store.continuity.check():
        log.warning("another_redis_answers")
        await bot.store.outbox.plan([Planned(LookAgain())], await bot.store.clock.now())
    await asyncio.to_thread(bot.witness.keep, bot.store.continuity.remembered())


async def keep_minding(minder: Minder, stopping: asyncio.Event) -> None:
    """Mind until told to stop whether anybody polls and works; every replica does."""
    while not await _is_set_within(stopping, MIND_EVERY):
        with _surviving("minding"):
            await minder.turn()


async def keep_noticing(active: RedisActive, stopping: asyncio.Event, every: float = NOTICE_EVERY) -> None:
    """Notice until told to stop whether this replica's configuration is the active one: who is deposed does nothing any
    more, and without this says nothing either where nobody asks."""
    while not await _is_set_within(stopping, every):
        with _surviving("configuration"):
            await active.why_not()


async def keep_sealing(lead: Lead, audit: AuditLog, stopping: asyncio.Event) -> None:
    """Seal the audit until told to stop, if this replica is the poller. What keeps it from that is tried again in
    every round, so that what an operator repairs needs no restart."""
    while not await _is_set_within(stopping, SEAL_EVERY):
        with _surviving("sealing"):
            if await lead.is_ours():
                await audit.round()


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _backoff(attempt: int, error: Exception) -> timedelta:
    """Twice as long each time, with jitter so that replicas do not march in step; longer where a neighbour asks so."""
    longest = min(timedelta(seconds=2 ** min(attempt, MOST_DOUBLINGS)), LONGEST_BACKOFF)
    own = longest * random.uniform(0.5, 1)  # noqa: S311  jitter is no secret
    return timedelta(seconds=error.pause(own.total_seconds())) if isinstance(error, Throttled) else own


@contextlib.contextmanager
def _surviving(what: str) -> Iterator[None]:
    """A loop outlives whatever one round of it meets."""
    try:
        yield
    except PortError as error:
        log.warning("round_interrupted", what=what, error=str(error))
    except Exception:
        log.exception("round_failed", what=what)
