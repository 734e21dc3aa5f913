"""Requests on Redis; tests/contracts has the tests for every store."""

from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from approvals.audit import AuditEntry, Kind
from approvals.causes import OpenedByOperator
from approvals.effects import Planned, RefreshCards
from approvals.emergency import Review
from approvals.request import IntuneStatus
from bot.store import Store, open_store
from bot.store.codec import SCHEMA, Newer
from handlers.ports.errors import Unavailable
from tests.approvals.builders import ADMINS, ALEX, NOW
from tests.bot.store.driven import NEW, entry, write
from tests.fakes.clock import Clock

READ = replace(NEW, revision=1)
"""The same request as it is read back."""


async def test_what_intune_ended_goes_after_120_days(store: Store, raw: Redis) -> None:
    """A request that Intune has ended is deleted after 120 days, under both of its ids, and an open one stays."""
    older = replace(NEW, id="R0", intune_id="i0", opened_at=NOW - timedelta(days=1))
    await store.requests.commit(write(NEW))
    await store.requests.commit(write(older))

    await store.requests.commit(write(replace(READ, intune_status=IntuneStatus.COMPLETED)))

    assert await raw.ttl("cs:{tenant}:request:R1") == await raw.ttl("cs:{tenant}:intune:i1") == 120 * 24 * 3600
    assert await raw.ttl("cs:{tenant}:request:R0") == -1


async def test_a_review_keeps_what_had_ended(store: Store, raw: Redis) -> None:
    """An ended request stays, under both of its ids, as long as it has an open review."""
    await store.requests.commit(write(NEW))
    ended = replace(READ, intune_status=IntuneStatus.COMPLETED)
    await store.requests.commit(write(ended))

    review = Review((OpenedByOperator("Wiped in the portal"),), NOW, NOW + timedelta(days=3), (ALEX,), (ADMINS,))
    await store.requests.commit(write(replace(ended, revision=2, review=review)))

    assert await raw.ttl("cs:{tenant}:request:R1") == await raw.ttl("cs:{tenant}:intune:i1") == -1


async def test_entries_beside_decisions_share_the_numbers(store: Store) -> None:
    """`record` and `commit` number the audit entries in one sequence, and a reader can go on after any number."""
    started = AuditEntry(Kind.STARTED, NOW, evidence={"replica": "a", "reason": "é"})
    await store.requests.record([started, started])
    await store.requests.commit(write(NEW))
    await store.requests.record([started])

    first, rest = await store.requests.audit(0, 1), await store.requests.audit(1, 10)

    assert first == [(1, started)]
    assert [number for number, _ in rest] == [2, 3, 4]
    assert rest[1][1] == entry(NEW)


async def test_what_a_newer_version_wrote_is_refused(store: Store, raw: Redis) -> None:
    """A request that a newer version has written is refused."""
    await store.requests.commit(write(NEW))
    state = str(await raw.hget("cs:{tenant}:request:R1", "state"))
    await raw.hset("cs:{tenant}:request:R1", "state", state.replace(f'"schema":{SCHEMA}', f'"schema":{SCHEMA + 1}'))

    with pytest.raises(Newer, match=f"schema {SCHEMA + 1}, known up to {SCHEMA}") as refused:
        await store.requests.load("R1")

    assert isinstance(refused.value, Unavailable)


async def test_tenants_do_not_see_each_other(store: Store, address: str, clock: Clock) -> None:
    """Two tenants with the same ids do not see each other's data."""
    await store.requests.commit(write(NEW, Planned(RefreshCards("R1"))))
    other = await open_store(address, "other", "c9", clock=clock)

    found = await other.requests.load("R1"), await other.outbox.lease(10), await store.active.why_not()
    await other.close()

    assert found == (None, [], "")
