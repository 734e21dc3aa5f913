"""`Notices`: each is gathered once, delivered when the first of them is due, and never lost."""

from datetime import timedelta

from approvals.effects import Deliver, Medium, Notice, NotificationKind, Planned
from tests.approvals.builders import NOW
from tests.contracts.stores import Store
from tests.fakes.clock import Clock

FIRST, SECOND = (Notice(request, NotificationKind.WAITS) for request in ("R1", "R2"))
MINUTE = timedelta(minutes=1)


async def test_whoever_waits_first_is_not_put_off(store: Store, clock: Clock) -> None:
    """A later notice does not delay the first one; it is delivered with it."""
    await store.notices.add(Medium.MAIL, "alex", SECOND, NOW, NOW + 2 * MINUTE)
    await store.notices.add(Medium.MAIL, "alex", FIRST, NOW + MINUTE, NOW + 3 * MINUTE)
    await store.notices.add(Medium.MAIL, "alex", SECOND, NOW + MINUTE, NOW + 3 * MINUTE)
    assert await store.notices.waiting(Medium.MAIL, "alex") == (FIRST, SECOND)
    assert await store.notices.waiting(Medium.CHAT, "alex") == ()
    clock.advance(minutes=2)
    [leased] = await store.outbox.lease(10)
    assert leased.effect == Deliver(Medium.MAIL, "alex")


async def test_what_is_due_sooner_takes_the_others_along(store: Store, clock: Clock) -> None:
    """A notice that is due earlier takes the waiting ones along, in one delivery at the earlier time."""
    await store.notices.add(Medium.MAIL, "alex", FIRST, NOW, NOW + 2 * MINUTE)
    await store.notices.add(Medium.MAIL, "alex", SECOND, NOW, NOW + MINUTE)
    clock.advance(minutes=1)

    assert [one.effect for one in await store.outbox.lease(10)] == [Deliver(Medium.MAIL, "alex")]


async def test_what_comes_in_while_it_is_delivered(store: Store, clock: Clock) -> None:
    """A notice that is added during a delivery is delivered next, and is not lost with the first one."""
    await store.notices.add(Medium.MAIL, "alex", FIRST, NOW, NOW)
    [leased] = await store.outbox.lease(10)
    await store.notices.add(Medium.MAIL, "alex", SECOND, NOW, NOW + 2 * MINUTE)
    await store.notices.delivered(Medium.MAIL, "alex", [FIRST])
    assert not await store.outbox.done(leased)
    clock.advance(minutes=3)
    assert [one.effect for one in await store.outbox.lease(10)] == [Deliver(Medium.MAIL, "alex")]
    assert await store.notices.waiting(Medium.MAIL, "alex") == (SECOND,)


async def test_what_is_patient_waits_for_a_delivery_that_is_planned(store: Store, clock: Clock) -> None:
    """A patient notice waits for a planned delivery, even a later one; without one it is delivered when due."""
    await store.notices.add(Medium.ALARM, "19:ops", FIRST, NOW, NOW, patient=True)
    [leased] = await store.outbox.lease(10)
    await store.notices.delivered(Medium.ALARM, "19:ops", [FIRST])
    await store.outbox.plan([Planned(leased.effect)], NOW + 2 * MINUTE)
    assert not await store.outbox.done(leased)
    await store.notices.add(Medium.ALARM, "19:ops", SECOND, NOW, NOW, patient=True)

    clock.advance(minutes=1)
    assert await store.outbox.lease(10) == []
    clock.advance(minutes=1)
    assert [one.effect for one in await store.outbox.lease(10)] == [Deliver(Medium.ALARM, "19:ops")]
