"""The keys in Redis: each is listed in the table, is on the same node, and lives as long as the table says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from approvals.access_policies import WatchedPolicies
from approvals.asking import Draft
from approvals.audit import Kind
from approvals.brake import Brake
from approvals.break_glass import Prompt
from approvals.coverage import TooFewPeople
from approvals.effects import Medium, Notice, NotificationKind, Planned, PostCards, RefreshCards
from approvals.order import Act
from approvals.people import Person
from approvals.request import IntuneStatus
from bot.store import Store
from bot.store.keys import EVERY_KIND, Keys
from bot.store.sealed import Sealed
from handlers.ports.copies import PostedCard
from handlers.ports.emergency import LedgerMark
from handlers.ports.memory import Delegation
from handlers.ports.places import InChannel
from handlers.ports.requests import Asked, IdempotencyKey, Write
from handlers.ports.teams import ChannelReference, PersonalReference
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, entry, write

KINDS = {kind.name: kind for kind in EVERY_KIND}


async def _be_busy(store: Store, raw: Redis) -> None:
    """Do everything that a store can do, so that every kind of key is written."""
    refused = Write(NEW, changed=False, entries=(entry(NEW, Kind.REFUSED),), planned=(), at=NOW, person="otto")
    await store.requests.commit(write(NEW, Planned(PostCards("R1")), once=IdempotencyKey("c", "f")))
    await store.requests.commit(write(replace(NEW, id="R2", intune_id="i2"), Planned(RefreshCards("R2"))))
    await store.requests.commit(write(replace(NEW, revision=1, intune_status=IntuneStatus.EXPIRED)))
    await store.requests.commit(refused)
    await store.requests.record([entry(NEW)])
    for _ in range(3):
        for leased in await store.outbox.lease(10):
            await store.outbox.again(leased, NOW, "no")
    await store.outbox.plan([Planned(RefreshCards("R2"))], NOW)
    await store.copies.save(PostedCard("R1", InChannel("19:x"), "19:x", "m1", attempt="a1"))
    await store.poll.lead("a")
    await store.poll.complete(NOW)
    await store.poll.stand_back("b", timedelta(seconds=30))
    await store.nonces.consume(await store.nonces.create({"for": "test"}))
    await store.nonces.create({"for": "test"})
    await store.conversations.save_channel(ChannelReference("19:x", "https://smba.example"))
    await store.conversations.save_channel(ChannelReference("19:y", "https://smba.example", "19:team"))
    await store.conversations.forget_team("19:team")
    await store.conversations.save_person(PersonalReference("alex", "29:alex", "https://smba.example"))
    await store.conversations.mark_unreachable("dana", NOW)
    await store.memory.reserve_message("a message")
    await store.brakes.swap(None, Brake("pause", None, "why", NOW), [])
    await store.drafts.save(Draft("D1", Person("rita", "Rita"), Act.WIPE, "PC-1", NOW))
    await store.prompts.save(Prompt("P1", "R1", Person("rita", "Rita"), NOW))
    await store.notices.add(Medium.MAIL, "alex", Notice("R1", NotificationKind.WAITS), NOW, NOW)
    await store.memory.delegate(Delegation("alex", "cora", NOW, NOW))
    assert await store.sealed.swap(Sealed(), Sealed(1, "2026-11-23", "note"))
    await store.memory.save_private_refused("19:x", NOW)
    await store.memory.save_ledger(LedgerMark("0123456789abcdef", 1))
    await store.memory.save_gaps({"Device wipe": TooFewPeople(1, 0)})
    await store.memory.save_watched_policies(WatchedPolicies((), NOW, NOW))
    store.continuity.acknowledged(1_000)  # more than the store has, as after a loss
    await store.continuity.check()
    order = replace(write(replace(NEW, id="R3", intune_id=None)), asked=Asked(NOW, ()))
    await store.requests.commit(order)
    await store.probe.can_write()


async def test_every_key_is_in_the_table_and_lives_as_long_as_it_says(store: Store, raw: Redis) -> None:
    """Every key is listed in the table and has the lifetime that the table says."""
    await _be_busy(store, raw)
    lives = {str(key).removeprefix("cs:{tenant}:"): await raw.ttl(key) for key in await raw.keys("*")}

    assert {name.partition(":")[0] for name in lives} == KINDS.keys()
    for name, seconds in lives.items():
        kind = KINDS[name.partition(":")[0]]
        stays = kind.lives is None or (kind.once_ended and name in ("request:R2", "intune:i2", "request:R3"))
        assert (seconds == -1) if stays else (0 < seconds <= kind.seconds), name


async def test_all_keys_of_a_tenant_are_on_one_node(store: Store, raw: Redis) -> None:
    """All keys of a tenant share one hash tag, so they are on one node of a cluster."""
    await _be_busy(store, raw)

    assert all(str(key).startswith("cs:{tenant}:") for key in await raw.keys("*"))


@pytest.mark.parametrize("tenant", ["", "a}b", "a{b"])
def test_a_tenant_that_would_break_the_hash_tag_is_refused(tenant: str) -> None:
    """A tenant id that would break the hash tag is refused."""
    with pytest.raises(ValueError, match="hash tag"):
        Keys(tenant)


def test_the_table_names_every_kind_once() -> None:
    """The table names every kind once."""
    assert len(KINDS) == len(EVERY_KIND)
    assert all(":" not in name for name in KINDS)
