"""A store that went back is noticed by any replica that remembers more, in the step that writes, and without false
alarms."""

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
    """Empty the server and return its address."""
    async with Redis.from_url(single) as server:
        await server.flushall()
    return single


@asynccontextmanager
async def opened(url: str, *witnesses: Remembered) -> AsyncIterator[Store]:
    """Open a replica with these witnesses."""
    store = await open_store(url, "tenant", "c1", clock=Clock(), witnesses=witnesses)
    try:
        yield store
    finally:
        await store.close()


async def decide(store: Store, name: str) -> Receipt:
    """Open a request, and try again after a conflict as the flows do."""
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
    """A new installation, a second replica and a restart cause no brake and no alarm."""
    async with opened(url) as first, opened(url) as second:
        await decide(first, "R1")
        await decide(second, "R2")
        assert await second.continuity.check() is False
        assert (await brakes(first), await planned(first) & {SayIncident, LookAgain}) == (set(), set())
    async with opened(url) as again:
        assert await brakes(again) == set()


async def test_a_failover_that_loses_the_last_writes(url: str) -> None:
    """After a failover that loses the last writes, the next write notices: the gap in the numbers is filled, the lost
    requests are named, and calls are braked."""
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
    """A write to an older store is refused in the same step in which it would be stored."""
    async with opened(url) as store:
        await decide(store, "R1")
        taken = await snapshot(url)
        await decide(store, "R2")
        await restore(url, taken)
        receipt = await store.requests.commit(write(replace(NEW, id="R3", intune_id="of R3")))
        assert receipt.stored is Stored.CONFLICT
        assert await store.requests.load("R3") is None


async def test_a_quiet_replica_notices_as_well(url: str) -> None:
    """A replica that writes nothing notices the loss when it compares."""
    async with opened(url) as store:
        taken = await snapshot(url)
        await decide(store, "R1")
        await restore(url, taken)
        await store.continuity.check()
        assert await store.losses.loss() == Loss(1, ("R1",))


async def test_two_replicas_that_remember_different_things(url: str) -> None:
    """If two replicas remember different writes, all of them have to be checked before the brake is lifted."""
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
    """After a loss, new tokens of effects are higher than all earlier ones, so that an old holder cannot finish an
    effect that another replica leased."""
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
    """After all data was deleted, votes are stored, calls to Intune wait for an operator, and operators are alarmed."""
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
    """After an operator accepted the store, replicas go on in the new epoch; if the old store comes back, the brake is
    on again."""
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
    """A backup from an earlier epoch is another store, whatever the number of its entries."""
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
    """If everything restarted, a witness outside the store still brings the brake on, and another restart does not lift
    it."""
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
    """If host and server crash together, the witness file names the lost requests, so no operator is needed."""
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
    """If the witness file does not reach back to the backup, the lost requests are unknown, so an operator has to
    look."""
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
    """If more entries are missing than a failover can lose, an operator has to look."""
    async with opened(url) as store:
        await decide(store, "R1")
        store.continuity.acknowledged(MOST_MADE_UP_FOR + 2, "R2")
        await store.continuity.check()
        assert await brakes(store) == {STORE}


async def test_killed_with_every_write_on_disk(tmp_path: Path) -> None:
    """With `appendfsync always`, killing the bot and its server loses nothing, and the next start raises no alarm."""
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
    """If a pause is lost with the data, the store is braked until an operator has looked."""
    async with opened(url) as store:
        taken = await snapshot(url)
        entry = AuditEntry(Kind.PAUSED, NOW)
        assert await store.brakes.swap(None, Brake(PAUSE, None, "Odd wipes.", NOW), [entry])
        await restore(url, taken)
        await store.continuity.check()
        assert await brakes(store) == {STORE}


async def test_answers_in_another_order(url: str) -> None:
    """If the answers of two writes arrive in the wrong order, both requests are named as lost."""
    async with opened(url) as store:
        await decide(store, "R1")
        store.continuity.acknowledged(3, "R3")
        store.continuity.acknowledged(2, "R2")
        await store.continuity.check()
        assert await store.losses.loss() == Loss(2, ("R2", "R3"))


async def test_another_process_writes_on_after_the_loss(url: str) -> None:
    """A loss is noticed although another process has written more entries since, because the mark of the lost write is
    missing."""
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
    """A write after such a loss is refused in its own step."""
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
    """A witness file that cannot be read still shows that there was a store."""
    WitnessFile(tmp_path).keep(Remembered(3))
    [file] = tmp_path.iterdir()
    file.write_text("{")
    assert WitnessFile(tmp_path).read() == Remembered(1)


def test_a_file_keeps_what_remembers_more(tmp_path: Path) -> None:
    """A witness file that two replicas share keeps what the one with the higher number remembers."""
    one, other = WitnessFile(tmp_path), WitnessFile(tmp_path)
    one.keep(Remembered(5))
    other.keep(Remembered(3))
    assert WitnessFile(tmp_path).read() == Remembered(5)


async def test_who_stops_leaves_no_mark_behind(url: str) -> None:
    """A replica that stops removes its mark from the store, and can begin again without an alarm."""
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
    """A replica that has not written yet compares the epoch and the number that it found at its start."""
    async with opened(url) as first, Redis.from_url(url) as raw:
        await decide(first, "R1")
        async with opened(url) as second:
            await raw.delete(f"cs:{{tenant}}:{lost}")
            receipt = await second.requests.commit(write(replace(NEW, id="R2", intune_id="of R2")))
            assert receipt.stored is Stored.CONFLICT
            assert await brakes(second) == {STORE}
