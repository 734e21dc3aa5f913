"""A failover behind sentinels: a replica leaves the old primary soon, and reserves no call on it meanwhile."""

import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from approvals.brake import PAUSE, Brake
from bot.store import Store, clients, open_store
from bot.store.scripts import COMMIT
from bot.store.troubles import RedisRefused
from handlers.ports.errors import Unavailable
from handlers.ports.requests import IdempotencyKey, Stored
from tests.approvals.builders import CORA, NOW
from tests.bot.store.driven import NEW, write
from tests.bot.store.line import line_to
from tests.bot.store.sentinels import Named, sentinels
from tests.fakes.clock import Clock
from tests.servers import free_port, in_step, redis_cluster, redis_server

CLICK = IdempotencyKey("c", "f", "Thank you.")
BRAKE = Brake("devicewipe", CORA, "Too many wipes.", NOW)
RESERVE = replace(write(replace(NEW, revision=1)), unless=(PAUSE,))


@dataclass(frozen=True)
class Pair:
    """Two independent servers: the old primary without a replica, and the new primary with one."""

    old: int
    new: int
    raw_old: Redis
    raw_new: Redis


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers() -> AsyncIterator[tuple[int, int]]:
    """Start both servers and a replica of the second, and yield the two ports."""
    old, new = free_port(), free_port()
    async with (
        redis_server("--port", str(old)),
        redis_server("--port", str(new), "--repl-diskless-sync-delay", "0") as url,
        redis_server("--replicaof", f"127.0.0.1 {new}", "--appendonly", "no"),
        Redis.from_url(url) as primary,
    ):
        await in_step(primary)
        yield old, new


@pytest.fixture
async def pair(servers: tuple[int, int]) -> AsyncIterator[Pair]:
    """Yield both servers emptied, and undo afterwards what the test changed in the first."""
    old, new = servers
    async with Redis(port=old, decode_responses=True) as first, Redis(port=new, decode_responses=True) as second:
        for one in (first, second):
            await one.flushall()
        yield Pair(old, new, first, second)
        await first.replicaof("NO", "ONE")
        await first.config_set("min-replicas-to-write", 0)


async def opened(url: str) -> Store:
    """Open a store at this address."""
    return await open_store(url, "tenant", "c1", clock=Clock())


async def replicated(pair: Pair) -> None:
    """Copy what replication would have carried over: the epoch, the active configuration, the schema and the last audit
    number."""
    for key in ("epoch", "config", "schema", "audit-number"):
        if held := await pair.raw_old.get(f"cs:{{tenant}}:{key}"):
            await pair.raw_new.set(f"cs:{{tenant}}:{key}", held)


async def test_after_an_unconfirmed_write_the_sentinels_are_asked_again(pair: Pair) -> None:
    """After a write that no replica confirmed, the sentinels are asked again, so the next vote goes to the new
    primary."""
    named = Named(pair.old)
    async with sentinels(named, tail="wait_ms=50") as url:
        store = await opened(url)
        await replicated(pair)
        named.primary = pair.new

        with pytest.raises(Unavailable, match="no replica"):
            await store.requests.commit(write(NEW, once=CLICK))
        receipt = await store.requests.commit(write(NEW, once=CLICK))
        await store.close()

    assert receipt.stored is Stored.SAVED
    assert await pair.raw_new.zcard("cs:{tenant}:open") == 1


@pytest.mark.parametrize("refusal", ["NOREPLICAS", "OOM"])
async def test_after_a_refused_write_the_sentinels_are_asked_again(pair: Pair, refusal: str) -> None:
    """After a refused write the sentinels are asked again, also if the write waits for no replica."""
    named = Named(pair.old)
    async with sentinels(named) as url:
        store = await opened(url)
        await replicated(pair)
        setting = {"NOREPLICAS": "min-replicas-to-write", "OOM": "maxmemory"}[refusal]
        await pair.raw_old.config_set(setting, 1)
        named.primary = pair.new

        with pytest.raises(RedisRefused):
            await store.poll.lead("a")
        await pair.raw_old.config_set(setting, 0)
        leads = await store.poll.lead("a")
        await store.close()

    assert leads
    assert await pair.raw_new.exists("cs:{tenant}:poller")
    assert not await pair.raw_old.exists("cs:{tenant}:poller")


async def test_what_waits_for_the_bell_leaves_with_the_others(pair: Pair) -> None:
    """The blocked connection that waits for the bell moves to the new primary together with the others."""
    named = Named(pair.old)
    async with sentinels(named, tail="wait_ms=50") as url:
        store = await opened(url)
        await replicated(pair)
        assert await store.connections.waiting.xread({"bell": "0"}, block=1) == []
        named.primary = pair.new
        with pytest.raises(Unavailable):
            await store.requests.commit(write(NEW))
        await pair.raw_new.xadd("bell", {"rung": "there"})

        heard = await store.connections.waiting.xread({"bell": "0"}, block=1000)
        await store.close()

    assert heard


async def test_a_replica_that_only_reads_leaves_it_as_well(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica that only reads moves to the new primary as well, because the sentinels are asked from time to time."""
    named = Named(pair.old)
    async with sentinels(named) as url:
        store = await opened(url)
        await pair.raw_new.set("cs:{tenant}:config", "of the new one")
        named.primary = pair.new
        before = await store.active.why_not()
        monkeypatch.setattr(clients, "ASK_AGAIN_SECONDS", 0)
        after = await store.active.why_not()
        await store.close()

    assert before == ""
    assert "another configuration is active" in after


async def test_a_command_that_is_tried_again_asks_who_is_the_primary(pair: Pair) -> None:
    """A command that is tried again asks the sentinels first, instead of trying a frozen primary three times."""
    named = Named(pair.old)
    async with sentinels(named, tail="socket_timeout=0.2") as url:
        store = await opened(url)
        await pair.raw_new.set("cs:{tenant}:config", "of the new one")
        pid = (await pair.raw_old.info("server"))["process_id"]
        named.primary = pair.new
        os.kill(pid, signal.SIGSTOP)
        try:
            why_not = await store.active.why_not()
        finally:
            os.kill(pid, signal.SIGCONT)
        await store.close()

    assert "another configuration is active" in why_not


async def test_a_primary_that_takes_no_connection_costs_one_try(pair: Pair) -> None:
    """A primary that accepts no connection costs one try only, because a person may wait."""
    named = Named(pair.old)
    async with sentinels(named) as url:
        store = await opened(url)
        store.connections.redis.connection_pool.trust.doubt()  # type: ignore[attr-defined]
        named.primary, named.asked = free_port(), 0
        with pytest.raises(Unavailable):
            await store.active.why_not()
        await store.close()

    assert named.asked == 1


async def test_behind_sentinels_a_reservation_waits_in_any_case(pair: Pair) -> None:
    """Behind sentinels a reservation of a call waits for a replica, even if there is none at the moment."""
    async with sentinels(Named(pair.old)) as url:
        store = await opened(url)
        await store.requests.commit(write(NEW))
        with pytest.raises(Unavailable, match="no replica"):
            await store.requests.commit(RESERVE)
        await store.close()


async def test_a_sentinel_that_was_cut_off_as_well_is_outvoted(pair: Pair) -> None:
    """A sentinel that was cut off with the old primary is outvoted by the others."""
    others = [Named(pair.new, epoch=1), Named(pair.new, epoch=1)]
    async with sentinels(Named(pair.old), *others) as url:
        store = await opened(url)
        await store.close()

    assert await pair.raw_new.exists("cs:{tenant}:config")


async def test_without_a_majority_the_latest_failover_holds(pair: Pair) -> None:
    """If the sentinels have no majority, the one with the latest failover counts."""
    async with sentinels(Named(pair.old), Named(pair.new, epoch=1), Named(0, silent=True)) as url:
        store = await opened(url)
        await store.close()

    assert await pair.raw_new.exists("cs:{tenant}:config")


async def test_sentinels_have_users_of_their_own(pair: Pair) -> None:
    """Sentinels may have users of their own; a refused login is reported without the password."""
    named = Named(pair.old, needs=("watcher", "p/w"))
    async with sentinels(named, tail="sentinel_username=watcher&sentinel_password=p%2Fw") as url:
        store = await opened(url)
        await store.close()
    async with sentinels(named, tail="sentinel_username=watcher&sentinel_password=wrong") as url:
        with pytest.raises(Unavailable, match="no sentinel names a primary of 'approvals'") as refused:
            await opened(url)

    assert "wrong" not in str(refused.value)


async def test_a_reservation_waits_for_a_replica_where_there_is_one() -> None:
    """A reservation of a call and a brake wait for a replica if there is one, also without `wait_ms`, because a
    failover could lose them. A vote waits only if the address says so."""
    port = free_port()
    primary = redis_server("--port", str(port), "--repl-diskless-sync-delay", "0")
    replica = redis_server("--replicaof", f"127.0.0.1 {port}", "--appendonly", "no")
    async with primary as url, Redis.from_url(url) as server:
        async with replica as copy, Redis.from_url(copy) as copying:
            await in_step(server)
            store = await opened(url)
            pid = (await copying.info("server"))["process_id"]
            os.kill(pid, signal.SIGSTOP)
            try:
                voted = await store.requests.commit(write(NEW))
                for vital in (store.requests.commit(RESERVE), store.brakes.swap(None, BRAKE, [])):
                    with pytest.raises(Unavailable, match="no replica"):
                        await vital
                with pytest.raises(Unavailable, match="no replica"):
                    await store.requests.commit(replace(write(replace(NEW, revision=2)), locks=(BRAKE,)))
            finally:
                os.kill(pid, signal.SIGCONT)
            await in_step(server)
            reserved = await store.requests.commit(
                replace(RESERVE, request=replace(NEW, revision=3), unless=("other",))
            )
        with pytest.raises(Unavailable, match="no replica"):  # as on an old primary that was cut off
            await store.requests.commit(replace(RESERVE, request=replace(NEW, revision=4)))
        await store.close()

    assert [voted.stored, reserved.stored] == [Stored.SAVED, Stored.SAVED]


async def test_a_reservation_on_a_cluster_waits_for_the_replica_of_its_node() -> None:
    """On a cluster a reservation waits for the replica of its own node, over the connection on which it was written."""
    async with redis_cluster(replica=True) as url:
        store = await opened(url)
        await store.requests.commit(write(NEW))
        async with Redis.from_url(url.replace("redis+cluster", "redis")) as primary:
            [copy] = [one for one in (await primary.info("replication")).values() if isinstance(one, dict)]
        async with Redis(port=copy["port"]) as copying:
            pid = (await copying.info("server"))["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(Unavailable, match="no replica"):
                await store.requests.commit(RESERVE)
        finally:
            os.kill(pid, signal.SIGCONT)
        reserved = await store.requests.commit(replace(RESERVE, request=replace(NEW, revision=2)))
        await store.close()

    assert reserved.stored is Stored.SAVED


async def test_a_connection_that_breaks_before_the_confirmation_confirms_nothing() -> None:
    """If the connection breaks before the confirmation, the write is not confirmed, because WAIT on a new connection
    proves nothing."""
    port = free_port()
    primary = redis_server("--port", str(port), "--repl-diskless-sync-delay", "0")
    replica = redis_server("--replicaof", f"127.0.0.1 {port}", "--appendonly", "no")
    async with primary as url, replica as copy, Redis.from_url(url) as server, Redis.from_url(copy) as copying:
        await in_step(server)
        async with line_to(url) as line:
            store = await opened(f"{line.address}?wait_ms=100")
            await store.requests.commit(write(NEW))
            pid = (await copying.info("server"))["process_id"]
            os.kill(pid, signal.SIGSTOP)
            line.break_after_answer_to(COMMIT)
            try:
                with pytest.raises(Unavailable, match="no replica"):
                    await store.requests.commit(write(replace(NEW, revision=1)))
            finally:
                os.kill(pid, signal.SIGCONT)
            await store.close()

    assert line.lost == 1


async def test_a_reservation_waits_for_nobody_where_there_is_no_replica(single: str) -> None:
    """Without replicas, as on the bot's own server, a reservation does not wait."""
    async with Redis.from_url(single) as server:
        await server.flushall()
    store = await opened(single)
    await store.requests.commit(write(NEW))
    reserved = await store.requests.commit(RESERVE)
    await store.close()

    assert reserved.stored is Stored.SAVED


async def test_a_reservation_fails_where_nobody_may_know_of_replicas() -> None:
    """A reservation fails if the server does not tell whether it has replicas."""
    async with redis_server() as url, Redis.from_url(url) as server:
        await server.acl_setuser("bot", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-info"])
        store = await opened(url.replace("unix://", "unix://bot:pw@"))
        await store.requests.commit(write(NEW))
        with pytest.raises(Unavailable, match="no replica"):
            await store.requests.commit(RESERVE)
        await store.close()
