"""The server: the bot's addresses, its work beside them, and an orderly stop."""

import asyncio
import signal
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from approvals.audit import AuditEntry, Kind
from bot import jobs
from bot.audit_log import retention
from bot.config import load
from bot.emergency.server import emergency
from bot.emergency.settings import EmergencySettings
from bot.listener import STOP_SECONDS, listening_on
from bot.readiness import Readiness
from bot.settings import Settings
from bot.store.redis import Refused
from bot.wiring import Bot, assembled, redis_of
from handlers.ports import PortError

REFUSED = "Redis refuses to store a decision"
UNCONFIRMED = "Redis does not answer, or does not confirm what is written"

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises what `assembled` raises, and `ServerLost` where Redis is our own."""
    config = load(settings.config)
    stop = _stop_signal()
    async with redis_of(settings) as redis, assembled(settings, config, redis.url) as bot, listening(settings, bot):
        log.info("serving", host=settings.host, port=settings.port, replica=bot.desk.replica)
        await _first_of(stop, redis.lost)
        log.info("stopping")


async def serve_emergency(settings: EmergencySettings) -> None:
    """Serve the emergency process until SIGTERM or SIGINT."""
    stop = _stop_signal()
    async with (
        emergency(settings) as process,
        listening_on(process.application(), settings.host, settings.port, _tls(settings.tls_file)),
    ):
        log.warning("emergency_process_serves", host=settings.host, port=settings.port)
        await stop.wait()


@asynccontextmanager
async def listening(settings: Settings, bot: Bot) -> AsyncIterator[None]:
    """The bot at work until the block ends. First nothing comes in any more, then what was begun is ended."""
    work = Work(bot)
    try:
        async with listening_on(application(bot, work), settings.host, settings.port, _tls(settings.tls_file)):
            await _record(bot, Kind.CONFIG_LOADED, Kind.STARTED)
            async with work.going_on():
                yield
    finally:
        await bot.endpoint.finish(STOP_SECONDS)
        with suppress(PortError):
            await _record(bot, Kind.STOPPED)


class Work:
    """What runs beside the server, and when Intune was last polled."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._every: timedelta = bot.config.countersign.poll_every
        self._polled_at: float | None = None

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Poll and do what is due until the block ends, then end what was begun."""
        stopping, desk = asyncio.Event(), self._bot.desk
        work = {
            asyncio.create_task(jobs.keep_doing(desk, stopping)),
            asyncio.create_task(jobs.keep_polling(desk, self._every, self._polled, stopping)),
            asyncio.create_task(jobs.keep_watching(desk, stopping)),
        }
        if self._bot.audit_log is not None:
            work.add(asyncio.create_task(jobs.keep_sealing(desk, self._bot.audit_log, stopping)))
        try:
            yield
        finally:
            stopping.set()
            _, late = await asyncio.wait(work, timeout=STOP_SECONDS)
            for task in late:
                log.warning("work_cut_short", task=task.get_name())
                task.cancel()

    def seconds_since_poll(self) -> float | None:
        """Since this replica last polled, or found another one doing so; `None` before the first time."""
        return None if self._polled_at is None else time.monotonic() - self._polled_at

    def _polled(self) -> None:
        self._polled_at = time.monotonic()


def application(bot: Bot, work: Work) -> web.Application:
    """The bot's addresses."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    readiness = Readiness(lambda: _readiness(bot, work), time.monotonic)

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


async def _readiness(bot: Bot, work: Work) -> tuple[int, Mapping[str, object]]:
    """Ready is who can store a decision. What else an operator wants to watch is told, and turns nobody away.

    Anybody may read it: why not is told in our own words, and the log has what the store said.
    """
    try:
        await bot.store.probe.can_write()
        active = await bot.store.requests.is_active()
        dead = len(await bot.store.outbox.dead_letters())
        unsealed = await _seconds_unsealed(bot)
    except PortError as error:
        log.warning("not_ready", error=str(error))
        why = REFUSED if isinstance(error, Refused) else UNCONFIRMED
        return 503, {"status": "not ready", "why": why}
    if not active:
        return 503, {"status": "not ready", "why": "another configuration is active; restart with that one"}
    watched = {"seconds_since_poll": work.seconds_since_poll(), "dead_letters": dead, "seconds_unsealed": unsealed}
    return 200, {"status": "ready", **watched}


async def _seconds_unsealed(bot: Bot) -> float | None:
    """How long the oldest entry has been waiting to be sealed; `None` where none ever is."""
    if bot.audit_log is None:
        return None
    oldest = await bot.store.sealed.waits_since()
    return max(0.0, (await bot.desk.clock.now() - oldest).total_seconds()) if oldest else 0.0


async def _record(bot: Bot, *kinds: Kind) -> None:
    """This replica's coming and going, and by which configuration it decides."""
    now = await bot.desk.clock.now()
    evidence = {"replica": bot.desk.replica}
    if emergency := bot.config.emergency_access:
        evidence[retention.EVIDENCE] = retention.written(emergency.audit_log_retention)
    await bot.store.requests.record(
        [AuditEntry(kind, now, digest=bot.desk.book.digest, evidence=evidence) for kind in kinds]
    )


def _tls(file: Path | None) -> ssl.SSLContext | None:
    if file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


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
