"""Which replica polls, and how it makes way for another one."""

from datetime import timedelta

import pytest

from handlers.poll import LOOK_EVERY, MOST_FAILURES, RETRY, Poller
from handlers.ports.errors import LONGEST_PAUSE, Forbidden, Throttled, Unavailable
from tests.fakes.intune import wipe
from tests.fakes.polling import LEASE
from tests.handlers.stage import Stage

EVERY = timedelta(seconds=60)


def poller(stage: Stage, replica: str = "r1", every: timedelta = EVERY) -> Poller:
    """Return the poller of one replica."""
    journeys = stage.journeys_with(replica=replica)
    return Poller(journeys.poll, journeys.lead, stage.clock, every)


def polls(stage: Stage) -> bool:
    """Return whether a poll was completed at this very moment."""
    return stage.store.poll.known is not None and stage.store.poll.known.complete_at == stage.clock.time


async def test_it_polls_at_once_and_then_every_so_often(stage: Stage) -> None:
    """The poller polls at once and then at its interval, and renews its lease in between."""
    turn = poller(stage).turn
    assert await turn() == LOOK_EVERY
    assert polls(stage)
    polled = 0

    for _ in range(12):
        stage.clock.advance(seconds=LOOK_EVERY.total_seconds())
        await turn()
        polled += polls(stage)
        assert stage.store.poll.leader == "r1"

    assert polled == 1
    assert polls(stage)


async def test_others_wait_and_take_over_when_its_lease_is_over(stage: Stage) -> None:
    """Other replicas wait until the lease is over; the one that takes over polls at once."""
    first, second = poller(stage, "r1"), poller(stage, "r2")
    await first.turn()
    stage.clock.advance(seconds=1)
    assert await second.turn() == LOOK_EVERY
    assert not polls(stage)

    stage.clock.time += LEASE
    await second.turn()

    assert polls(stage)
    assert stage.store.poll.leader == "r2"


async def test_the_pause_ends_when_it_is_time(stage: Stage) -> None:
    """The pause between polls can be shorter than the time between looks at the lease."""
    turn = poller(stage, every=timedelta(seconds=3)).turn
    assert await turn() == timedelta(seconds=3)
    stage.clock.advance(seconds=3)
    await turn()

    assert polls(stage)


async def test_what_fails_is_tried_again_after_half_a_minute(stage: Stage) -> None:
    """A failed poll is tried again after half a minute, however long the interval is."""
    turn = poller(stage, every=timedelta(minutes=10)).turn
    stage.intune.troubles.refuses["changed_since"] = Unavailable("away")
    with pytest.raises(Unavailable):
        await turn()
    stage.intune.troubles.refuses.clear()
    stage.clock.advance(seconds=29)
    await turn()
    assert not polls(stage)

    stage.clock.advance(seconds=1)
    await turn()
    assert polls(stage)


async def test_a_throttled_poll_waits_as_long_as_it_was_told(stage: Stage) -> None:
    """A throttled poll waits as long as it was told and keeps its lease, because others would be throttled too."""
    turn, other = poller(stage).turn, poller(stage, "r2").turn
    for _ in range(MOST_FAILURES + 1):
        stage.intune.troubles.refuses["changed_since"] = Throttled("busy", retry_after=300)
        with pytest.raises(Throttled):
            await turn()
        for _ in range(59):
            stage.clock.advance(seconds=5)
            await turn()
            await other()
        stage.clock.advance(seconds=5)

    stage.intune.troubles.refuses.clear()
    await turn()
    assert polls(stage)
    assert stage.store.poll.leader == "r1"


async def test_a_poll_that_is_to_wait_for_a_day_does_not(stage: Stage) -> None:
    """A throttled poll waits for a limited time only, even if it was told to wait for a day."""
    turn = poller(stage).turn
    stage.intune.troubles.refuses["changed_since"] = Throttled("busy", retry_after=86400)
    with pytest.raises(Throttled):
        await turn()
    stage.intune.troubles.refuses.clear()

    stage.clock.advance(seconds=LONGEST_PAUSE)
    await turn()

    assert polls(stage)


@pytest.mark.parametrize("kind", ["away", "partial"])
async def test_after_some_failures_in_a_row_another_replica_tries(stage: Stage, kind: str) -> None:
    """After some failures in a row the poller stands back, so that another replica can try."""
    turn, other = poller(stage).turn, poller(stage, "r2").turn
    stage.intune.show(wipe())
    if kind == "away":
        stage.intune.troubles.refuses["changed_since"] = Unavailable("away")
    else:
        stage.intune.troubles.refuses["content"] = Forbidden("hidden")
    for _ in range(MOST_FAILURES):
        if kind == "away":
            with pytest.raises(Unavailable):
                await turn()
        else:
            await turn()
        stage.clock.time += RETRY
    assert stage.store.poll.leader == ""
    stage.intune.troubles.refuses.clear()
    await turn()
    assert not polls(stage)

    await other()

    assert polls(stage)
    assert stage.store.poll.leader == "r2"


async def test_where_no_other_replica_can_either_the_first_comes_back(stage: Stage) -> None:
    """If no other replica succeeds either, the first one polls again."""
    first, second = poller(stage), poller(stage, "r2")
    stage.intune.troubles.refuses["changed_since"] = Unavailable("away")
    for turn in (first.turn, second.turn):
        for _ in range(MOST_FAILURES):
            with pytest.raises(Unavailable):
                await turn()
            stage.clock.time += RETRY
    stage.intune.troubles.refuses.clear()

    await first.turn()

    assert polls(stage)


async def test_a_stopped_poller_is_followed_at_once(stage: Stage) -> None:
    """After a stopped poller the next replica polls at once, although the last poll was recent."""
    first, second = poller(stage), poller(stage, "r2")
    await first.turn()
    stage.clock.time += LOOK_EVERY
    await second.turn()
    await stage.journeys.lead.leave()
    stage.clock.time += LOOK_EVERY

    await second.turn()

    assert polls(stage)


async def test_a_lone_replica_comes_back_after_it_stood_back(stage: Stage) -> None:
    """A single replica polls again after it stood back."""
    turn = poller(stage).turn
    stage.intune.troubles.refuses["changed_since"] = Unavailable("away")
    for _ in range(MOST_FAILURES):
        with pytest.raises(Unavailable):
            await turn()
        stage.clock.time += RETRY
    stage.intune.troubles.refuses.clear()

    stage.clock.time += LEASE
    await turn()

    assert polls(stage)
