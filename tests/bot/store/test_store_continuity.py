"""A store that went back is noticed in the step that writes, by whoever remembers more, and nobody else is alarmed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, RECOVERY, STORE, Brake
from approvals.effects import CallOutIncident, LookAgain, Planned, PostCards, SayIncident
from bot.store import Store, open_store, visit_store
from bot.store.continuity import MOST_MADE_UP_FOR
from bot.store.embedded import embedded_server
from bot.store.epoch import Remembered
from bot.store.witness_file import WitnessFile
from cards.brakes import brake_sentence
from handlers.ports.continuity import Loss
from handlers.ports.requests import Receipt, Stored
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, write
from tests.fakes.clock import Clock
from tests.restoring import restore, snapshot


@pytest.fixture
async def url(single: str) -> str:
    """An empty server."""
    async with Redis.from_url(single) as server:
        await server.flushall()
    return single


@asynccontextmanager
async def opened(url: str, *witnesses: Remembered) -> AsyncIterator[Store]:
    """A replica that starts now."""
    store = await open_store(url, "tenant", "c1", clock=Clock(), witnesses=witnesses)
    try:
        yield store
    finally:
        await store.close()


async def decide(store: Store, name: str) -> Receipt:
    """Open a request, tried again as the flows do where the store wants that."""
    receipt = await store.requests.commit(write(replace(NEW, id=name, intune_id=f"of {name}")))
    if receipt.stored is Stored.CONFLICT:
        receipt = await store.requests.commit(write(replace(NEW, id=name, intune_id=f"of {name}")))
    return receipt


async def brakes(store: Store) -> set[str]:
    return {brake.name for brake in await store.brakes.on()}


async def planned(store: Store) -> set[type]:
    return {type(one.effect) for one in await store.outbox.lease(50)}


async def numbers(store: Store) -> list[int]:
    return [number for number, _ in await store.requests.audit(0, 100)]


async def test_a_new_installation_alarms_nobody(url: str) -> None:
    """Nor does a restart, nor a second replica."""
    async with opened(url) as first, opened(url) as second:
        await decide(first, "R1")
        await decide(second, "R2")
        assert await second.continuity.check() is False
        assert (await brakes(first), await planned(first) & {SayIncident, LookAgain}) == (set(), set())
    async with opened(url) as again:
        assert await brakes(again) == set()


async def test_a_failover_that_loses_the_last_writes(url: str) -> None:
    """The next commit notices: the gap is filled, what was touched is named, and calls wait for a look."""
    async with opened(url) as store:
        await decide(store, "R1")
        taken = await snapshot(url)
        await decide(store, "R2")
        await decide(store, "R3")
        await restore(url, taken)

        assert (await decide(store, "R4")).stored is Stored.SAVED
        assert await store.losses.loss() == Loss(2, ("R2", "R3"))
        assert await brakes(store) == {RECOVERY}
        assert await numbers(store) == [1, 2, 3, 4]
        lost = [entry.kind for _, entry in await store.requests.audit(1, 2)]
        assert lost == [Kind.ENTRY_LOST, Kind.ENTRY_LOST]
        assert LookAgain in await planned(store)


async def test_nothing_is_written_to_an_older_store_before_that_is_noticed(url: str) -> None:
    """The comparison stands in the step that writes: no look before it would be enough."""
    async with opened(url) as store:
        await decide(store, "R1")
        taken = await snapshot(url)
        await decide(store, "R2")
        await restore(url, taken)
        receipt = await store.requests.commit(write(replace(NEW, id="R3", intune_id="of R3")))
        assert receipt.stored is Stored.CONFLICT
        assert await store.requests.load("R3") is None


async def test_a_quiet_replica_notices_as_well(url: str) -> None:
    """It writes nothing, and compares every few seconds."""
    async with opened(url) as store:
        taken = await snapshot(url)
        await decide(store, "R1")
        await restore(url, taken)
        await store.continuity.check()
        assert await store.losses.loss() == Loss(1, ("R1",))


async def test_two_replicas_that_remember_different_things(url: str) -> None:
    """What each of them saw written is looked for before calls go on."""
    async with opened(url) as one, opened(url) as other:
        taken = await snapshot(url)
        await decide(one, "R1")
        await decide(other, "R2")
        await restore(url, taken)
        await one.continuity.check()
        first = await one.losses.loss()
        assert first == Loss(1, ("R1",))
        await other.continuity.check()
        assert await one.losses.loss() == Loss(2, ("R1", "R2"))
        assert await one.losses.recovered(first, [], []) is False
        assert await brakes(one) == {RECOVERY}
        assert await one.losses.recovered(Loss(2, ("R1", "R2")), [], []) is True
        assert await brakes(one) == set()
        assert await one.losses.loss() is None


async def test_tokens_go_on_above_those_that_were_given(url: str) -> None:
    """A replica that holds an old one must not take what another one claims now for its own."""
    async with opened(url) as store:
        await decide(store, "R1")
        taken = await snapshot(url)
        await store.outbox.plan([Planned(PostCards("R1"))], NOW)
        [before] = await store.outbox.lease(1)
        await decide(store, "R2")
        await restore(url, taken)
        await store.continuity.check()
        leased = await store.outbox.lease(10)
        assert leased
        assert all(int(one.token) > int(before.token) for one in leased)


async def test_everything_was_deleted(url: str) -> None:
    """`FLUSHALL` under a running bot: votes go on, calls to Intune wait for a person, and the channel is told."""
    async with opened(url) as store:
        await decide(store, "R1")
        async with Redis.from_url(url) as server:
            await server.flushall()
        assert (await decide(store, "R2")).stored is Stored.SAVED
        assert await brakes(store) == {STORE}
        [brake] = await store.brakes.on()
        assert "It is empty, although it held approvals before" in brake_sentence(brake)
        assert {SayIncident, CallOutIncident, LookAgain} <= await planned(store)
        assert min(await numbers(store)) > 1
        [entry] = [one for _, one in await store.requests.audit(0, 10) if one.kind is Kind.STORE_WENT_BACK]
        assert (entry.before, entry.after) == ("epoch 1", "epoch 2")


async def test_an_operator_accepts_it(url: str) -> None:
    """The new epoch follows the old one; replicas take it as it is, and the old one that comes back alarms again."""
    async with opened(url) as store, opened(url) as sibling:
        await decide(store, "R1")
        old = await snapshot(url)
        async with Redis.from_url(url) as server:
            await server.flushall()
        await store.continuity.check()
        shell = visit_store(url, "tenant", clock=Clock())
        entry = AuditEntry(Kind.STORE_ACCEPTED, NOW, why="The disk was lost")
        found, _ = await shell.continuity.found()
        accepted = await shell.continuity.accept(found, "root at ops-1", [entry], [])
        await shell.close()
        assert accepted is not None
        assert accepted.by == "root at ops-1"
        assert await brakes(store) == set()
        for one in (store, sibling):
            await one.continuity.check()
            assert (await decide(one, f"R{id(one)}")).stored is Stored.SAVED
        assert await brakes(store) == set()

        await restore(url, old)
        await sibling.continuity.check()
        assert await brakes(sibling) == {STORE}


async def test_an_older_store_stands_in_its_place(url: str) -> None:
    """A backup from before the last epoch is another store, however many entries it holds."""
    async with opened(url) as store:
        for number in range(5):
            await decide(store, f"R{number}")
        old = await snapshot(url)
        await store.continuity.doubt("Something else was found.")
        await restore(url, old)
        await store.continuity.check()
        assert STORE in await brakes(store)


@pytest.mark.parametrize("how", ["file", "sealed log"])
async def test_nobody_who_runs_remembers(url: str, tmp_path: Path, how: str) -> None:
    """A witness that outlives a restart of everything stops calls at the start."""
    async with opened(url) as store:
        await decide(store, "R1")
        WitnessFile(tmp_path).keep(store.continuity.remembered())
    async with Redis.from_url(url) as server:
        await server.flushall()
    witness = WitnessFile(tmp_path).read() if how == "file" else Remembered(1)
    assert witness is not None
    async with opened(url, witness) as again:
        assert await brakes(again) == {STORE}
        assert (await decide(again, "R2")).stored is Stored.SAVED
    async with opened(url, witness) as later:
        assert await brakes(later) == {STORE}, "a restart lifts nothing"


async def test_the_last_second_was_lost_with_the_process(url: str, tmp_path: Path) -> None:
    """Host and server crash together: the file beside the store names what was touched, and no person is needed."""
    async with opened(url) as store:
        await decide(store, "R1")
        taken = await snapshot(url)
        await decide(store, "R2")
        WitnessFile(tmp_path).keep(store.continuity.remembered())
    await restore(url, taken)
    witness = WitnessFile(tmp_path).read()
    assert witness is not None
    async with opened(url, witness) as again:
        assert await brakes(again) == {RECOVERY}
        assert await again.losses.loss() == Loss(1, ("R2",))


async def test_an_old_backup_at_the_start(url: str, tmp_path: Path) -> None:
    """The file does not reach back so far: what was done since is not known, so a person has to look."""
    taken = None
    async with opened(url) as store:
        await decide(store, "R1")
        taken = await snapshot(url)
    async with opened(url) as store:
        await decide(store, "R2")
        await decide(store, "R3")
    async with opened(url) as store:
        await decide(store, "R4")
        WitnessFile(tmp_path).keep(store.continuity.remembered())
    await restore(url, taken)
    witness = WitnessFile(tmp_path).read()
    assert witness is not None
    async with opened(url, witness) as again:
        assert await brakes(again) == {STORE}


async def test_more_is_missing_than_a_failover_loses(url: str) -> None:
    """Then somebody has to look at it."""
    async with opened(url) as store:
        await decide(store, "R1")
        store.continuity.acknowledged(MOST_MADE_UP_FOR + 2, "R2")
        await store.continuity.check()
        assert await brakes(store) == {STORE}


async def test_killed_with_every_write_on_disk(tmp_path: Path) -> None:
    """`appendfsync always`: the bot and its server are killed, and nobody is alarmed at the next start."""
    async with embedded_server(tmp_path / "data") as address, opened(address) as store:
        for number in range(20):
            await decide(store, f"R{number}")
            WitnessFile(tmp_path).keep(store.continuity.remembered())
    async with embedded_server(tmp_path / "data") as address:
        witness = WitnessFile(tmp_path).read()
        assert witness is not None
        async with opened(address, witness) as again:
            assert (await brakes(again), await again.losses.loss()) == (set(), None)


async def test_a_pause_that_is_lost(url: str) -> None:
    """Nobody has lifted it, so nothing goes on until somebody has looked."""
    async with opened(url) as store:
        taken = await snapshot(url)
        entry = AuditEntry(Kind.PAUSED, NOW)
        assert await store.brakes.swap(None, Brake(PAUSE, None, "Odd wipes.", NOW), [entry])
        await restore(url, taken)
        await store.continuity.check()
        assert await brakes(store) == {STORE}


async def test_answers_in_another_order(url: str) -> None:
    """Two writes at a time: the one whose answer comes last is named as well."""
    async with opened(url) as store:
        await decide(store, "R1")
        store.continuity.acknowledged(3, "R3")
        store.continuity.acknowledged(2, "R2")
        await store.continuity.check()
        assert await store.losses.loss() == Loss(2, ("R2", "R3"))


async def test_another_process_writes_on_after_the_loss(url: str) -> None:
    """Its entries push the number above what is remembered; the mark beside each write is missing all the same."""
    async with opened(url) as one, opened(url) as other:
        taken = await snapshot(url)
        await decide(one, "R1")
        await restore(url, taken)
        for number in range(2, 6):
            await decide(other, f"R{number}")
        await one.continuity.check()
        assert await brakes(one) == {RECOVERY}
        assert await one.losses.loss() == Loss(1, ("R1",))
        await one.continuity.check()
        assert await one.losses.loss() == Loss(1, ("R1",))


async def test_a_write_meets_a_loss_that_another_process_wrote_over(url: str) -> None:
    """It is refused in its own step."""
    async with opened(url) as one, opened(url) as other:
        taken = await snapshot(url)
        await decide(one, "R1")
        await restore(url, taken)
        for number in range(2, 6):
            await decide(other, f"R{number}")
        receipt = await one.requests.commit(write(replace(NEW, id="R6", intune_id="of R6")))
        assert receipt.stored is Stored.CONFLICT
        assert await brakes(one) == {RECOVERY}


def test_a_file_that_cannot_be_read_still_tells_that_there_was_a_store(tmp_path: Path) -> None:
    """Not readable is no new installation."""
    WitnessFile(tmp_path).keep(Remembered(3))
    [file] = tmp_path.iterdir()
    file.write_text("{")
    assert WitnessFile(tmp_path).read() == Remembered(1)


def test_a_file_keeps_what_remembers_more(tmp_path: Path) -> None:
    """Two replicas on one host share it."""
    one, other = WitnessFile(tmp_path), WitnessFile(tmp_path)
    one.keep(Remembered(5))
    other.keep(Remembered(3))
    assert WitnessFile(tmp_path).read() == Remembered(5)


async def test_who_stops_leaves_no_mark_behind(url: str) -> None:
    """Else each start would leave one for ever; another one of the same process begins anew."""
    async with opened(url) as store, Redis.from_url(url) as raw:
        await decide(store, "R1")
        assert await raw.hlen("cs:{tenant}:marks") == 1
        await store.continuity.leave()
        assert await raw.hlen("cs:{tenant}:marks") == 0
        assert not await store.continuity.check()
        assert (await decide(store, "R2")).stored is Stored.SAVED
        assert await brakes(store) == set()


@pytest.mark.parametrize("lost", ["epoch", "audit-number"])
async def test_a_replica_that_has_written_nothing_yet_compares_as_well(url: str, lost: str) -> None:
    """It has no mark beside a write: the epoch and the number that it found at its start are what it goes by."""
    async with opened(url) as first, Redis.from_url(url) as raw:
        await decide(first, "R1")
        async with opened(url) as second:
            await raw.delete(f"cs:{{tenant}}:{lost}")
            receipt = await second.requests.commit(write(replace(NEW, id="R2", intune_id="of R2")))
            assert receipt.stored is Stored.CONFLICT
            assert await brakes(second) == {STORE}
