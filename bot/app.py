"""The server: the bot's addresses, its background jobs, and an orderly stop."""

import asyncio
import signal
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from aiohttp import web

from approvals.audit import AuditEntry, Kind
from approvals.brake import RECOVERY, STORE, Operator
from bot import jobs
from bot.audit_log import retention
from bot.audit_log.directory import LogDirectory
from bot.audit_log.opening import directory_of
from bot.config.environment import Settings
from bot.config.file import load
from bot.emergency.server import emergency
from bot.emergency.settings import ProcessSettings
from bot.keys.key_file import KeyFile
from bot.keys.uses import server_context
from bot.store.troubles import RedisRefused
from bot.web.listener import STOP_SECONDS, listening_on
from bot.web.readiness import Readiness
from bot.wiring.bot import (
    Bot,
    assembled,
)
from bot.wiring.neighbours import redis_of
from handlers.ports.errors import PortError

REFUSED = "Redis refuses to store a decision"
UNCONFIRMED = "Redis does not answer, or does not confirm what is written"

log = structlog.get_logger(__name__)


async def serve(settings: Settings, adopter: Operator | None = None) -> None:
    """Serve until SIGTERM or SIGINT. `adopter` restores a configuration that was replaced.

    Raises what `assembled` raises, and `ServerLost` if the embedded Redis is lost.
    """
    config = load(settings.config)
    stop = _stop_signal()
    async with (
        redis_of(settings) as redis,
        assembled(settings, config, redis.url, adopter=adopter) as bot,
        listening(settings, bot),
    ):
        if config.emergency_access:
            held = LogDirectory(directory_of(settings)), config.emergency_access.audit_log_retention
            await asyncio.to_thread(retention.tell, *held)
        log.info("serving", host=settings.host, port=settings.port, replica=bot.adapters.replica)
        await _first_of(stop, redis.lost)
        log.info("stopping")


async def serve_emergency(settings: ProcessSettings) -> None:
    """Serve the emergency process until SIGTERM or SIGINT."""
    stop = _stop_signal()
    async with (
        emergency(settings) as process,
        listening_on(process.application(), settings.host, settings.port, _tls(settings.tls_key)),
    ):
        log.warning("emergency_process_serves", host=settings.host, port=settings.port)
        await stop.wait()


@asynccontextmanager
async def listening(settings: Settings, bot: Bot) -> AsyncIterator[None]:
    """Run the bot until the block ends. Then stop accepting requests first, and finish started work after that."""
    work = Work(bot)
    try:
        async with listening_on(application(bot), settings.host, settings.port, _tls(settings.tls_key)):
            await _record(bot, Kind.CONFIG_LOADED, Kind.STARTED)
            async with work.going_on():
                yield
    finally:
        await bot.endpoint.finish(STOP_SECONDS)
        with suppress(PortError):
            await _record(bot, Kind.STOPPED)


class Work:
    """The background jobs beside the server."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Poll and carry out due effects until the block ends, then finish what was started."""
        bot, stopping = self._bot, asyncio.Event()
        lead = bot.journeys.lead
        watches = {"coverage": bot.journeys.covering.watch, "outsiders": bot.journeys.direct_actions.look}
        work = {
            asyncio.create_task(jobs.keep_doing(bot.worker, stopping)),
            asyncio.create_task(jobs.keep_polling(bot.poller, stopping)),
            asyncio.create_task(jobs.keep_minding(bot.minder, stopping)),
            asyncio.create_task(jobs.keep_watching(lead, watches, stopping)),
            asyncio.create_task(jobs.keep_guarding(bot, stopping)),
            asyncio.create_task(jobs.keep_noticing(bot.store.active, stopping)),
        }
        if bot.audit_log is not None:
            work.add(asyncio.create_task(jobs.keep_sealing(lead, bot.audit_log, stopping)))
        try:
            yield
        finally:
            stopping.set()
            _, late = await asyncio.wait(work, timeout=STOP_SECONDS)
            for task in late:
                log.warning("work_cut_short", task=task.get_name())
                task.cancel()
            with suppress(PortError):
                await lead.leave()  # another replica polls at once
                await bot.store.continuity.leave()


def application(bot: Bot) -> web.Application:
    """Create the application with its routes."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    readiness = Readiness(lambda: _readiness(bot), time.monotonic)

    async def readyz(_request: web.Request) -> web.Response:
        status, report = await readiness.report()
        return web.json_response(report, status=status)

    async def close(_app: web.Application) -> None:
        await readiness.close()

    app = web.Application()
    app.on_cleanup.append(close)
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), *bot.endpoint.routes()])
    for page in bot.pages:
        app.add_routes(page.routes())
    return app


async def _readiness(bot: Bot) -> tuple[int, Mapping[str, object]]:
    """Report ready if a decision can be stored. Other values are for operators and do not affect readiness.

    Anybody may read it, so reasons are in our own words; the store's error is in the log.
    """
    try:
        await bot.store.probe.can_write()
        why_not = await bot.store.active.why_not()
        dead = len(await bot.store.outbox.dead_letters())
        unsealed = await _seconds_unsealed(bot)
        polled = await _seconds_since_poll(bot)
        on = {brake.name for brake in await bot.store.brakes.on()}
    except PortError as error:
        log.warning("not_ready", error=str(error))
        why = REFUSED if isinstance(error, RedisRefused) else UNCONFIRMED
        return 503, {"status": "not ready", "why": why}
    if why_not:
        return 503, {"status": "not ready", "why": why_not}
    watched = {"seconds_since_poll": polled, "dead_letters": dead, "seconds_unsealed": unsealed}
    doubted = next((name for name in (STORE, RECOVERY) if name in on), "")  # the gravest
    return 200, {"status": "ready", **watched, **({"brake": doubted} if doubted else {})}


async def _seconds_since_poll(bot: Bot) -> float | None:
    """Return the seconds since any replica read Intune completely; `None` before the first time."""
    polled = (await bot.store.poll.polling()).complete_at
    return max(0.0, (await bot.adapters.clock.now() - polled).total_seconds()) if polled else None


async def _seconds_unsealed(bot: Bot) -> float | None:
    """Return how long the oldest entry has been waiting to be sealed; `None` where nothing is sealed."""
    if bot.audit_log is None:
        return None
    oldest = await bot.store.sealed.waits_since()
    return max(0.0, (await bot.adapters.clock.now() - oldest).total_seconds()) if oldest else 0.0


async def _record(bot: Bot, *kinds: Kind) -> None:
    """Record this replica's start or stop, and its configuration."""
    now = await bot.adapters.clock.now()
    evidence = {"replica": bot.adapters.replica}
    if emergency := bot.config.emergency_access:
        evidence[retention.EVIDENCE] = retention.written(emergency.audit_log_retention)
    await bot.store.requests.record(
        [AuditEntry(kind, now, digest=bot.adapters.book.digest, evidence=evidence) for kind in kinds]
    )


def _tls(file: KeyFile | None) -> ssl.SSLContext | None:
    return server_context(file) if file else None


async def _first_of(stop: asyncio.Event, lost: asyncio.Future[None]) -> None:
    """Wait until we are told to stop. Raises what `lost` raises."""
    told: asyncio.Future[Any] = asyncio.create_task(stop.wait())
    await asyncio.wait({told, lost}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if lost.done():
        lost.result()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop
