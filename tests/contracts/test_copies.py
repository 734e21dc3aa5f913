"""`Copies`: where cards are, and to which request each message belongs."""

import asyncio
from dataclasses import replace
from typing import Any

from approvals.audit import Kind
from approvals.effects import Planned, RefreshCards
from handlers.ports.copies import PostedCard
from handlers.ports.places import InChannel
from tests.bot.store.driven import NEW, entry, write
from tests.contracts.stores import Store, audit

BEGUN = PostedCard("R1", InChannel("19:x"), attempt="a1")
STANDS = PostedCard("R1", InChannel("19:x"), "19:x;messageid=1", "1", attempt="a1")
REDRAW = [Planned(RefreshCards("R1"))]


async def test_an_unfinished_post_becomes_the_finished_one(store: Store) -> None:
    """A finished post replaces the unfinished one with the same attempt, and no other."""
    begun = [
        replace(BEGUN, attempt="a1"),
        replace(BEGUN, attempt="a2"),
        PostedCard("R1", InChannel("19:y"), attempt="a3"),
    ]
    for copy in begun:
        await store.copies.save(copy)
    assert set(await store.copies.of("R1")) == set(begun)

    await store.copies.save(STANDS)

    assert set(await store.copies.of("R1")) == {STANDS, *begun[1:]}
    assert await store.copies.of("R2") == ()


async def test_a_click_makes_an_attempt_a_copy_once(store: Store, sibling: Store) -> None:
    """If ten clicks name a message for one attempt, one is believed, and its effects are planned once."""
    await store.copies.save(BEGUN)
    said = [replace(BEGUN, conversation="19:x", activity_id=f"m{number}", adopted=True) for number in range(10)]

    believed = await asyncio.gather(*((store, sibling)[n % 2].copies.swap(BEGUN, said[n], REDRAW) for n in range(10)))

    assert believed.count(True) == 1
    assert await store.copies.of("R1") == (said[believed.index(True)],)
    assert len(await store.outbox.lease(10)) == 1


async def test_a_message_is_one_copy(store: Store) -> None:
    """A message belongs to one card only, whatever clicks say about other requests, attempts or threads."""
    await store.copies.save(STANDS)
    other = PostedCard("R2", InChannel("19:x"), attempt="b1")
    await store.copies.save(other)
    second = replace(BEGUN, attempt="a2")
    await store.copies.save(second)

    here: dict[str, Any] = {"conversation": "19:x;messageid=1", "activity_id": "1", "adopted": True}
    assert not await store.copies.swap(other, replace(other, **here), REDRAW)
    assert not await store.copies.swap(other, replace(other, **here | {"conversation": "19:x"}))
    assert not await store.copies.swap(second, replace(second, **here))
    assert await store.copies.of("R2") == (other,)
    assert await store.outbox.lease(10) == []


async def test_teams_own_answer_beats_a_click(store: Store) -> None:
    """Teams' own answer beats a false click: the message belongs to the request that was posted, and is redrawn."""
    await store.requests.commit(write(NEW))
    other = PostedCard("R2", InChannel("19:x"), attempt="b1")
    await store.copies.save(other)
    await store.copies.save(BEGUN)
    forged = replace(other, conversation="19:x", activity_id="1", adopted=True)
    assert await store.copies.swap(other, forged)
    assert await store.copies.of("R2") == (forged,)

    await store.copies.save(STANDS, if_stale=REDRAW, drawn_from=1)

    assert await store.copies.of("R2") == ()
    assert await store.copies.of("R1") == (STANDS,)
    assert [leased.effect for leased in await store.outbox.lease(10)] == [RefreshCards("R1")]


async def test_an_attempt_is_forgotten(store: Store) -> None:
    """An attempt is removed only in the state in which it was read, and not after it has become a card."""
    await store.copies.save(BEGUN)
    await store.copies.save(STANDS)
    assert not await store.copies.swap(BEGUN, None)
    assert await store.copies.swap(STANDS, None)
    assert await store.copies.of("R1") == ()
    assert not await store.copies.swap(STANDS, None)
    assert not await store.copies.swap(None, None)


async def test_a_copy_comes_with_what_follows_from_it(store: Store) -> None:
    """A card, its audit entry and its effect are stored in one step; a current card plans no redraw."""
    await store.requests.commit(write(NEW))

    await store.copies.save(STANDS, [entry(NEW, Kind.POSTED)], if_stale=REDRAW, drawn_from=1)
    assert await store.outbox.lease(10) == []
    await store.requests.commit(write(replace(NEW, revision=1)))
    await store.copies.save(STANDS, [entry(NEW, Kind.POSTED)], if_stale=REDRAW, drawn_from=1)

    assert [leased.effect for leased in await store.outbox.lease(10)] == [RefreshCards("R1")]
    assert [one.kind for one in await audit(store)].count(Kind.POSTED) == 2


async def test_two_channels_may_use_the_same_activity_id(store: Store) -> None:
    """Two channels may use the same activity id, because it is only the time of the post."""
    here, there = (
        PostedCard("R1", InChannel("19:x"), "19:x", "1", attempt="a1"),
        PostedCard("R2", InChannel("19:y"), "19:y", "1", attempt="a2"),
    )
    await store.copies.save(here)

    assert await store.copies.swap(None, there)


async def test_a_lost_copy_stays_known_as_lost(store: Store) -> None:
    """A lost card stays stored, marked as lost."""
    await store.copies.save(STANDS)
    await store.copies.save(replace(STANDS, lost=True))

    assert await store.copies.of("R1") == (replace(STANDS, lost=True),)
