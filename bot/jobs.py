"""What runs beside the web server: doing what is due, and polling Intune."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog

from bot.audit_log.service import AuditLog
from bot.store.active import RedisActive
from handlers.covering import watch
from handlers.desk import Desk
from handlers.outsiders import look_for
from handlers.perform import perform
from handlers.poll import poll
from handlers.ports import Claimed, PortError, Throttled, Unavailable

AT_ONCE = 16
"""Effects that are done side by side; the connector's own pacing is what limits Teams traffic."""

LONGEST_BACKOFF = timedelta(minutes=5)
MOST_DOUBLINGS = 9  # eight minutes and a half, more than the longest pause
IDLE = 1.0  # seconds between two looks into an outbox whose doorbell does not ring
SEAL_EVERY = 300.0  # seconds that an entry may wait to be sealed; each checkpoint is a line for good
MIND_EVERY = 10.0  # seconds between two looks at which configuration is the active one
WATCH_EVERY = 900.0  # seconds between two looks at who could approve
RENEWAL = 5.0  # seconds between two renewals of the poller's lease, well below its 20 seconds

log = structlog.get_logger(__name__)


async def do_due(desk: Desk) -> int:
    """Do everything that is due now, once; returns how many effects that were."""
    claimed = await desk.outbox.claim(AT_ONCE)
    await asyncio.gather(*(_do(desk, one) for one in claimed))
    return len(claimed)


async def keep_doing(desk: Desk, stopping: asyncio.Event) -> None:
    """Work the outbox until told to stop; what was begun is ended first, for a post cut short may be posted again."""
    while not stopping.is_set():
        with _surviving("outbox"):
            if await do_due(desk) == 0:
                await desk.outbox.wait(IDLE)
            continue
        await asyncio.sleep(IDLE)


async def keep_polling(desk: Desk, every: timedelta, polled: Callable[[], None], stopping: asyncio.Event) -> None:
    """Poll Intune until told to stop, if this replica is the poller, and stay the poller between polls.

    `polled` is called after every complete poll, and whenever another replica is the poller. What stops it is the
    event and not a cancellation: among all that a poll awaits there are libraries that lose one.
    """
    while not stopping.is_set():
        with _surviving("poll"):
            await poll(desk)
            polled()
        await _renewing(desk, every, stopping)


async def keep_watching(desk: Desk, stopping: asyncio.Event) -> None:
    """Watch until told to stop whether every quorum could be reached and who acts past us, if this replica polls."""
    while not await _is_set_within(stopping, WATCH_EVERY):
        for what, look in (("coverage", watch), ("outsiders", look_for)):
            with _surviving(what):
                if await desk.poll_state.lead(desk.replica):
                    await look(desk)


async def keep_minding(active: RedisActive, stopping: asyncio.Event, every: float = MIND_EVERY) -> None:
    """Notice until told to stop whether this replica's configuration is the active one: who is deposed does nothing any
    more, and without this says nothing either where nobody asks."""
    while not await _is_set_within(stopping, every):
        with _surviving("configuration"):
            await active.why_not()


async def keep_sealing(desk: Desk, audit: AuditLog, stopping: asyncio.Event) -> None:
    """Seal the audit until told to stop, if this replica is the poller. What keeps it from that is tried again in
    every round, so that what an operator repairs needs no restart."""
    while not await _is_set_within(stopping, SEAL_EVERY):
        with _surviving("sealing"):
            if await desk.poll_state.lead(desk.replica):
                await audit.round()


async def _renewing(desk: Desk, every: timedelta, stopping: asyncio.Event) -> None:
    remaining = every.total_seconds()
    while remaining > 0 and not await _is_set_within(stopping, min(RENEWAL, remaining)):
        remaining -= RENEWAL
        with _surviving("lease"):
            await desk.poll_state.lead(desk.replica)


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def _do(desk: Desk, claimed: Claimed) -> None:
    """Do one effect and forget it, or try again later; what fails too often becomes a dead letter."""
    try:
        await perform(desk, claimed.effect)
    except PortError as error:
        await _again(desk, claimed, error, excused=isinstance(error, Unavailable | Throttled))
    except Exception as error:
        log.exception("effect_failed", effect=claimed.id)
        await _again(desk, claimed, error, excused=False)
    else:
        await desk.outbox.done(claimed)


async def _again(desk: Desk, claimed: Claimed, error: Exception, *, excused: bool) -> None:
    after, why = _backoff(claimed.attempt, error), f"{type(error).__name__}: {error}"
    log.warning("effect_postponed", effect=claimed.id, attempt=claimed.attempt, seconds=after.total_seconds(), why=why)
    await desk.outbox.again(claimed, await desk.clock.now() + after, why, excused=excused)


def _backoff(attempt: int, error: Exception) -> timedelta:
    """What the neighbour asked for, else twice as long each time, with jitter so that replicas do not march in step."""
    if isinstance(error, Throttled) and error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    longest = min(timedelta(seconds=2 ** min(attempt, MOST_DOUBLINGS)), LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1)  # noqa: S311  jitter is no secret


@contextlib.contextmanager
def _surviving(what: str) -> Iterator[None]:
    """A loop outlives whatever one round of it meets."""
    try:
        yield
    except PortError as error:
        log.warning("round_interrupted", what=what, error=str(error))
    except Exception:
        log.exception("round_failed", what=what)
