"""The outbox on Redis; tests/contracts has the tests for every store."""

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from approvals.effects import Expire, Planned, PostCards, RefreshCards
from bot.store import Store, open_store
from tests.approvals.builders import NOW
from tests.fakes.clock import Clock

REFRESH = Planned(RefreshCards("R1"))


async def test_what_is_given_up_is_logged(store: Store, raw: Redis) -> None:
    """An effect that is given up is logged, and only its dead letter is left."""
    await store.outbox.plan([REFRESH], NOW)

    with capture_logs() as logs:
        for _ in range(3):
            (leased,) = await store.outbox.lease(10)
            assert await store.outbox.again(leased, NOW, "Teams said no")

    assert await raw.exists("cs:{tenant}:due", "cs:{tenant}:effect:RefreshCards:R1") == 0
    assert [line["event"] for line in logs] == ["effect_given_up"]


@pytest.mark.parametrize(
    "body", ['{"schema":4,"value":{}}', '{"schema":1,"value":{"Unheard":{}}}', '{"schema":1,"value":{"PostCards":{}}}']
)
async def test_what_this_version_does_not_understand_waits_for_one_that_does(
    store: Store, raw: Redis, clock: Clock, body: str
) -> None:
    """An effect that this version does not understand is left for a newer one and holds up no other effect; in the end
    it is a dead letter."""
    await store.outbox.plan([Planned(PostCards("R1")), REFRESH], NOW)
    await raw.hset("cs:{tenant}:effect:PostCards:R1", "body", body)

    with capture_logs() as logs:
        first = [leased.effect for leased in await store.outbox.lease(10)]
        for _ in range(2):
            clock.advance(minutes=1)
            await store.outbox.lease(10)

    assert first == [REFRESH.effect]
    assert [line["event"] for line in logs].count("effect_not_understood") == 3
    assert [letter["id"] for letter in await store.outbox.dead_letters()] == ["PostCards:R1"]


async def test_what_lost_its_body_does_not_stop_the_rest(store: Store, raw: Redis) -> None:
    """An effect whose body was deleted is removed and holds up no other effect."""
    await store.outbox.plan([Planned(PostCards("R1")), REFRESH], NOW)
    await raw.delete("cs:{tenant}:effect:PostCards:R1")

    assert [leased.effect for leased in await store.outbox.lease(10)] == [REFRESH.effect]
    assert await raw.zrange("cs:{tenant}:due", 0, -1) == ["RefreshCards:R1"]


async def test_another_configuration_does_the_work(store: Store, address: str, clock: Clock) -> None:
    """An effect that a replaced configuration had begun is leased to the active one later."""
    await store.outbox.plan([REFRESH], NOW)
    await store.outbox.lease(10)
    newer = await open_store(address, "tenant", "c2", clock=clock)

    clock.advance(minutes=1)
    leased = await newer.outbox.lease(10)
    await newer.close()

    assert [one.effect for one in leased] == [REFRESH.effect]


async def test_looking_at_an_empty_outbox_writes_nothing(store: Store, raw: Redis) -> None:
    """Looking at an empty outbox writes nothing, so that the append-only file does not grow."""
    before = (await raw.info("persistence"))["rdb_changes_since_last_save"]

    assert await store.outbox.lease(10) == []
    assert (await raw.info("persistence"))["rdb_changes_since_last_save"] == before


async def test_waiting_ends_when_something_is_due(address: str, raw: Redis) -> None:
    """Waiting ends when an effect is due by the server's clock, and never before."""
    store = await open_store(address, "tenant", "c1")
    now = await store.clock.now()
    due = now + timedelta(milliseconds=80)
    await store.outbox.plan([Planned(Expire("R1"), due)], now)
    await store.outbox.wait(60)

    async with asyncio.timeout(5):
        while not (leased := await store.outbox.lease(1)):
            await store.outbox.wait(60)
    woken = await store.clock.now()
    await store.close()

    assert leased[0].effect == Expire("R1")
    assert woken >= due
