"""Brakes, drafts and the count of orders, on a real server."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from redis.asyncio import Redis

from approvals.asking import Draft
from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, Brake
from approvals.effects import Planned, Recheck, Say
from approvals.order import Act, Filing, Option, Order
from approvals.people import Person
from bot.store import Store
from handlers.ports import Asked, Stored, Write
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, write

RITA = Person("rita", "Rita Rossi")
PAUSED = Brake(PAUSE, RITA, "Too many wipes.", NOW)
ENTRY = AuditEntry(Kind.PAUSED, NOW)


def order(number: int, counted: Asked) -> Write:
    """Something that Rita asks for."""
    asked = replace(NEW, id=f"A{number}", intune_id=None, initiator=RITA, filing=Filing(Order(Act.WIPE, "d"), NOW))
    return replace(write(asked), asked=counted)


async def test_a_pulled_brake_stops_what_it_names_and_nothing_else(store: Store) -> None:
    """The claim of a call is not stored, and the sentence says why; a vote is."""
    assert await store.brakes.swap(None, PAUSED, [ENTRY])

    receipt = await store.requests.commit(replace(write(NEW), unless=("type:devicewipe", PAUSE)))
    assert receipt.stored is Stored.BRAKED
    assert "Too many wipes." in receipt.notice
    assert await store.requests.load("R1") is None
    assert (await store.requests.commit(replace(write(NEW), unless=("type:devicewipe",)))).stored is Stored.SAVED


async def test_of_two_who_pull_at_the_same_time_one_does(store: Store) -> None:
    """What is recorded is what happened."""
    others = Brake(PAUSE, Person("dana", "Dana"), "Mine.", NOW)
    pulled = await asyncio.gather(store.brakes.swap(None, PAUSED, [ENTRY]), store.brakes.swap(None, others, [ENTRY]))

    assert sorted(pulled) == [False, True]
    assert len(await store.brakes.on()) == 1
    assert len(await store.requests.audit(0, 10)) == 1


async def test_a_brake_is_known_whatever_the_order_of_its_accounts(store: Store, raw: Redis) -> None:
    """Another process writes the same accounts down in another order, and could never lift it else."""
    rita = Person("rita", "Rita Rossi", frozenset({"rita", "adm-rita"}))
    brake = replace(PAUSED, by=rita)
    assert await store.brakes.swap(None, brake, [ENTRY])
    text = str(await raw.hget("cs:{tenant}:brakes", PAUSE))
    one, other = '["rita","adm-rita"]', '["adm-rita","rita"]'
    turned = text.replace(one, other) if one in text else text.replace(other, one)
    assert turned != text
    await raw.hset("cs:{tenant}:brakes", PAUSE, turned)
    assert await store.brakes.swap(brake, None, [ENTRY])
    assert await store.brakes.on() == ()


async def test_what_follows_is_planned_in_the_same_step(store: Store) -> None:
    """Nobody pulls a brake unheard, also if whoever pulled it dies at once; who came too late plans nothing."""
    follows = (Planned(Say(NOW, "Paused.")), Planned(Recheck(PAUSE)))
    assert await store.brakes.swap(None, PAUSED, [ENTRY], follows)
    assert {one.effect for one in await store.outbox.claim(10)} == {Say(NOW, "Paused."), Recheck(PAUSE)}
    assert not await store.brakes.swap(None, PAUSED, [ENTRY], (Planned(Say(NOW, "Again.")),))
    assert await store.outbox.claim(10) == []


async def test_a_brake_is_released_from_the_state_that_was_seen(store: Store) -> None:
    """A release that has not seen the other one does not count twice."""
    await store.brakes.swap(None, PAUSED, [ENTRY])
    half = replace(PAUSED, lifted_by=(RITA,))
    assert await store.brakes.swap(PAUSED, half, [])
    assert not await store.brakes.swap(PAUSED, None, [])
    assert await store.brakes.swap(half, None, [])
    assert await store.brakes.on() == ()


async def test_a_decision_can_pull_a_brake(store: Store) -> None:
    """In the same step; one that is on already stays as it is."""
    lock = Brake("type:devicewipe", None, "request R1 ran", NOW)
    await store.requests.commit(replace(write(NEW), locks=(lock,)))
    later = replace(lock, why="another")
    await store.requests.commit(replace(write(replace(NEW, revision=1)), locks=(later,)))

    assert await store.brakes.on() == (lock,)


async def test_orders_that_cross_are_counted_anew(store: Store) -> None:
    """Whoever was counted without the other decides again."""
    nobody = await store.requests.asked_since(NOW - timedelta(hours=1))
    first, second = await asyncio.gather(
        store.requests.commit(order(1, nobody)), store.requests.commit(order(2, nobody))
    )

    assert {first.stored, second.stored} == {Stored.SAVED, Stored.CONFLICT}
    assert (await store.requests.asked_since(NOW - timedelta(hours=1))).accounts == ("rita",)
    assert (await store.requests.asked_since(NOW + timedelta(seconds=1))).accounts == ()


async def test_a_draft_comes_back_as_it_was(store: Store) -> None:
    """And nothing does for an id that nobody has."""
    draft = Draft("D1", RITA, Act.WIPE, "PC-1", NOW, options=frozenset({Option.PROTECTED}), subject=NEW.subject)
    await store.drafts.save(draft)

    assert await store.drafts.load("D1") == draft
    assert await store.drafts.load("D2") is None
