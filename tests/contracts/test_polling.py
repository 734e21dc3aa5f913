"""`PollState`: one replica polls at a time, and all replicas share what is known of polling."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from approvals.effects import Planned, RefreshCards
from tests.approvals.builders import NOW
from tests.contracts.stores import Store
from tests.fakes.clock import Clock


async def test_there_is_one_poller(store: Store, sibling: Store) -> None:
    """Only one of many replicas gets the lead, and it keeps it."""
    asked = await asyncio.gather(*((store, sibling)[number % 2].poll.lead(f"r{number}") for number in range(10)))
    (leader,) = (f"r{number}" for number, leads in enumerate(asked) if leads)

    assert await store.poll.lead(leader)
    assert not await sibling.poll.lead("somebody else")


async def test_a_dead_poller_is_replaced_within_its_lease(store: Store, sibling: Store, clock: Clock) -> None:
    """A dead poller is replaced after 20 seconds; one that renews every five seconds is never replaced."""
    for _ in range(10):
        assert await store.poll.lead("a")
        clock.advance(seconds=5)
        assert not await sibling.poll.lead("b")
    clock.advance(seconds=15)

    assert await sibling.poll.lead("b")
    assert not await store.poll.lead("a")


async def test_a_poller_that_stops_is_replaced_at_once(store: Store, sibling: Store) -> None:
    """A poller that stops is replaced at once; a release by another replica has no effect."""
    assert await store.poll.lead("a")
    await sibling.poll.release("b")
    still = not await sibling.poll.lead("b")
    await store.poll.release("a")

    assert still
    assert await sibling.poll.lead("b")


async def test_a_poller_that_stands_back_comes_again(store: Store, sibling: Store, clock: Clock) -> None:
    """A poller that stands back may lead again after one lease and its pause."""
    assert await store.poll.lead("a")
    await store.poll.stand_back("a", timedelta(seconds=30))
    others = await sibling.poll.lead("b")
    await sibling.poll.release("b")
    clock.advance(seconds=49)
    too_early = await store.poll.lead("a")
    clock.advance(seconds=1)

    assert (others, too_early) == (True, False)
    assert await store.poll.lead("a")


async def test_when_a_poll_was_complete_is_the_same_for_all(store: Store, sibling: Store, clock: Clock) -> None:
    """All replicas know when a poll was last complete, and which rows the last one could not take in."""
    wanted = (await sibling.poll.polling()).blind_since
    clock.advance(minutes=1)
    await store.poll.incomplete(["i1", "i2"])
    before = await sibling.poll.polling()
    await store.poll.complete(NOW)
    after = await sibling.poll.polling()

    assert wanted == NOW
    assert (before.complete_at, before.blind_since, before.stuck) == (None, NOW, ("i1", "i2"))
    assert (after.complete_at, after.blind_since, after.stuck) == (clock.time, clock.time, ())


async def test_what_no_poll_completes_is_alarmed_once(store: Store, sibling: Store, clock: Clock) -> None:
    """A missing poll is alarmed once, however many replicas notice it, and not after a poll was complete."""
    alarm, over = [Planned(RefreshCards("alarm"))], [Planned(RefreshCards("over"))]
    seen = await store.poll.polling()
    raised = await asyncio.gather(store.poll.alarm(seen, alarm), sibling.poll.alarm(seen, alarm))
    alarmed = (await sibling.poll.polling()).alarmed
    first = [one.id for one in await store.outbox.lease(10)]
    await store.poll.complete(NOW, over)
    second = [one.id for one in await store.outbox.lease(10)]
    late = await sibling.poll.alarm(seen, alarm)
    await store.poll.complete(NOW, over)
    clock.advance(seconds=1)

    assert sorted(raised) == [False, True]
    assert (alarmed, (await store.poll.polling()).alarmed) == (True, False)
    assert (first, second, late) == (["RefreshCards:alarm"], ["RefreshCards:over"], False)
    assert await store.outbox.lease(10) == []


async def test_another_configuration_does_not_poll(store: Store, supersede: Callable[[], Awaitable[None]]) -> None:
    """A replica with another configuration does not poll and cannot move the watermark."""
    assert await store.poll.lead("a")
    await supersede()

    assert not await store.poll.lead("a")
    await store.poll.complete(NOW)
    assert await store.poll.watermark() is None
    assert (await store.poll.polling()).complete_at is None


async def test_the_watermark_is_kept_to_the_microsecond(store: Store) -> None:
    """The watermark is kept to the microsecond; before the first poll there is none."""
    moment = NOW + timedelta(microseconds=1)
    before = await store.poll.watermark()
    await store.poll.complete(moment)

    assert before is None
    assert await store.poll.watermark() == moment


async def test_a_heartbeat_is_known_to_all(store: Store, sibling: Store, clock: Clock) -> None:
    """All replicas know when the last heartbeat was sent."""
    assert (await store.poll.polling()).beaten_at is None
    await store.poll.beaten()
    clock.advance(minutes=1)
    await store.poll.complete(clock.time)

    assert (await sibling.poll.polling()).beaten_at == NOW
