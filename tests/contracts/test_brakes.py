"""`Brakes`: a brake is pulled and lifted by compare-and-set, with its audit entries and effects."""

import asyncio
from dataclasses import replace

from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, Brake
from approvals.causes import RequestRanUnheld
from approvals.effects import Planned, Recheck, SayToOperators
from approvals.people import Person
from tests.approvals.builders import NOW
from tests.contracts.stores import Store, audit

RITA = Person("rita", "Rita Rossi", frozenset({"rita", "adm-rita"}))
PAUSED = Brake(PAUSE, RITA, "Too many wipes.", NOW)
ENTRY = AuditEntry(Kind.PAUSED, NOW)


async def test_of_two_who_pull_at_the_same_time_one_does(store: Store, sibling: Store) -> None:
    """If two people pull the same brake at the same time, one succeeds, and only that is recorded."""
    others = Brake(PAUSE, Person("dana", "Dana"), "Mine.", NOW)
    pulled = await asyncio.gather(store.brakes.swap(None, PAUSED, [ENTRY]), sibling.brakes.swap(None, others, [ENTRY]))

    assert sorted(pulled) == [False, True]
    assert await store.brakes.on() == ((PAUSED, others)[pulled.index(True)],)
    assert await audit(store) == (ENTRY,)


async def test_what_follows_is_planned_in_the_same_step(store: Store) -> None:
    """The effects are planned in the same step as the brake is pulled; a person who comes too late plans nothing."""
    follows = (Planned(SayToOperators(NOW, "Paused.")), Planned(Recheck(PAUSE)))
    assert await store.brakes.swap(None, PAUSED, [ENTRY], follows)
    assert {one.effect for one in await store.outbox.lease(10)} == {SayToOperators(NOW, "Paused."), Recheck(PAUSE)}
    assert not await store.brakes.swap(None, PAUSED, [ENTRY], (Planned(SayToOperators(NOW, "Again.")),))
    assert await store.outbox.lease(10) == []


async def test_a_brake_is_lifted_from_the_state_that_was_seen(store: Store) -> None:
    """A brake is lifted only from the state that was read, so that an older read cannot lift it."""
    await store.brakes.swap(None, PAUSED, [ENTRY])
    half = replace(PAUSED, lifted_by=(RITA,))
    assert await store.brakes.swap(PAUSED, half, [])
    assert not await store.brakes.swap(PAUSED, None, [])
    assert await store.brakes.swap(half, None, [])
    assert await store.brakes.on() == ()


async def test_the_brakes_that_are_on_are_told_by_name(store: Store) -> None:
    """All brakes that are on are returned, one of each name."""
    lock = Brake("type:devicewipe", None, "", NOW, cause=RequestRanUnheld("R1"))
    await store.brakes.swap(None, lock, [ENTRY])
    await store.brakes.swap(None, PAUSED, [ENTRY])

    assert await store.brakes.on() == (PAUSED, lock)


async def test_a_brake_that_stays_as_it_is_records_and_plans(store: Store) -> None:
    """A brake swapped with itself stays on, and the entries and effects of that step are stored."""
    await store.brakes.swap(None, PAUSED, [ENTRY])
    assert await store.brakes.swap(PAUSED, PAUSED, [ENTRY], (Planned(Recheck(PAUSE)),))

    assert await store.brakes.on() == (PAUSED,)
    assert await audit(store) == (ENTRY, ENTRY)
    assert {one.effect for one in await store.outbox.lease(10)} == {Recheck(PAUSE)}
