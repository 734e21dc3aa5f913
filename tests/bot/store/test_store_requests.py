"""One atomic step: state, audit and effects together, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from approvals.audit import AuditEntry, Identified, Kind
from approvals.effects import Expire, Planned, PostCards, RefreshCards
from approvals.request import Application, IntuneStatus, Request, Verdict, Vote
from bot.store import Store, open_store
from handlers.ports import Copy, Once, Stored, Write
from tests.approvals.builders import ADMINS, ALEX, NOW, request
from tests.bot.store.conftest import DrivenClock


def write(of: Request, *effects: Planned, once: Once | None = None, changed: bool = True, person: str = "") -> Write:
    """A write with one audit entry."""
    entry = AuditEntry(Kind.VOTED, NOW, of.id, "alex", "Alex", Identified.BY_CHANNEL, evidence={"groups": "g"})
    return Write(of, changed, (entry,), effects, NOW, once, person)


NEW = request(revision=0)


async def test_a_request_comes_back_as_it_was_stored(store: Store) -> None:
    """Every field, with the revision counted up."""
    vote = Vote(ALEX, Verdict.APPROVE, NOW, "d" * 64, frozenset({ADMINS.id}), "ok")
    rich = replace(NEW, votes=(vote,), requestor=Application("a", "Pipeline", (ALEX,)))

    await store.requests.commit(write(rich))

    assert await store.requests.load("R1") == replace(rich, revision=1)
    assert await store.requests.load_by_intune_id("i1") == replace(rich, revision=1)
    assert await store.requests.load("R2") is None


async def test_who_comes_second_is_told(store: Store) -> None:
    """The revision is compared; nothing of the loser is stored, neither state nor audit nor effects."""
    await store.requests.commit(write(NEW))
    read = replace(NEW, revision=1)
    first, second = await asyncio.gather(
        store.requests.commit(write(replace(read, justification="one"), Planned(PostCards("R1")))),
        store.requests.commit(write(replace(read, justification="two"), Planned(PostCards("R1")))),
    )

    assert {first.stored, second.stored} == {Stored.SAVED, Stored.CONFLICT}
    assert len(await store.requests.audit(0, 100)) == 2


async def test_one_intune_request_is_one_request_here(store: Store) -> None:
    """Two replicas meet it at the same time under different ids: the first wins."""
    both = await asyncio.gather(store.requests.commit(write(NEW)), store.requests.commit(write(replace(NEW, id="R2"))))

    assert sorted(receipt.stored for receipt in both) == [Stored.CONFLICT, Stored.SAVED]
    assert len(await store.requests.open_ids()) == 1


async def test_a_repeated_click_changes_nothing(store: Store) -> None:
    """The same id and body: the stored notice again. Another body under that id is refused."""
    once = Once("click-1", "fp", "You have voted.")
    await store.requests.commit(write(NEW, once=once))
    read = replace(NEW, revision=1, justification="again")

    again = await store.requests.commit(write(read, once=once))
    forged = await store.requests.commit(write(read, once=replace(once, fingerprint="other")))
    loaded = await store.requests.load("R1")

    assert (again.stored, again.notice) == (Stored.REPEATED, "You have voted.")
    assert forged.stored is Stored.FORGED
    assert loaded is not None
    assert loaded.justification == "INC-1"
    assert await store.requests.seen(replace(once, id="click-2")) is None


async def test_sixty_four_at_once_lose_nothing(store: Store) -> None:
    """Everybody retries until stored: revisions, audit numbers and effects all add up."""
    await store.requests.commit(write(NEW))

    async def one(number: int) -> None:
        while True:
            read = await store.requests.load("R1")
            assert read is not None
            changed = replace(read, justification=str(number))
            if (await store.requests.commit(write(changed, Planned(RefreshCards("R1"))))).stored is Stored.SAVED:
                return

    await asyncio.gather(*(one(number) for number in range(64)))
    loaded = await store.requests.load("R1")
    numbers = [number for number, _ in await store.requests.audit(0, 1000)]

    assert loaded is not None
    assert loaded.revision == 65
    assert numbers == list(range(1, 66))


async def test_refusals_are_audited_but_cannot_flood(store: Store) -> None:
    """One entry per refusal, at most twenty a minute and person; nothing else changes."""
    await store.requests.commit(write(NEW))
    read = await store.requests.load("R1")
    assert read is not None

    for _ in range(30):
        await store.requests.commit(write(read, changed=False, person="otto"))

    assert len(await store.requests.audit(0, 1000)) == 21
    assert await store.requests.load("R1") == read


async def test_another_configuration_does_not_decide(store: Store, clock: DrivenClock) -> None:
    """The replica that started last decides by which configuration; the others change nothing."""
    newer = await open_store(_url(store), "tenant", "c2", clock=clock)

    refused = await store.requests.commit(write(NEW))
    await newer.close()

    assert refused.stored is Stored.OTHER_CONFIG
    assert await store.requests.load("R1") is None
    assert not await store.requests.is_active()


async def test_what_intune_ended_is_no_longer_open(store: Store) -> None:
    """It leaves the list of open requests, and lives on for a while."""
    await store.requests.commit(write(NEW))
    ended = replace(NEW, revision=1, intune_status=IntuneStatus.COMPLETED)

    await store.requests.commit(write(ended))

    assert await store.requests.open_ids() == ()
    assert await store.requests.load("R1") is not None


async def test_a_server_that_forgot_the_scripts_is_taught_again(store: Store) -> None:
    """A restart or a flush of the script cache goes unnoticed."""
    await store.door.do("SCRIPT", "FLUSH")

    assert (await store.requests.commit(write(NEW))).stored is Stored.SAVED


async def test_every_key_lives_as_long_as_the_table_says(store: Store) -> None:
    """After a busy run every key either has its time to live or is on the list of those that stay."""
    await store.requests.commit(write(NEW, Planned(PostCards("R1")), once=Once("c", "f")))
    await store.requests.commit(write(replace(NEW, id="R2", intune_id="i2")))
    await store.requests.commit(write(replace(NEW, revision=1, intune_status=IntuneStatus.EXPIRED)))
    await store.requests.record([AuditEntry(Kind.STARTED, NOW)])
    await store.copies.save(Copy("R1", "19:x", "19:x", "m1"))
    await store.nonces.create({"for": "test"})
    await store.poll.lead("a")
    await store.poll.move_watermark(NOW)
    stay = {"audit", "audit-sequence", "due", "dead", "open", "config", "watermark", "channels", "people", "effect"}

    lives = {}
    for key in await store.door.do("KEYS", "*"):
        lives[key.removeprefix("cs:{tenant}:")] = await store.door.do("TTL", key)

    for name, ttl in lives.items():
        open_request = name in ("request:R2", "intune:i2")
        assert (ttl == -1) == (name.split(":")[0] in stay or open_request), name


async def test_effects_come_due_are_leased_and_forgotten(store: Store, clock: DrivenClock) -> None:
    """Not before their time; one replica at a time; again after the lease; done once."""
    later = Planned(Expire("R1"), NOW + timedelta(hours=1))
    await store.requests.commit(write(NEW, Planned(PostCards("R1")), later))

    (post,) = await store.outbox.claim(10)
    nothing = await store.outbox.claim(10)
    clock.advance(seconds=31)
    (again,) = await store.outbox.claim(10)
    stale, fresh = await store.outbox.done(post), await store.outbox.done(again)
    clock.advance(hours=1)
    (expire,) = await store.outbox.claim(10)

    assert (post.effect, again.attempt, expire.effect) == (PostCards("R1"), 2, Expire("R1"))
    assert nothing == []
    assert (stale, fresh) == (False, True)


async def test_planned_anew_while_it_runs_is_done_again(store: Store) -> None:
    """The running replica's `done` must not swallow what happened meanwhile."""
    await store.requests.commit(write(NEW, Planned(RefreshCards("R1"))))
    (running,) = await store.outbox.claim(10)
    await store.outbox.plan([Planned(RefreshCards("R1"))], NOW)

    assert not await store.outbox.done(running)
    assert len(await store.outbox.claim(10)) == 1


async def test_what_fails_too_often_is_laid_out_for_the_operator(store: Store, clock: DrivenClock) -> None:
    """Three attempts here, then a dead letter that says why."""
    await store.requests.commit(write(NEW, Planned(PostCards("R1"))))

    for _ in range(3):
        (claimed,) = await store.outbox.claim(10)
        await store.outbox.again(claimed, clock.time, "Teams said no")
    (letter,) = await store.outbox.dead_letters()

    assert await store.outbox.claim(10) == []
    assert letter["id"] == "PostCards:R1"
    assert letter["why"] == "Teams said no"


async def test_an_effect_nobody_can_read_is_given_up_at_once(store: Store) -> None:
    """Written by a newer version, or poisoned: the others go on."""
    await store.requests.commit(write(NEW, Planned(PostCards("R1"))))
    await store.door.do("HSET", "cs:{tenant}:effect:PostCards:R1", "body", '{"effect": "Unheard"}')

    assert await store.outbox.claim(10) == []
    assert len(await store.outbox.dead_letters()) == 1


async def test_there_is_one_poller(store: Store) -> None:
    """Whoever leads keeps leading; nobody else does meanwhile."""
    assert await store.poll.lead("a")
    assert await store.poll.lead("a")
    assert not await store.poll.lead("b")


async def test_a_nonce_is_used_once(store: Store) -> None:
    """Two come with it at the same time: one gets nothing."""
    nonce = await store.nonces.create({"request": "R1"})

    peeked = await store.nonces.peek(nonce)
    both = await asyncio.gather(store.nonces.consume(nonce), store.nonces.consume(nonce))

    assert peeked == {"request": "R1"}
    assert both.count(None) == 1


async def test_an_unfinished_post_becomes_the_finished_one(store: Store) -> None:
    """Begun, then known by its activity id."""
    await store.copies.save(Copy("R1", "19:x"))
    begun = await store.copies.of("R1")
    await store.copies.save(Copy("R1", "19:x", "19:x;messageid=1", "m1"))

    assert begun == (Copy("R1", "19:x"),)
    assert await store.copies.of("R1") == (Copy("R1", "19:x", "19:x;messageid=1", "m1"),)
    assert await store.copies.known("R1", "m1")
    assert not await store.copies.known("R1", "m2")


def _url(store: Store) -> str:
    connection = store.door._client.connection_pool.connection_kwargs
    return f"unix://{connection['path']}"
