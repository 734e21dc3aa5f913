"""`Outbox`: effects are done at least once, never early, by one replica at a time, and given up visibly."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from approvals.brake import recovery_brake, store_brake
from approvals.effects import (
    Alarm,
    AwaitIntune,
    Expire,
    NotificationKind,
    Planned,
    PostCards,
    RefreshCards,
    Reply,
    SayPulled,
    TellPerson,
    effect_id,
)
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, write
from tests.contracts.stores import Store
from tests.fakes.clock import Clock

REFRESH = Planned(RefreshCards("R1"))


async def test_an_effect_is_due_never_early_and_done_once(store: Store, clock: Clock) -> None:
    """An effect is never due early, to the microsecond; after `done` it is gone."""
    deadline = NOW + timedelta(hours=1, microseconds=300)
    await store.requests.commit(write(NEW, Planned(PostCards("R1")), Planned(Expire("R1"), deadline)))

    (post,) = await store.outbox.lease(10)
    clock.advance(hours=1)
    early = [leased.id for leased in await store.outbox.lease(10)]
    clock.advance(milliseconds=1)
    (expire,) = await store.outbox.lease(10)
    done = await store.outbox.done(expire)
    clock.advance(days=1)

    assert (post.effect, post.attempt, expire.effect) == (PostCards("R1"), 1, Expire("R1"))
    assert early == [post.id]
    assert done
    assert [leased.id for leased in await store.outbox.lease(10)] == [post.id]


async def test_every_effect_comes_back_as_it_was_planned(store: Store) -> None:
    """Every effect is read back as it was planned, even if two kinds have the same fields."""
    effects = (
        *(PostCards("R1"), RefreshCards("R1"), AwaitIntune("R1"), Expire("R1"), Reply("R1", NotificationKind.APPROVED)),
        *(Alarm("R1", NotificationKind.COPY_LOST), TellPerson("R1", NotificationKind.VOTE_FELL, "alex")),
        *(SayPulled(NOW, store_brake("It was reset.", NOW)), SayPulled(NOW, recovery_brake(NOW))),
    )
    await store.outbox.plan([Planned(effect) for effect in effects], NOW)

    assert {leased.effect for leased in await store.outbox.lease(10)} == set(effects)


async def test_what_is_due_first_is_claimed_first(store: Store, clock: Clock) -> None:
    """The effects that are due first are leased first, as many as asked for."""
    hours = {"R1": 3, "R2": 1, "R3": 2}
    await store.outbox.plan([Planned(RefreshCards(name), NOW + timedelta(hours=hours[name])) for name in hours], NOW)
    first = await store.outbox.first_due()
    clock.advance(hours=3)

    assert first == NOW + timedelta(hours=1)
    assert [one.effect for one in await store.outbox.lease(2)] == [RefreshCards("R2"), RefreshCards("R3")]


async def test_nothing_planned_is_nothing_due(store: Store) -> None:
    """If nothing is planned, nothing is due and nothing can be leased."""
    assert await store.outbox.first_due() is None
    assert await store.outbox.lease(10) == []


async def test_two_replicas_share_the_work(store: Store, sibling: Store) -> None:
    """Two replicas never lease the same effect, however many ask at the same time."""
    await store.outbox.plan([Planned(RefreshCards(f"R{number}")) for number in range(50)], NOW)

    parts = await asyncio.gather(*(replica.outbox.lease(10) for replica in (store, sibling) * 3))
    ids = [leased.id for part in parts for leased in part]

    assert len(ids) == len(set(ids)) == 50


async def test_a_dead_replica_s_work_comes_back_after_the_lease(store: Store, sibling: Store, clock: Clock) -> None:
    """The work of a dead replica is leased again after its lease; its own late calls change nothing."""
    await store.outbox.plan([REFRESH], NOW)
    (stale,) = await store.outbox.lease(10)
    clock.advance(seconds=29)
    nothing = await sibling.outbox.lease(10)
    clock.advance(seconds=1)
    (fresh,) = await sibling.outbox.lease(10)

    assert nothing == []
    assert fresh.attempt == 2
    assert not await store.outbox.done(stale)
    assert not await store.outbox.again(stale, NOW, "stale")
    assert await sibling.outbox.done(fresh)


async def test_a_token_is_never_given_twice(store: Store, sibling: Store, clock: Clock) -> None:
    """A token is used once: a replica that is late cannot finish an effect that was planned again."""
    await store.outbox.plan([REFRESH], NOW)
    (stale,) = await store.outbox.lease(10)
    clock.advance(minutes=1)
    (fresh,) = await sibling.outbox.lease(10)
    await sibling.outbox.done(fresh)
    await store.outbox.plan([REFRESH], NOW)
    too_early = await store.outbox.done(stale)
    (anew,) = await sibling.outbox.lease(10)

    assert not too_early
    assert not await store.outbox.done(stale)
    assert await sibling.outbox.done(anew)


async def test_planned_anew_while_it_runs_is_done_again(store: Store) -> None:
    """An effect that is planned again while it runs is done again; the running replica's `done` does not remove it."""
    await store.outbox.plan([REFRESH], NOW)
    (running,) = await store.outbox.lease(10)
    await store.requests.commit(write(NEW, REFRESH))

    assert not await store.outbox.done(running)
    assert [leased.attempt for leased in await store.outbox.lease(10)] == [1]


async def test_the_later_plan_s_time_counts(store: Store, clock: Clock) -> None:
    """The time of the later plan counts, earlier or later than the first, with all attempts available again."""
    await store.outbox.plan([Planned(Expire("R1"), NOW + timedelta(hours=1)), REFRESH], NOW)
    (refresh,) = await store.outbox.lease(10)
    await store.outbox.again(refresh, NOW, "no")

    await store.outbox.plan([Planned(Expire("R1"), NOW), Planned(RefreshCards("R1"), NOW + timedelta(hours=1))], NOW)
    now = await store.outbox.lease(10)
    clock.advance(hours=1)
    then = [leased for leased in await store.outbox.lease(10) if leased.id == refresh.id]

    assert [leased.effect for leased in now] == [Expire("R1")]
    assert [leased.attempt for leased in then] == [1]


async def test_what_fails_is_tried_again_at_its_time(store: Store, clock: Clock) -> None:
    """A failed effect is tried again at the given time, and not before."""
    await store.outbox.plan([REFRESH], NOW)
    (leased,) = await store.outbox.lease(10)

    assert await store.outbox.again(leased, NOW + timedelta(minutes=5), "throttled")
    clock.advance(minutes=4)
    assert await store.outbox.lease(10) == []
    clock.advance(minutes=1)
    assert [again.attempt for again in await store.outbox.lease(10)] == [2]


async def test_what_fails_too_often_is_laid_out_for_the_operator(store: Store, clock: Clock) -> None:
    """After three failed attempts an effect becomes a dead letter that says why and since when."""
    await store.outbox.plan([REFRESH], NOW)
    for _ in range(3):
        (leased,) = await store.outbox.lease(10)
        assert await store.outbox.again(leased, NOW, "Teams said no")

    assert await store.outbox.first_due() is None
    assert await store.outbox.dead_letters() == [
        {"id": "RefreshCards:R1", "why": "Teams said no", "since": clock.time.isoformat()}
    ]


async def test_a_neighbour_that_is_away_costs_no_attempt(store: Store) -> None:
    """An attempt that fails because a neighbour is away is not counted; other failures are."""
    await store.outbox.plan([REFRESH], NOW)
    for _ in range(40):
        (leased,) = await store.outbox.lease(10)
        assert await store.outbox.again(leased, NOW, "Graph is away", excused=True)
    assert await store.outbox.dead_letters() == []
    for _ in range(3):
        (leased,) = await store.outbox.lease(10)
        assert await store.outbox.again(leased, NOW, "Teams said no")
    assert [letter["why"] for letter in await store.outbox.dead_letters()] == ["Teams said no"]


async def test_what_kills_every_replica_is_given_up_too(store: Store, clock: Clock) -> None:
    """An effect that was begun three times and never finished is given up: it may be what kills the replicas."""
    await store.outbox.plan([REFRESH], NOW)
    for _ in range(3):
        assert len(await store.outbox.lease(10)) == 1
        clock.advance(minutes=1)

    assert await store.outbox.lease(10) == []
    (letter,) = await store.outbox.dead_letters()
    assert letter["why"] == "begun 3 times and never finished"


async def test_a_later_success_takes_the_dead_letter_away(store: Store) -> None:
    """When the same effect is planned again and succeeds, its dead letter is removed."""
    await store.outbox.plan([REFRESH], NOW)
    for _ in range(3):
        (leased,) = await store.outbox.lease(10)
        await store.outbox.again(leased, NOW, "no")
    await store.outbox.plan([REFRESH], NOW)
    (leased,) = await store.outbox.lease(10)
    kept = len(await store.outbox.dead_letters())
    await store.outbox.done(leased)

    assert (kept, leased.attempt) == (1, 1)
    assert await store.outbox.dead_letters() == []


async def test_another_configuration_does_no_work(
    store: Store, clock: Clock, supersede: Callable[[], Awaitable[None]]
) -> None:
    """A replica with another configuration leases no effects and cannot finish one."""
    await store.outbox.plan([REFRESH], NOW)
    (leased,) = await store.outbox.lease(10)
    await supersede()

    assert not await store.outbox.done(leased)
    assert not await store.outbox.again(leased, NOW, "no")
    clock.advance(minutes=1)
    assert await store.outbox.lease(10) == []


async def test_what_was_given_up_is_done_after_all(store: Store, clock: Clock) -> None:
    """A retried dead letter has all its attempts again, and stays a dead letter until it is done."""
    await store.outbox.plan([REFRESH, Planned(Expire("R2"))], NOW)
    for _ in range(3):
        for leased in await store.outbox.lease(10):
            await store.outbox.again(leased, NOW, "no")
    given_up = await store.outbox.given_up()
    await store.outbox.retry([effect_id(REFRESH.effect), "RefreshCards:unknown"], NOW)
    letters = await store.outbox.dead_letters()
    (again,) = await store.outbox.lease(10)
    await store.outbox.done(again)

    assert sorted(given_up) == sorted(map(effect_id, given_up.values())) == ["Expire:R2", "RefreshCards:R1"]
    assert (len(letters), again.effect, again.attempt) == (2, REFRESH.effect, 1)
    assert [letter["id"] for letter in await store.outbox.dead_letters()] == ["Expire:R2"]
    assert list(await store.outbox.given_up()) == ["Expire:R2"]
