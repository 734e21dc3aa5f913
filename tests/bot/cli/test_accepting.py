"""An operator looks at a store that lost data and accepts exactly what they saw, in their name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from approvals.audit import Kind
from approvals.brake import RECOVERY, STORE, Brake, Operator, recovery_brake
from approvals.refusals import NoSuchBrake, NothingWritten
from bot.cli import accepting
from bot.cli.operators import who_operates
from bot.store import Store, visit_store
from cards.brakes import brake_sentence
from cards.refusals import refusal_sentence
from handlers.ports.errors import Conflict
from handlers.ports.requests import Stored
from simulator.clock import wall_time
from tests.approvals.builders import NOW
from tests.bot.processes import run
from tests.bot.store.test_store_continuity import brakes, decide, opened
from tests.fakes.clock import Clock
from tests.office import Office, office
from tests.restoring import restore, snapshot
from tests.servers import redis_server

OPS = Operator("root", "ops-1")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Yield the address of an empty server."""
    async with redis_server() as address:
        yield address


@asynccontextmanager
async def shell(url: str) -> AsyncIterator[Store]:
    """Yield the store as an operator opens it, without any memory of it."""
    store = visit_store(url, "tenant", clock=Clock())
    try:
        yield store
    finally:
        await store.close()


async def empty(url: str) -> None:
    """Run `FLUSHALL` on the server."""
    async with Redis.from_url(url) as server:
        await server.flushall()


async def looked(url: str) -> accepting.StoreFound:
    async with shell(url) as store:
        return await accepting.look(store)


async def test_a_store_that_nobody_doubts(url: str) -> None:
    """A sound store shows its epoch, who accepted it, and how much it contains."""
    async with opened(url) as store:
        await decide(store, "R1")
        await decide(store, "R2")
        epoch, _ = await store.continuity.found()
    assert epoch is not None
    assert (await looked(url)).lines() == [
        f"Epoch 1 ({epoch.id}); accepted by the first start.",
        "Last audit entry: 2. Open requests: 2.",
    ]


async def test_a_store_that_nobody_has_accepted(url: str) -> None:
    """A store in doubt shows which epoch it follows, that nobody accepted it, and why it is in doubt."""
    async with opened(url) as store:
        await decide(store, "R1")
        before, _ = await store.continuity.found()
        await empty(url)
        await store.continuity.check()
        [brake] = await store.brakes.on()
        after, number = await store.continuity.found()
    assert before is not None
    assert after is not None
    assert (await looked(url)).lines() == [
        f"Epoch 2 ({after.id}), which follows {before.id}; accepted by nobody.",
        f"Last audit entry: {number}. Open requests: 0.",
        brake_sentence(brake),
    ]


async def test_an_empty_store(url: str) -> None:
    """An empty store has no epoch, gets none when it is shown, and cannot be accepted."""
    found = await looked(url)
    assert found.lines() == ["No epoch; accepted by nobody.", "Last audit entry: 0. Open requests: 0."]
    async with shell(url) as store:
        assert (await accepting.accept(store, found, OPS, "The disk was lost")).move.refusal == NoSuchBrake("store")
        assert await store.continuity.found() == (None, 0)


@pytest.mark.parametrize("why", ["", " ", "...", "\u200b"])
async def test_an_acceptance_without_a_reason(url: str, why: str) -> None:
    """Without a reason the brake stays, and nothing is recorded."""
    async with opened(url) as store, shell(url) as at:
        await store.continuity.doubt("It was restored.")
        found = await accepting.look(at)
        assert (await accepting.accept(at, found, OPS, why)).move.refusal == NothingWritten("brake")
        assert await accepting.look(at) == found


async def test_a_store_that_is_not_in_doubt(url: str) -> None:
    """A store that is not in doubt cannot be accepted, even during a pause; its epoch continues."""
    async with opened(url) as store, shell(url) as at:
        await store.brakes.swap(None, Brake("pause", OPS, "Odd wipes.", NOW), [])
        found = await accepting.look(at)
        assert (await accepting.accept(at, found, OPS, "The disk was lost")).move.refusal == NoSuchBrake("store")
        assert await accepting.look(at) == found


async def test_an_acceptance_lifts_both_brakes(url: str) -> None:
    """An acceptance records who and why; every replica adopts the new epoch and raises no alarm."""
    async with opened(url) as one, opened(url) as other, shell(url) as at:
        await one.continuity.doubt("It was restored.")
        await one.brakes.swap(None, recovery_brake(NOW), [])
        found = await accepting.look(at)
        moved = await accepting.accept(at, found, OPS, "The disk was lost")
        assert found.epoch is not None
        assert "The store was accepted by root at ops-1." in moved.line()
        assert f"Epoch 3 follows {found.epoch.id}." in moved.line()

        after = await accepting.look(at)
        assert after.brakes == ()
        assert after.epoch is not None
        assert (after.epoch.number, after.epoch.follows, after.epoch.by) == (3, found.epoch.id, "root at ops-1")
        [entry] = [entry for _, entry in await at.requests.audit(0, 50) if entry.kind is Kind.STORE_ACCEPTED]
        assert (entry.name, entry.before, entry.why) == ("root at ops-1", STORE, "The disk was lost.")
        assert (entry.evidence["user"], entry.evidence["host"]) == ("root", "ops-1")
        assert (entry.evidence["reason"], entry.evidence["words"]) == ("store-doubted", "It was restored.")
        for store, name in ((one, "R1"), (other, "R2")):
            assert (await decide(store, name)).stored is Stored.SAVED
            await store.continuity.check()
            assert store.continuity.remembered().epoch == after.epoch
        assert await brakes(one) == set()
        assert [entry.kind for _, entry in await at.requests.audit(0, 50)].count(Kind.STORE_WENT_BACK) == 1


async def test_two_operators_at_the_same_time(url: str) -> None:
    """Of two operators one accepts; the other learns that the store has changed, and nothing is recorded twice."""
    async with opened(url) as store, shell(url) as one, shell(url) as other:
        await store.continuity.doubt("It was restored.")
        found = await accepting.look(one)
        both = [
            accepting.accept(one, found, OPS, "The disk was lost"),
            accepting.accept(other, found, replace(OPS, user="sre"), "I looked"),
        ]
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        [lost] = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert isinstance(lost, Conflict)
        assert str(lost) == "the store has changed since it was shown; run the command again"
        after = await accepting.look(one)
        assert after.epoch is not None
        assert after.epoch.number == 3
        entries = [entry.kind for _, entry in await one.requests.audit(0, 50)]
        assert entries.count(Kind.STORE_ACCEPTED) == 1


async def test_reset_again_before_the_operator_agrees(url: str) -> None:
    """A second reset prevents the acceptance, although the brake looks the same."""
    async with opened(url) as store, shell(url) as at:
        await decide(store, "R1")
        await empty(url)
        await store.continuity.check()
        found = await accepting.look(at)
        await empty(url)
        await store.continuity.check()
        assert (await accepting.look(at)).brakes == found.brakes
        with pytest.raises(Conflict, match="run the command again"):
            await accepting.accept(at, found, OPS, "The disk was lost")
        assert await brakes(store) == {STORE}


async def test_a_loss_before_the_operator_agrees(url: str) -> None:
    """A loss within the same epoch prevents the acceptance as well."""
    async with opened(url) as store, shell(url) as at:
        await store.continuity.doubt("It was restored.")
        taken = await snapshot(url)
        await decide(store, "R1")
        found = await accepting.look(at)
        await restore(url, taken)
        await store.continuity.check()
        with pytest.raises(Conflict, match="run the command again"):
            await accepting.accept(at, found, OPS, "The disk was lost")
        assert await brakes(store) == {STORE, RECOVERY}
        assert await store.losses.loss() is not None


async def test_from_a_shell(tmp_path: Path) -> None:
    """The command changes nothing without consent and a reason; then the channel learns who accepted, and alarms come
    only when an older store returns."""
    async with office(tmp_path, replicas=2) as day:

        async def command(*arguments: str) -> tuple[int | None, str]:
            process = await run("store", environment(day, tmp_path), tmp_path, *arguments)
            said, complained = await process.communicate()
            return process.returncode, (said + complained).decode()

        day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
        await day.poll()
        old = await snapshot(day.redis_url)
        await empty(day.redis_url)
        await day.poll()
        await day.tenant.teams.install(day.tenant.channels["Operations"], day.tenant.world.user("marc"))  # lost as well
        await day.pass_time(minutes=1)
        assert "python -m bot store accept" in day.alarms()[-1]
        status, said = await command("show")
        assert status == 0
        assert "accepted by nobody" in said
        assert "It is empty, although it held approvals before." in said
        status, said = await command("accept", "--why", " ", "--yes")
        assert (status, said.splitlines()[-1]) == (1, refusal_sentence(NothingWritten("brake")))
        status, said = await command("accept", "--why", "The disk was lost")
        assert status == 1
        assert accepting.WHAT_IT_DOES in said
        assert said.splitlines()[-1].endswith("Nothing was changed.")
        assert await brakes(day.bot.store) == {STORE}

        status, said = await command("accept", "--why", "The disk was lost", "--yes")
        who = who_operates()
        assert status == 0
        assert f"The store was accepted by {who.name}." in said
        assert await brakes(day.bot.store) == set()
        [entry] = await day.audit(Kind.STORE_ACCEPTED)
        assert (entry.evidence["user"], entry.evidence["host"]) == (who.user, who.host)
        status, said = await command("accept", "--why", "The disk was lost", "--yes")
        assert (status, said.splitlines()[-1]) == (1, refusal_sentence(NoSuchBrake("store")))

        alarmed = day.alarms()
        day.tenant.clock.jump(wall_time() + timedelta(minutes=1))  # the shell uses the server's time
        await day.poll()
        await day.poll()
        assert [said.partition(". ")[0] for said in day.alarms()[len(alarmed) :]] == [
            f"The store was accepted by {who.name}"
        ]

        await restore(day.redis_url, old)
        await day.poll()
        assert await brakes(day.bot.store) == {STORE}
        await day.pass_time(seconds=1)
        assert "Another one is in its place" in day.alarms()[-1]


def environment(day: Office, directory: Path) -> dict[str, str]:
    """Return the environment of a shell on the bot's host."""
    own = {"COUNTERSIGN_REDIS_URL": day.redis_url, "COUNTERSIGN_SESSION_KEY": "s" * 32}
    return day.tenant.environment(directory / "ca.pem", day.urls[0]) | own
