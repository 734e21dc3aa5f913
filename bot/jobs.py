"""Background jobs: carrying out due effects, polling Intune, and checks."""

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
from bot.teams.outbound.wire import NotSent, Transient, Unauthorized
from handlers.intune.lead import Lead
from handlers.intune.minder import Minder
from handlers.poll import LOOK_EVERY, Poller
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError, Throttled, TokenRefused, Unavailable
from handlers.ports.outbox import Leased, Outbox

SIDE_BY_SIDE = 16
"""Effects that run in parallel; Teams traffic is limited by the connector's own pacing."""

LONGEST_BACKOFF = timedelta(minutes=5)
MOST_DOUBLINGS = 9  # eight minutes and a half, more than the longest pause
IDLE = 1.0  # seconds between two looks into an outbox without a wake-up signal
SEAL_EVERY = 300.0  # seconds that an entry may wait to be sealed; each checkpoint is a permanent line
MIND_EVERY = 15.0  # seconds between two checks of polling and the worker
NOTICE_EVERY = 10.0  # seconds between two checks of the active configuration
WATCH_EVERY = 900.0  # seconds between two checks of who could approve
GUARD_EVERY = 2.0  # seconds after which a store that went back is noticed although nothing is written to it

_OF_THE_NEIGHBOUR = (Unavailable, Throttled, TokenRefused, NotSent, Transient, Unauthorized)
"""Temporary errors of a neighbour or of the network, which are not about the effect itself, so they hardly count. Even
valid tokens are refused (msgraph-sdk-dotnet-core#222), and Teams says 403 temporarily (agents-toolkit#10059)."""

log = structlog.get_logger(__name__)


class Guarded(Protocol):
    """A bot whose store is compared with the memory of its last state."""

    @property
    def store(self) -> Store: ...

    @property
    def witness(self) -> WitnessFile: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Carries out due effects. `perform` carries out one, and raises what its neighbours raise."""

    outbox: Outbox
    clock: Clock
    perform: Callable[[Effect], Awaitable[None]]

    async def do_due(self) -> int:
        """Carry out everything that is due now, once. Return the number of effects."""
        leased = await self.outbox.lease(SIDE_BY_SIDE)
        await asyncio.gather(*(self._do(one) for one in leased))
        return len(leased)

    async def _do(self, leased: Leased) -> None:
        """Carry out one effect and remove it, or schedule it again; after too many failures it is a dead letter."""
        try:
            await self.perform(leased.effect)
        except PortError as error:
            await self._again(leased, error, excused=isinstance(error, _OF_THE_NEIGHBOUR))
        except Exception as error:
            log.exception("effect_failed", effect=leased.id)
            await self._again(leased, error, excused=False)
        else:
            await self.outbox.done(leased)

    async def _again(self, leased: Leased, error: Exception, *, excused: bool) -> None:
        after, why = _backoff(leased.attempt, error), f"{type(error).__name__}: {error}"
        seconds = after.total_seconds()
        log.warning("effect_postponed", effect=leased.id, attempt=leased.attempt, seconds=seconds, why=why)
        await self.outbox.again(leased, await self.clock.now() + after, why, excused=excused)


async def keep_doing(worker: Worker, stopping: asyncio.Event) -> None:
    """Work the outbox until told to stop. Finish started effects first, because an interrupted post may be repeated."""
    while not stopping.is_set():
        with _surviving("outbox"):
            if await worker.do_due() == 0:
                await worker.outbox.wait(IDLE)
            continue
        await asyncio.sleep(IDLE)


async def keep_polling(poller: Poller, stopping: asyncio.Event) -> None:
    """Poll Intune until told to stop, if this replica is the poller, and stay the poller between polls.

    It stops by an event and not by cancellation: some libraries that a poll awaits lose a cancellation.
    """
    while not stopping.is_set():
        pause = LOOK_EVERY
        with _surviving("poll"):
            pause = await poller.turn()
        await _is_set_within(stopping, pause.total_seconds())


async def keep_watching(
    lead: Lead, watches: Mapping[str, Callable[[], Awaitable[None]]], stopping: asyncio.Event
) -> None:
    """Check coverage and actions past us until told to stop, if this replica polls."""
    while not await _is_set_within(stopping, WATCH_EVERY):
        for what, watch in watches.items():
            with _surviving(what):
                if await lead.is_ours():
                    await watch()


async def keep_guarding(bot: Guarded, stopping: asyncio.Event) -> None:
    """Compare the store with its remembered state until told to stop, and save that state for the next start."""
    while not await _is_set_within(stopping, GUARD_EVERY):
        with _surviving("continuity"):
            await guard(bot)


async def guard(bot: Guarded) -> None:
    """Compare once. If another server answers, plan another look at all open requests."""
    if await bot.store.continuity.check():
        log.warning("another_redis_answers")
        await bot.store.outbox.plan([Planned(LookAgain())], await bot.store.clock.now())
    await asyncio.to_thread(bot.witness.keep, bot.store.continuity.remembered())


async def keep_minding(minder: Minder, stopping: asyncio.Event) -> None:
    """Check polling and the worker until told to stop, on every replica."""
    while not await _is_set_within(stopping, MIND_EVERY):
        with _surviving("minding"):
            await minder.turn()


async def keep_noticing(active: RedisActive, stopping: asyncio.Event, every: float = NOTICE_EVERY) -> None:
    """Check until told to stop whether this replica's configuration is the active one.

    A replica whose configuration was replaced stores nothing. Without this check it would not log that by itself.
    """
    while not await _is_set_within(stopping, every):
        with _surviving("configuration"):
            await active.why_not()


async def keep_sealing(lead: Lead, audit: AuditLog, stopping: asyncio.Event) -> None:
    """Seal the audit until told to stop, if this replica is the poller.

    After an error it tries again in every round, so that a repair by an operator needs no restart.
    """
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
    """Return an exponential delay with jitter so that replicas do not retry together; longer if a neighbour asks."""
    longest = min(timedelta(seconds=2 ** min(attempt, MOST_DOUBLINGS)), LONGEST_BACKOFF)
    own = longest * random.uniform(0.5, 1)  # noqa: S311  jitter is no secret
    return timedelta(seconds=error.pause(own.total_seconds())) if isinstance(error, Throttled) else own


@contextlib.contextmanager
def _surviving(what: str) -> Iterator[None]:
    """Log the errors of one round, so that the loop continues."""
    try:
        yield
    except PortError as error:
        log.warning("round_interrupted", what=what, error=str(error))
    except Exception:
        log.exception("round_failed", what=what)
