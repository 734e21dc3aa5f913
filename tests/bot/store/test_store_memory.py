"""What is remembered beside requests: copies, the poller, conversations, sign-ins, the time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis.asyncio import Redis

from approvals.audit import Kind
from approvals.effects import Planned, RefreshCards
from bot.store import Store, open_store
from bot.store.clock import RedisClock
from bot.store.keys import Keys
from bot.store.redis import Commands
from handlers.ports.copies import Copy
from handlers.ports.teams import ChannelReference, PersonalReference
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, DrivenClock, entry, write

HERE = ChannelReference("19:cab", "https://smba.example/emea", "19:team", "Change board")
BEGUN = Copy("R1", "19:x", attempt="a1")
STANDS = Copy("R1", "19:x", "19:x;messageid=1", "1", attempt="a1")
ALEX = PersonalReference("alex", "29:alex", "https://smba.example/emea", "a:alex")


async def test_an_unfinished_post_becomes_the_finished_one(store: Store) -> None:
    """Known by its attempt; another attempt at the same place, and another channel's, are not touched."""
    begun = [replace(BEGUN, attempt="a1"), replace(BEGUN, attempt="a2"), Copy("R1", "19:y", attempt="a3")]
    for copy in begun:
        await store.copies.save(copy)
    assert set(await store.copies.of("R1")) == set(begun)

    await store.copies.save(STANDS)

    assert set(await store.copies.of("R1")) == {STANDS, *begun[1:]}
    assert await store.copies.of("R2") == ()


async def test_a_click_makes_an_attempt_a_copy_once(store: Store, sibling: Store) -> None:
    """Of ten who say where it stands one is believed, and what follows is planned once."""
    await store.copies.save(BEGUN)
    said = [replace(BEGUN, conversation="19:x", activity_id=f"m{number}", adopted=True) for number in range(10)]

    redraw = [Planned(RefreshCards("R1"))]
    believed = await asyncio.gather(*((store, sibling)[n % 2].copies.swap(BEGUN, said[n], redraw) for n in range(10)))

    assert believed.count(True) == 1
    assert await store.copies.of("R1") == (said[believed.index(True)],)
    assert len(await store.outbox.claim(10)) == 1


async def test_a_message_is_one_copy(store: Store) -> None:
    """Whatever clicks say of it, for another request, another attempt or another thread of its channel."""
    await store.copies.save(STANDS)
    other = Copy("R2", "19:x", attempt="b1")
    await store.copies.save(other)
    sibling = replace(BEGUN, attempt="a2")
    await store.copies.save(sibling)

    here: dict[str, Any] = {"conversation": "19:x;messageid=1", "activity_id": "1", "adopted": True}
    assert not await store.copies.swap(other, replace(other, **here))
    assert not await store.copies.swap(other, replace(other, **here | {"conversation": "19:x"}))
    assert not await store.copies.swap(sibling, replace(sibling, **here))
    assert await store.copies.of("R2") == (other,)


async def test_teams_own_answer_beats_a_click(store: Store) -> None:
    """Somebody called the message another request's card while its post was under way: it is this one's, drawn anew."""
    await store.requests.commit(write(NEW))
    other = Copy("R2", "19:x", attempt="b1")
    await store.copies.save(other)
    await store.copies.save(BEGUN)
    forged = replace(other, conversation="19:x", activity_id="1", adopted=True)
    assert await store.copies.swap(other, forged)
    assert await store.copies.of("R2") == (forged,)

    await store.copies.save(STANDS, [], [Planned(RefreshCards("R1"))], drawn_from=1)

    assert await store.copies.of("R2") == ()
    assert await store.copies.of("R1") == (STANDS,)
    assert [claimed.effect for claimed in await store.outbox.claim(10)] == [RefreshCards("R1")]


async def test_an_attempt_is_forgotten(store: Store) -> None:
    """In the state in which it was seen, and not once it has become a copy."""
    await store.copies.save(BEGUN)
    await store.copies.save(STANDS)
    assert not await store.copies.swap(BEGUN, None)
    assert await store.copies.swap(STANDS, None)
    assert await store.copies.of("R1") == ()


async def test_a_copy_comes_with_what_follows_from_it(store: Store) -> None:
    """Copy, audit entry and effect in one step; no effect where the card shows the request as it is."""
    await store.requests.commit(write(NEW))
    copy, redrawing = STANDS, [Planned(RefreshCards("R1"))]

    await store.copies.save(copy, [entry(NEW, Kind.POSTED)], redrawing, drawn_from=1)
    assert await store.outbox.claim(10) == []
    await store.requests.commit(write(replace(NEW, revision=1)))
    await store.copies.save(copy, [entry(NEW, Kind.POSTED)], redrawing, drawn_from=1)

    assert [claimed.effect for claimed in await store.outbox.claim(10)] == [RefreshCards("R1")]
    recorded = [one.kind for _, one in await store.requests.audit(0, 10)]
    assert recorded.count(Kind.POSTED) == 2


async def test_two_channels_may_use_the_same_activity_id(store: Store) -> None:
    """It is only the time of the post."""
    here, there = Copy("R1", "19:x", "19:x", "1", attempt="a1"), Copy("R2", "19:y", "19:y", "1", attempt="a2")
    await store.copies.save(here)

    assert await store.copies.swap(None, there)


async def test_a_lost_copy_stays_known_as_lost(store: Store) -> None:
    """It is one copy, changed."""
    await store.copies.save(STANDS)
    await store.copies.save(replace(STANDS, lost=True))

    assert await store.copies.of("R1") == (replace(STANDS, lost=True),)


async def test_there_is_one_poller(store: Store, sibling: Store) -> None:
    """However many ask at the same time; whoever leads keeps leading."""
    asked = await asyncio.gather(*((store, sibling)[number % 2].poll.lead(f"r{number}") for number in range(10)))
    (leader,) = (f"r{number}" for number, leads in enumerate(asked) if leads)

    assert await store.poll.lead(leader)
    assert not await sibling.poll.lead("somebody else")


async def test_a_dead_poller_is_replaced_within_its_lease(store: Store, sibling: Store, clock: DrivenClock) -> None:
    """After 20 seconds of silence; one that renews every five is never replaced."""
    for _ in range(10):
        assert await store.poll.lead("a")
        clock.advance(seconds=5)
        assert not await sibling.poll.lead("b")
    clock.advance(seconds=15)

    assert await sibling.poll.lead("b")
    assert not await store.poll.lead("a")


async def test_a_poller_that_stops_is_replaced_at_once(store: Store, sibling: Store) -> None:
    """What is released by somebody else stays."""
    assert await store.poll.lead("a")
    await sibling.poll.release("b")
    still = not await sibling.poll.lead("b")
    await store.poll.release("a")

    assert still
    assert await sibling.poll.lead("b")


async def test_a_poller_that_stands_back_comes_again(store: Store, sibling: Store, clock: DrivenClock) -> None:
    """After one lease and its pause: sooner nobody else could have known, later nobody at all might poll."""
    assert await store.poll.lead("a")
    await store.poll.stand_back("a", timedelta(seconds=30))
    others = await sibling.poll.lead("b")
    await sibling.poll.release("b")
    clock.advance(seconds=49)
    too_early = await store.poll.lead("a")
    clock.advance(seconds=1)

    assert (others, too_early) == (True, False)
    assert await store.poll.lead("a")


async def test_when_a_poll_was_complete_is_the_same_for_all(store: Store, sibling: Store, clock: DrivenClock) -> None:
    """What it could not take in is known until one is."""
    wanted = (await sibling.poll.polling()).blind_since
    clock.advance(minutes=1)
    await store.poll.incomplete(["i1", "i2"])
    before = await sibling.poll.polling()
    await store.poll.complete(NOW)
    after = await sibling.poll.polling()

    assert wanted == NOW
    assert (before.complete_at, before.blind_since, before.stuck) == (None, NOW, ("i1", "i2"))
    assert (after.complete_at, after.blind_since, after.stuck) == (clock.time, clock.time, ())


async def test_what_no_poll_completes_is_alarmed_once(store: Store, sibling: Store, clock: DrivenClock) -> None:
    """However many replicas notice it at a time; whoever noticed it before a poll was complete alarms no more."""
    alarm, over = [Planned(RefreshCards("alarm"))], [Planned(RefreshCards("over"))]
    seen = await store.poll.polling()
    raised = await asyncio.gather(store.poll.alarm(seen, alarm), sibling.poll.alarm(seen, alarm))
    first = [one.id for one in await store.outbox.claim(10)]
    await store.poll.complete(NOW, over)
    second = [one.id for one in await store.outbox.claim(10)]
    late = await sibling.poll.alarm(seen, alarm)
    await store.poll.complete(NOW, over)
    clock.advance(seconds=1)

    assert sorted(raised) == [False, True]
    assert (first, second, late) == (["RefreshCards:alarm"], ["RefreshCards:over"], False)
    assert await store.outbox.claim(10) == []


async def test_another_configuration_does_not_poll(store: Store, address: str, clock: DrivenClock) -> None:
    """What it reads it could not store, so it neither leads nor says that it has read up to anywhere."""
    assert await store.poll.lead("a")
    newer = await open_store(address, "tenant", "c2", clock=clock)

    leads = await store.poll.lead("a")
    await store.poll.complete(NOW)
    clock.advance(seconds=20)
    others = await newer.poll.lead("b")
    await newer.close()

    assert (leads, others) == (False, True)
    assert await store.poll.watermark() is None


async def test_the_watermark_is_kept_to_the_microsecond(store: Store) -> None:
    """Nothing before the first poll."""
    moment = NOW + timedelta(microseconds=1)
    before = await store.poll.watermark()
    await store.poll.complete(moment)

    assert before is None
    assert await store.poll.watermark() == moment


async def test_channels_are_remembered_and_forgotten(store: Store) -> None:
    """One by one, or with their team."""
    other = replace(HERE, channel="19:ops")
    elsewhere = ChannelReference("19:chat", "https://smba.example/amer")
    for reference in (HERE, other, elsewhere):
        await store.conversations.save_channel(reference)

    assert await store.conversations.channel("19:cab") == HERE
    assert await store.conversations.channel("19:none") is None
    await store.conversations.forget_channel("19:cab")
    assert set(await store.conversations.channels()) == {other, elsewhere}
    await store.conversations.forget_team("19:team")
    await store.conversations.forget_team("19:team")
    assert await store.conversations.channels() == (elsewhere,)


async def test_people_are_remembered_and_forgotten(store: Store) -> None:
    """By account."""
    await store.conversations.save_person(ALEX)
    known = await store.conversations.person("alex")
    await store.conversations.forget_person("alex")

    assert known == ALEX
    assert await store.conversations.person("alex") is None


async def test_who_cannot_be_written_to_is_remembered_until_the_app_is_installed(store: Store) -> None:
    """Known or not; the first failure counts."""
    await store.conversations.mark_unreachable("alex", NOW)
    await store.conversations.mark_unreachable("alex", NOW + timedelta(days=1))
    since = await store.conversations.unreachable_since("alex")
    await store.conversations.save_person(ALEX)

    assert since == NOW
    assert await store.conversations.unreachable_since("alex") is None


async def test_a_nonce_is_used_once(store: Store, sibling: Store) -> None:
    """To peek does not use it up; of two who come at the same time one gets nothing."""
    nonce = await store.nonces.create({"request": "R1"})

    peeked = await store.nonces.peek(nonce)
    both = await asyncio.gather(store.nonces.consume(nonce), sibling.nonces.consume(nonce))

    assert peeked == {"request": "R1"}
    assert both.count(None) == 1
    assert await store.nonces.peek(nonce) is None
    assert await store.nonces.consume("never made") is None


async def test_the_time_is_the_server_s(address: str, raw: Redis) -> None:
    """To the microsecond, in UTC."""
    store = await open_store(address, "tenant", "c1")
    before, now, after = await raw.time(), await store.clock.now(), await raw.time()
    await store.close()

    assert before <= divmod((now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), 10**6) <= after


async def test_a_host_whose_clock_is_wrong_does_not_matter() -> None:
    """Whatever the host believes, the answer of the server is the time."""

    class LateServer:
        async def evalsha(self, _sha: str, _count: int, /, *_keys_and_arguments: str) -> Any:
            return ["4102444800", "5"]

    clock = RedisClock(cast("Commands", LateServer()), Keys("tenant"), monotonic=lambda: 0.0)

    assert await clock.now() == datetime(2100, 1, 1, microsecond=5, tzinfo=UTC)


async def test_the_server_is_asked_for_the_time_once_a_second() -> None:
    """Between two answers our own stopwatch carries it on."""

    class TickingServer:
        answers = iter([["100", "0"], ["200", "0"]])

        async def evalsha(self, _sha: str, _count: int, /, *_keys_and_arguments: str) -> Any:
            return next(self.answers)

    stopwatch = [0.0]
    clock = RedisClock(cast("Commands", TickingServer()), Keys("tenant"), lambda: stopwatch[0])
    told = []
    for stopwatch[0] in (0.0, 0.4, 1.0):
        told.append((await clock.now()).timestamp())

    assert told == [100.0, 100.4, 200.0]
