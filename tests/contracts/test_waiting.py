"""`Outbox`: a waiting replica wakes up when an effect is planned and when one becomes due."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from approvals.effects import Expire, Planned, RefreshCards
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, write
from tests.contracts.stores import Store
from tests.fakes.clock import Clock

REFRESH = Planned(RefreshCards("R1"))


async def test_the_bell_wakes_every_replica_that_waits(store: Store, sibling: Store) -> None:
    """The bell wakes every waiting replica, whether an effect is planned with a decision, alone, or again."""

    async def both_wake_up(planning: Awaitable[object]) -> None:
        waiting = [asyncio.create_task(replica.outbox.wait(60)) for replica in (store, sibling, sibling)]
        await asyncio.sleep(0)
        await planning
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)

    later = Planned(RefreshCards("R1"), NOW + timedelta(hours=1))
    await both_wake_up(store.requests.commit(write(NEW, later)))
    await both_wake_up(store.outbox.plan([REFRESH], NOW))
    (leased,) = await store.outbox.lease(1)
    await both_wake_up(store.outbox.again(leased, NOW + timedelta(hours=1), "no"))


async def test_a_ring_is_heard_by_who_was_busy(store: Store, sibling: Store) -> None:
    """An effect that is planned between two waits ends the next wait at once, and only that one."""
    await store.outbox.plan([REFRESH], NOW)
    (leased,) = await store.outbox.lease(10)  # nothing is due now, so only the bell ends the wait
    async with asyncio.timeout(5):
        await store.outbox.wait(60)
    await sibling.outbox.plan([Planned(Expire("R1"), NOW + timedelta(hours=1))], NOW)
    async with asyncio.timeout(5):
        await store.outbox.wait(60)

    await store.outbox.done(leased)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await store.outbox.wait(60)


async def test_waiting_can_be_cancelled(store: Store) -> None:
    """Waiting can be cancelled at once, and the next wait still works."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await store.outbox.wait(60)
    await store.outbox.plan([REFRESH], NOW)

    async with asyncio.timeout(5):
        await store.outbox.wait(60)


async def test_waiting_is_never_longer_than_asked_for(store: Store) -> None:
    """Waiting is never longer than asked for, even if an effect is due later."""
    await store.outbox.plan([Planned(Expire("R1"), NOW + timedelta(hours=1))], NOW)
    await store.outbox.wait(60)

    async with asyncio.timeout(5):
        await store.outbox.wait(0.02)


async def test_waiting_ends_when_something_is_due(store: Store, clock: Clock) -> None:
    """Waiting ends when an effect becomes due, without the bell."""
    await store.outbox.plan([Planned(Expire("R1"), NOW + timedelta(hours=1))], NOW)
    await store.outbox.wait(60)
    clock.advance(hours=1)

    async with asyncio.timeout(5):
        await store.outbox.wait(60)
