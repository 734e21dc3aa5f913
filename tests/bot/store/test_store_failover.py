"""A primary that is none any more: it is left as soon as something shows it, and claims nothing meanwhile."""

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
CLAIM = replace(write(replace(NEW, revision=1)), unless=(PAUSE,))


@dataclass(frozen=True)
class Pair:
    """Two servers that do not know each other: the old primary is alone, the new one has a replica."""

    old: int
    new: int
    raw_old: Redis
    raw_new: Redis


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers() -> AsyncIterator[tuple[int, int]]:
    """The ports of two servers, the second with a replica."""
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
    """Both servers, empty and as they were."""
    old, new = servers
    async with Redis(port=old, decode_responses=True) as first, Redis(port=new, decode_responses=True) as second:
        for one in (first, second):
            await one.flushall()
        yield Pair(old, new, first, second)
        await first.replicaof("NO", "ONE")
        await first.config_set("min-replicas-to-write", 0)


async def opened(url: str) -> Store:
    """A store on whatever is named."""
    return await open_store(url, "tenant", "c1", clock=Clock())


async def replicated(pair: Pair) -> None:
    """What replication would have carried over: the epoch, the active configuration, and the last audit number."""
    for key in ("epoch", "config", "schema", "audit-number"):
        if held := await pair.raw_old.get(f"cs:{{tenant}}:{key}"):
            await pair.raw_new.set(f"cs:{{tenant}}:{key}", held)


async def test_after_an_unconfirmed_write_the_sentinels_are_asked_again(pair: Pair) -> None:
    """The next vote goes to the new primary; without that it would go to the old one as long as that answers."""
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
    """Also one that waits for nobody: the poller's, for example."""
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
    """Its connection is another pool's, and blocked meanwhile."""
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
    """Nothing fails where nothing is written, so the sentinels are asked now and then."""
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
    """redis-py would try the frozen one three times."""
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
    """A person waits for it; redis-py would try three times, and each of them three times again in a command."""
    named = Named(pair.old)
    async with sentinels(named) as url:
        store = await opened(url)
        store.connections.redis.connection_pool.trust.doubt()  # type: ignore[attr-defined]
        named.primary, named.asked = free_port(), 0
        with pytest.raises(Unavailable):
            await store.active.why_not()
        await store.close()

    assert named.asked == 1


async def test_behind_sentinels_a_claim_waits_in_any_case(pair: Pair) -> None:
    """There are meant to be replicas, also where none is there now."""
    async with sentinels(Named(pair.old)) as url:
        store = await opened(url)
        await store.requests.commit(write(NEW))
        with pytest.raises(Unavailable, match="no replica"):
            await store.requests.commit(CLAIM)
        await store.close()


async def test_a_sentinel_that_was_cut_off_as_well_is_outvoted(pair: Pair) -> None:
    """It answers first and names the old one for ever."""
    others = [Named(pair.new, epoch=1), Named(pair.new, epoch=1)]
    async with sentinels(Named(pair.old), *others) as url:
        store = await opened(url)
        await store.close()

    assert await pair.raw_new.exists("cs:{tenant}:config")


async def test_without_a_majority_the_latest_failover_holds(pair: Pair) -> None:
    """Two of three are listed, or the third is away."""
    async with sentinels(Named(pair.old), Named(pair.new, epoch=1), Named(0, silent=True)) as url:
        store = await opened(url)
        await store.close()

    assert await pair.raw_new.exists("cs:{tenant}:config")


async def test_sentinels_have_users_of_their_own(pair: Pair) -> None:
    """Who is not let in by any of them is told why, without the password."""
    named = Named(pair.old, needs=("watcher", "p/w"))
    async with sentinels(named, tail="sentinel_username=watcher&sentinel_password=p%2Fw") as url:
        store = await opened(url)
        await store.close()
    async with sentinels(named, tail="sentinel_username=watcher&sentinel_password=wrong") as url:
        with pytest.raises(Unavailable, match="no sentinel names a primary of 'approvals'") as refused:
            await opened(url)

    assert "wrong" not in str(refused.value)


async def test_a_claim_waits_for_a_replica_where_there_is_one() -> None:
    """Also without `wait_ms`: what a failover loses would be filed once more, and a brake that it loses would be off. A
    vote is taken as the address says."""
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
                for vital in (store.requests.commit(CLAIM), store.brakes.swap(None, BRAKE, [])):
                    with pytest.raises(Unavailable, match="no replica"):
                        await vital
                with pytest.raises(Unavailable, match="no replica"):
                    await store.requests.commit(replace(write(replace(NEW, revision=2)), locks=(BRAKE,)))
            finally:
                os.kill(pid, signal.SIGCONT)
            await in_step(server)
            leased = await store.requests.commit(replace(CLAIM, request=replace(NEW, revision=3), unless=("other",)))
        with pytest.raises(Unavailable, match="no replica"):  # an old primary that was cut off has none, either
            await store.requests.commit(replace(CLAIM, request=replace(NEW, revision=4)))
        await store.close()

    assert [voted.stored, leased.stored] == [Stored.SAVED, Stored.SAVED]


async def test_a_claim_on_a_cluster_waits_for_the_replica_of_its_node() -> None:
    """Over the connection that it was written on: on any other node, WAIT counts replicas that never saw it."""
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
                await store.requests.commit(CLAIM)
        finally:
            os.kill(pid, signal.SIGCONT)
        leased = await store.requests.commit(replace(CLAIM, request=replace(NEW, revision=2)))
        await store.close()

    assert leased.stored is Stored.SAVED


async def test_a_connection_that_breaks_before_the_confirmation_confirms_nothing() -> None:
    """On a new one WAIT has nothing to wait for: it counts the replica that hangs."""
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


async def test_a_claim_waits_for_nobody_where_there_is_no_replica(single: str) -> None:
    """The server of our own has none."""
    async with Redis.from_url(single) as server:
        await server.flushall()
    store = await opened(single)
    await store.requests.commit(write(NEW))
    leased = await store.requests.commit(CLAIM)
    await store.close()

    assert leased.stored is Stored.SAVED


async def test_a_claim_fails_where_nobody_may_know_of_replicas() -> None:
    """What is not told is no fact."""
    async with redis_server() as url, Redis.from_url(url) as server:
        await server.acl_setuser("bot", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-info"])
        store = await opened(url.replace("unix://", "unix://bot:pw@"))
        await store.requests.commit(write(NEW))
        with pytest.raises(Unavailable, match="no replica"):
            await store.requests.commit(CLAIM)
        await store.close()
