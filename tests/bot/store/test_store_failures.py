"""Servers that die, forget, run full or are set up wrongly: no decision is accepted that may get lost."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from approvals.effects import Planned, PostCards
from bot.store import Store, open_store, visit_store
from bot.store.embedded import embedded_server
from bot.store.fitness import Unfit
from bot.store.troubles import RedisRefused
from handlers.ports.errors import Unavailable
from handlers.ports.requests import IdempotencyKey, Stored
from tests.bot.store.driven import NEW, write
from tests.bot.store.line import line_to
from tests.fakes.clock import Clock
from tests.servers import free_port, in_step, redis_server

POST = Planned(PostCards("R1"))


@pytest.fixture
async def own() -> AsyncIterator[Redis]:
    """A client of a server that only this test uses, and may break."""
    async with redis_server() as url, Redis.from_url(url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def own_store(own: Redis) -> AsyncIterator[Store]:
    """A store on this server."""
    store = await open_store(_url_of(own), "tenant", "c1", clock=Clock())
    yield store
    await store.close()


def _url_of(client: Redis) -> str:
    return f"unix://{client.connection_pool.connection_kwargs['path']}"


async def test_what_was_acknowledged_survives_the_server_s_death(tmp_path: Path) -> None:
    """After the server was killed under load, every acknowledged decision is stored with its audit entry and its
    effect, and none is half stored."""
    acknowledged: set[str] = set()
    killed = asyncio.Event()

    async def decide(store: Store, client: int) -> None:
        number = 0
        while not killed.is_set():
            name, number = f"R{client}-{number}", number + 1
            new = replace(NEW, id=name, intune_id=f"of {name}")
            await store.requests.commit(write(new, Planned(PostCards(name))))
            acknowledged.add(name)

    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1", clock=Clock())
        clients = [asyncio.create_task(decide(store, client)) for client in range(8)]
        async with Redis.from_url(url) as server:
            while len(acknowledged) < 200:
                pid = (await server.info("server"))["process_id"]
            os.kill(pid, signal.SIGKILL)
        failures = await asyncio.gather(*clients, return_exceptions=True)
        await store.close()
    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1", clock=Clock())
        stored = set(await store.requests.open_ids())
        audited = [(number, entry.request_id) for number, entry in await store.requests.audit(0, 100_000)]
        planned = {one.id.removeprefix("PostCards:") for one in await store.outbox.lease(100_000)}
        await store.close()

    assert {type(failure) for failure in failures} == {Unavailable}
    assert acknowledged <= stored
    assert {name for _, name in audited} == planned == stored
    assert [number for number, _ in audited] == list(range(1, len(stored) + 1))


async def test_a_server_that_forgot_the_scripts_is_taught_again(store: Store, raw: Redis) -> None:
    """If the server has forgotten the scripts, they are loaded again."""
    await store.requests.commit(write(NEW, POST))
    await raw.script_flush()
    (leased,) = await store.outbox.lease(10)
    await raw.script_flush()

    assert await store.outbox.done(leased)
    assert (await store.requests.commit(write(replace(NEW, revision=1)))).stored is Stored.SAVED


@pytest.mark.parametrize("server", ["cluster"], indirect=True)
async def test_a_cluster_refuses_keys_of_two_slots(raw: Redis) -> None:
    """The test cluster refuses a script with keys of two slots, so the other tests would notice such a script."""
    with pytest.raises(ResponseError, match=r"CROSSSLOT|same slot"):
        await raw.eval("return redis.call('GET', KEYS[1])", 2, "a", "b")


async def test_a_full_server_takes_no_half_decision(own: Redis, own_store: Store) -> None:
    """A full server refuses a decision as a whole, and accepts the same decision when it has room again."""
    await own.config_set("maxmemory", 1)
    with pytest.raises(RedisRefused, match="OutOfMemory"):
        await own_store.requests.commit(write(NEW, POST, once=IdempotencyKey("c", "f")))
    await own.config_set("maxmemory", 0)

    nothing = await own_store.requests.load("R1"), await own_store.requests.audit(0, 10)

    assert nothing == (None, [])
    assert (await own_store.requests.commit(write(NEW, POST, once=IdempotencyKey("c", "f")))).stored is Stored.SAVED


async def test_a_server_that_cannot_write_to_its_disk_takes_no_decision(tmp_path: Path) -> None:
    """A server that cannot write to its disk accepts no decision."""
    async with embedded_server(tmp_path) as url, Redis.from_url(url) as server:
        store = await open_store(url, "tenant", "c1", clock=Clock())
        (tmp_path / "dump.rdb").mkdir()  # a directory here prevents the snapshot
        await server.config_set("save", "1000 1000")
        await server.bgsave()
        async with asyncio.timeout(10):
            while (await server.info("persistence"))["rdb_last_bgsave_status"] == "ok":
                pass

        with pytest.raises(Unavailable, match="MISCONF"):
            await store.requests.commit(write(NEW, POST))

        assert await store.requests.load("R1") is None
        await server.config_set("save", "")
        await store.close()


async def test_a_demoted_server_takes_no_decision(own: Redis, own_store: Store) -> None:
    """A server that became a replica accepts no decision."""
    await own.replicaof("127.0.0.1", "1")

    with pytest.raises(Unavailable, match=r"read only|READONLY"):
        await own_store.requests.commit(write(NEW))


async def test_no_server_is_said_at_once(tmp_path: Path) -> None:
    """If there is no server, opening the store raises `Unavailable`."""
    with pytest.raises(Unavailable):
        await open_store(f"unix://{tmp_path}/none", "tenant", "c1")


async def test_a_dead_line_is_noticed_soon(single: str) -> None:
    """A connection that answers nothing is noticed after three short tries."""
    async with line_to(single) as line:
        store = await open_store(f"{line.address}?socket_timeout=0.2", "tenant", "c1")
        line.dead = True

        async with asyncio.timeout(3):
            with pytest.raises(Unavailable):
                await store.requests.load("R1")
        await store.close()


async def test_a_server_that_evicts_is_refused() -> None:
    """A server that may evict keys is refused, because it would lose approvals when memory runs short."""
    async with redis_server("--maxmemory-policy", "allkeys-lru") as url:
        with pytest.raises(Unfit, match=r"maxmemory-policy allkeys-lru\. Set it to noeviction"):
            await open_store(url, "tenant", "c1")


async def test_a_server_that_does_not_tell_is_reported(own: Redis) -> None:
    """If a managed server does not answer INFO, the store works, and the log says that its settings could not be
    checked."""
    await own.acl_setuser("bot", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-info"])

    with capture_logs() as logs:
        store = await open_store(_url_of(own).replace("unix://", "unix://bot:pw@"), "tenant", "c1")
        stored = await store.requests.commit(write(NEW))
        await store.close()

    assert stored.stored is Stored.SAVED
    assert [line["event"] for line in logs] == ["redis_does_not_tell"]


async def test_a_server_without_an_append_only_file_is_reported() -> None:
    """A server without an append-only file is used, with a warning in the log."""
    async with redis_server("--appendonly", "no") as url:
        with capture_logs() as logs:
            store = await open_store(url, "tenant", "c1")
        await store.close()

    assert [line["event"] for line in logs] == ["redis_keeps_no_append_only_file"]


async def test_a_replica_confirms_a_decision_where_that_is_asked_for() -> None:
    """With `wait_ms` a decision fails until a replica has confirmed it, also for the repeated click; the decision is
    stored meanwhile."""
    port, click = free_port(), IdempotencyKey("c", "f", "Thank you.")
    primary = redis_server("--port", str(port), "--repl-diskless-sync-delay", "0")
    replica = redis_server("--replicaof", f"127.0.0.1 {port}", "--appendonly", "no")
    async with primary as url, replica as copy, Redis.from_url(url) as server, Redis.from_url(copy) as copying:
        await in_step(server)
        store = await open_store(f"{url}?wait_ms=500", "tenant", "c1", clock=Clock())
        first = await store.requests.commit(write(NEW))
        pid = (await copying.info("server"))["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(2):
                with pytest.raises(Unavailable, match="no replica"):
                    await store.requests.commit(write(replace(NEW, revision=1), once=click))
                await server.client_kill_filter(_type="normal", skipme=True)  # the next try uses a new connection
        finally:
            os.kill(pid, signal.SIGCONT)
        await in_step(server)
        repeated = await store.requests.commit(write(replace(NEW, revision=1), once=click))
        await store.close()

    assert [first.stored, repeated.stored] == [Stored.SAVED, Stored.REPEATED]


async def test_what_no_replica_confirms_cannot_be_written() -> None:
    """With `wait_ms` and without a replica the store counts as not writable."""
    async with redis_server() as url:
        store = await open_store(url, "tenant", "c1")
        await store.probe.can_write()
        await store.close()
        careful = visit_store(f"{url}?wait_ms=1", "tenant", "c1")
        with pytest.raises(Unavailable, match="no replica"):
            await careful.probe.can_write()
        await careful.close()
