"""The server: its health, its readiness, and an orderly stop."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from approvals.audit import Kind
from approvals.brake import PAUSE, Brake, recovery_brake
from bot import jobs
from bot.app import REFUSED, UNCONFIRMED, Work, application, listening
from bot.config.file import parse
from bot.store.embedded import SOCKET, embedded_server
from bot.web.readiness import LATE
from bot.wiring.bot import (
    Bot,
    assembled,
)
from bot.wiring.neighbours import REAL_TIME
from simulator.tenant import Tenant
from tests.bot.processes import complete, configure, run, set_up
from tests.office import MONDAY, office, served, settings_of
from tests.servers import command, redis_server


async def asked(session: aiohttp.ClientSession, url: str) -> tuple[int, dict[str, Any]]:
    async with session.get(url) as answer:
        return answer.status, await answer.json()


def replica(site: Tenant, directory: Path, redis_url: str, **ours: Any) -> Any:
    """Return a context manager that runs a replica of the bot."""
    settings = settings_of(site.environment(directory / "ca.pem", "https://localhost"))
    return assembled(settings, parse(json.dumps(site.policy(**ours))), redis_url, REAL_TIME)


async def test_alive_and_ready(tmp_path: Path) -> None:
    """A bot that can decide reports that it is alive and ready, with the figures that operators watch."""
    async with office(tmp_path) as opened:
        assert await asked(opened.tenant.session, f"{opened.urls[0]}/healthz") == (200, {"status": "alive"})
        assert await asked(opened.tenant.session, f"{opened.urls[0]}/readyz") == (
            200,
            {"status": "ready", "seconds_since_poll": None, "dead_letters": 0, "seconds_unsealed": 0.0},
        )


async def test_ready_while_the_store_is_in_doubt(site: Tenant, tmp_path: Path) -> None:
    """While a brake on the store is on, the bot is ready, because votes are stored, and reports the most serious of
    these brakes."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot:

        async def report() -> tuple[int, dict[str, Any]]:
            async with reachable(bot) as address:
                return await asked(site.session, f"{address}/readyz")

        brakes = bot.store.brakes
        free = await report()
        await brakes.swap(None, Brake(PAUSE, None, "Odd wipes.", MONDAY), [])
        paused = await report()
        await brakes.swap(None, recovery_brake(MONDAY), [])
        recovering = await report()
        await bot.store.continuity.doubt("It was restored.")
        doubted = await report()

    told = [(status, answer.get("brake", "no such field")) for status, answer in (free, paused, recovering, doubted)]
    assert told == [(200, "no such field"), (200, "no such field"), (200, "recovery"), (200, "store")]


async def test_not_ready_when_another_configuration_is_active(site: Tenant, tmp_path: Path) -> None:
    """A replica whose configuration was replaced is not ready, but alive, and says what to do."""
    async with redis_server() as url, replica(site, tmp_path, url) as old:
        async with reachable(old) as address:
            before, _ = await asked(site.session, f"{address}/readyz")
        async with replica(site, tmp_path, url, membership="transitive"), reachable(old) as address:
            after = await asked(site.session, f"{address}/readyz")
            alive, _ = await asked(site.session, f"{address}/healthz")

    assert (before, alive) == (200, 200)
    assert after == (503, {"status": "not ready", "why": "another configuration is active; restart with that one"})


async def test_not_ready_when_a_newer_version_has_taken_the_store_over(site: Tenant, tmp_path: Path) -> None:
    """A replica is not ready after a newer version has taken over the store, and says why."""
    async with redis_server() as url, replica(site, tmp_path, url) as old, reachable(old) as address:
        async with Redis.from_url(url) as raw:
            keys = f"cs:{{{site.world.tenant_id}}}"
            await raw.set(f"{keys}:schema", "999")
            await raw.set(f"{keys}:config", "999.another")
        status, report = await asked(site.session, f"{address}/readyz")
    assert status == 503
    assert "schema 999 now" in report["why"]


async def test_a_forgotten_replica_does_not_start(tmp_path: Path) -> None:
    """A replica with a replaced configuration does not start, and the error names the option that adopts it; with this
    option it starts."""
    async with set_up(tmp_path) as (site, environment), redis_server() as url:
        environment |= {"COUNTERSIGN_REDIS_URL": url, "COUNTERSIGN_SESSION_KEY": "s" * 32}
        first = await _serve_until_ready(environment, tmp_path)
        configure(tmp_path, complete(site, membership="transitive"))
        second = await _serve_until_ready(environment, tmp_path)
        configure(tmp_path, complete(site))
        refused = await run("serve", environment, tmp_path)
        _, why = await refused.communicate()
        adopted = await _serve_until_ready(environment, tmp_path, "--adopt")
    assert (first, second, adopted) == (True, True, True)
    assert refused.returncode == 1
    assert "was replaced" in why.decode()
    assert "python -m bot serve --adopt" in why.decode()


async def _serve_until_ready(environment: dict[str, str], directory: Path, *options: str) -> bool:
    process = await run("serve", environment, directory, *options)
    assert process.stdout is not None
    serving = any([b'"serving"' in line async for line in _until(process.stdout, b'"serving"')])
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    return serving and process.returncode == 0


async def _until(stream: asyncio.StreamReader, word: bytes) -> AsyncIterator[bytes]:
    async for line in stream:
        yield line
        if word in line:
            return


async def test_not_ready_when_redis_is_gone(site: Tenant, tmp_path: Path) -> None:
    """Without Redis the bot is alive but not ready."""
    async with embedded_server(tmp_path / "redis") as url:
        opened = replica(site, tmp_path, url)
        bot = await opened.__aenter__()
    try:
        async with reachable(bot) as address:
            status, report = await asked(site.session, f"{address}/readyz")
            alive, _ = await asked(site.session, f"{address}/healthz")
    finally:
        await opened.__aexit__(None, None, None)

    assert (status, alive) == (503, 200)
    assert report == {"status": "not ready", "why": UNCONFIRMED}


async def test_not_ready_when_redis_is_frozen(site: Tenant, tmp_path: Path) -> None:
    """If Redis is frozen, every caller gets a "not ready" in time."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot, Redis.from_url(url) as server:
        process = (await server.info("server"))["process_id"]
        async with reachable(bot) as address:
            os.kill(process, signal.SIGSTOP)
            try:
                answers = await asyncio.gather(*(asked(site.session, f"{address}/readyz") for _ in range(5)))
                alive, _ = await asked(site.session, f"{address}/healthz")
            finally:
                os.kill(process, signal.SIGCONT)

    assert answers == [LATE] * 5
    assert alive == 200


@pytest.mark.parametrize(
    "words",
    [
        ("CONFIG", "SET", "maxmemory", "1"),
        ("CONFIG", "SET", "min-replicas-to-write", "1"),
        ("REPLICAOF", "127.0.0.1", "1"),
        ("ACL", "SETUSER", "default", "-set"),
    ],
    ids=["full", "without replicas", "a replica", "not permitted"],
)
async def test_not_ready_when_nothing_can_be_written(site: Tenant, tmp_path: Path, words: tuple[str, ...]) -> None:
    """If Redis refuses writes, the bot is not ready; its error is in the log and not in the answer."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot, Redis.from_url(url) as server:
        await command(server, *words)
        with capture_logs() as logs:
            async with reachable(bot) as address:
                answer = await asked(site.session, f"{address}/readyz")

    assert answer == (503, {"status": "not ready", "why": REFUSED})
    assert [line["event"] for line in logs] == ["not_ready"]


async def test_ready_again(site: Tenant, tmp_path: Path) -> None:
    """The bot is ready again as soon as Redis accepts writes."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot, Redis.from_url(url) as server:
        await server.config_set("maxmemory", "1")
        async with reachable(bot) as address:
            full, _ = await asked(site.session, f"{address}/readyz")
        await server.config_set("maxmemory", "0")
        async with reachable(bot) as address:
            room, _ = await asked(site.session, f"{address}/readyz")

    assert (full, room) == (503, 200)


async def test_a_replica_that_does_not_poll_knows_when_intune_was_read(site: Tenant, tmp_path: Path) -> None:
    """A replica that does not poll reports when any replica last read Intune completely, and nothing if that has not
    happened."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot:
        assert await bot.store.poll.lead("another one")
        async with Work(bot).going_on():
            async with reachable(bot) as address:
                _, blind = await asked(site.session, f"{address}/readyz")
            await bot.store.poll.complete(MONDAY)
            async with reachable(bot) as address:
                _, seeing = await asked(site.session, f"{address}/readyz")

    assert blind["seconds_since_poll"] is None
    assert 0 <= seeing["seconds_since_poll"] < 60


async def test_a_stop_hands_the_polling_over(site: Tenant, tmp_path: Path) -> None:
    """A replica that stops gives up the polling, so that the next one can poll at once."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot:
        async with Work(bot).going_on():
            while (await bot.store.poll.polling()).complete_at is None:
                pass
        assert await bot.store.poll.lead("the next one")


async def test_a_serving_bot_sends_heartbeats(site: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that serves sends heartbeats after it has polled."""
    monkeypatch.setattr(jobs, "MIND_EVERY", 0.01)
    async with redis_server() as url, replica(site, tmp_path, url, outside=True) as bot, Work(bot).going_on():
        while not site.outside.beats:
            polling = await bot.store.poll.polling()

    assert polling.complete_at is not None


async def test_the_log_knows_by_which_retention_it_was_kept(site: Tenant, tmp_path: Path) -> None:
    """Every start records the configured retention of the audit log."""
    async with redis_server() as url, replica(site, tmp_path, url) as bot:
        settings = settings_of(site.environment(tmp_path / "ca.pem", "https://localhost") | {"COUNTERSIGN_PORT": "0"})
        async with listening(settings, bot):
            entries = [entry for _, entry in await bot.store.requests.audit(0, 10)]

    [loaded] = [entry for entry in entries if entry.kind is Kind.CONFIG_LOADED]
    assert loaded.evidence["auditLogRetention"] == "P2555D"


@asynccontextmanager
async def reachable(bot: Bot) -> AsyncIterator[str]:
    """Serve the addresses of the bot on a port of their own, without its jobs."""
    async with served(application(bot)) as port:
        yield f"https://localhost:{port}"


async def test_a_retention_that_nobody_has_confirmed(tmp_path: Path) -> None:
    """`serve` logs that the configured retention is not confirmed, and what to do."""
    async with set_up(tmp_path) as (site, environment):
        document = complete(site)
        document["emergencyAccess"]["auditLogRetention"] = "P25550D"
        configure(tmp_path, document)
        process = await run("serve", environment, tmp_path)
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert told["event"] == "audit_retention_not_confirmed"
    assert "python -m bot audit retention confirm P25550D" in told["why"]


async def test_a_graceful_stop(tmp_path: Path) -> None:
    """On SIGTERM `serve` ends with status 0 and stops its own Redis server; its last line is JSON."""
    async with set_up(tmp_path) as (site, environment):
        process = await run("serve", environment, tmp_path, afresh=True)
        address = environment["COUNTERSIGN_PUBLIC_URL"]
        assert process.stdout is not None
        serving = json.loads(await process.stdout.readline())
        status, report = await asked(site.session, f"{address}/readyz")
        process.send_signal(signal.SIGTERM)
        told, complained = await process.communicate()

    assert serving["event"] == "serving"
    assert (status, report["status"]) == (200, "ready")
    assert (process.returncode, complained) == (0, b"")
    assert json.loads(told.decode().splitlines()[-1])["event"] == "stopping"
    with pytest.raises((FileNotFoundError, ConnectionRefusedError)):
        await asyncio.open_unix_connection(str(tmp_path / "state" / SOCKET))


async def _ready(session: aiohttp.ClientSession, address: str) -> None:
    async with asyncio.timeout(30):
        while (await asked(session, f"{address}/readyz"))[0] != 200:  # noqa: ASYNC110  there is no event to wait for
            await asyncio.sleep(0.05)


@pytest.mark.waits
async def test_its_own_redis_is_killed(tmp_path: Path) -> None:
    """If the bot's own Redis server is killed, it is started again; if that fails, the bot ends and says why."""
    async with set_up(tmp_path) as (site, environment):
        process = await run("serve", environment, tmp_path)
        address = environment["COUNTERSIGN_PUBLIC_URL"]
        assert process.stdout is not None
        await process.stdout.readline()
        async with Redis(unix_socket_path=str(tmp_path / "state" / SOCKET)) as server:
            os.kill((await server.info("server"))["process_id"], signal.SIGKILL)
        await _ready(site.session, address)
        [base] = (tmp_path / "state").rglob("*.base.*")
        base.write_bytes(b"no append-only file")
        async with Redis(unix_socket_path=str(tmp_path / "state" / SOCKET)) as server:
            os.kill((await server.info("server"))["process_id"], signal.SIGKILL)
        _, complained = await process.communicate()

    assert process.returncode == 1
    assert "Countersign cannot continue:\n  The embedded server ends again and again." in complained.decode()
    assert "append only file" in complained.decode()
