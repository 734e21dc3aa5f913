"""One atomic step: state, audit, effects and the click together, once."""

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from approvals.audit import AuditEntry, Kind
from approvals.effects import Planned, PostCards, RefreshCards
from approvals.emergency import Review
from approvals.hours import Hours
from approvals.ladder import Ladder
from approvals.people import Application
from approvals.request import (
    Carry,
    CarryState,
    Decided,
    Decision,
    IntuneStatus,
    Request,
    Verdict,
    Vote,
)
from bot.store import Store, open_store
from bot.store.codec import SCHEMA, Newer
from bot.store.requests import LOOKED_AT, MOST_REFUSALS
from handlers.ports import Once, Receipt, Stored, Unavailable, Write
from tests.approvals.builders import ADMINS, ALEX, NOW, RITA, workflow
from tests.bot.store.driven import NEW, DrivenClock, entry, write

READ = replace(NEW, revision=1)
"""The same as it is read back."""

CLICK = Once("click-1", "of alex", "You have voted.")


def refusal(of: Request, person: str = "alex", once: Once | None = None, seconds: int = 0) -> Write:
    """A click that changed nothing."""
    at = NOW + timedelta(seconds=seconds)
    return Write(of, changed=False, entries=(entry(of, Kind.REFUSED),), planned=(), at=at, once=once, person=person)


async def numbers(store: Store) -> list[int]:
    """The audit's numbers."""
    return [number for number, _ in await store.requests.audit(0, 1000)]


async def test_a_request_comes_back_as_it_was_stored(store: Store) -> None:
    """Every field, under our id and under Intune's, with the revision counted up."""
    vote = Vote(ALEX, Verdict.APPROVE, NOW, "d" * 64, frozenset({ADMINS.id, "g-2"}), 'ok "ä" \\ \n 🙂 </x>')
    office = Hours(ZoneInfo("Europe/Berlin"), frozenset({0, 4}), time(8), time(18), frozenset({date(2026, 12, 25)}))
    rich = replace(
        NEW,
        workflows=(workflow(ladder=Ladder(hours=office)),),
        votes=(vote,),
        requestor=Application("a", "Pipeline", (ALEX,)),
        initiator=RITA,
        decided=Decided(Decision.APPROVED, NOW + timedelta(microseconds=1), "d" * 64),
        carry=Carry(CarryState.CALLING, ALEX, NOW, "why"),
    )

    await store.requests.commit(write(rich))

    assert await store.requests.load("R1") == replace(rich, revision=1)
    assert await store.requests.load_by_intune_id("i1") == replace(rich, revision=1)
    assert await store.requests.load("R2") is None
    assert await store.requests.load_by_intune_id("i2") is None


async def test_who_comes_second_is_told_and_leaves_no_trace(store: Store) -> None:
    """The revision is compared; nothing of the loser is stored: no state, no audit, no effect, no click."""
    await store.requests.commit(write(NEW))
    await store.requests.commit(write(READ))

    late = await store.requests.commit(write(READ, Planned(PostCards("R1")), once=CLICK))

    assert late.stored is Stored.CONFLICT
    assert await numbers(store) == [1, 2]
    assert await store.outbox.claim(10) == []
    assert await store.requests.seen(CLICK) is None


async def test_one_intune_request_is_one_request_here(store: Store) -> None:
    """Two replicas meet it at the same time under different ids: the first wins."""
    both = await asyncio.gather(store.requests.commit(write(NEW)), store.requests.commit(write(replace(NEW, id="R2"))))

    assert sorted(receipt.stored for receipt in both) == [Stored.CONFLICT, Stored.SAVED]
    assert len(await store.requests.open_ids()) == 1


async def test_intune_s_id_may_come_later(store: Store) -> None:
    """A request without one is known by ours, and by both from then on."""
    unfiled = replace(NEW, intune_id=None)
    await store.requests.commit(write(unfiled))
    await store.requests.commit(write(replace(unfiled, id="R2")))

    await store.requests.commit(write(READ))

    assert await store.requests.load_by_intune_id("i1") == replace(NEW, revision=2)
    assert await store.requests.open_ids() == ("R1", "R2")


async def test_a_repeated_click_changes_nothing(store: Store) -> None:
    """The same id and body answer with the first notice, whatever it would decide now."""
    await store.requests.commit(write(NEW, once=CLICK))

    again = await store.requests.commit(write(replace(READ, justification="again"), once=replace(CLICK, notice="new")))

    assert again == Receipt(Stored.REPEATED, "You have voted.")
    assert await store.requests.seen(CLICK) == again
    assert await store.requests.load("R1") == READ
    assert await numbers(store) == [1]


async def test_a_click_id_with_another_body_or_person_is_forged(store: Store) -> None:
    """It changes nothing and does not learn what the first one was told."""
    await store.requests.commit(write(NEW, once=CLICK))
    forged = replace(CLICK, fingerprint="of mallory")

    assert await store.requests.commit(write(READ, once=forged)) == Receipt(Stored.FORGED)
    assert await store.requests.seen(forged) == Receipt(Stored.FORGED)
    assert await store.requests.load("R1") == READ


async def test_a_refusal_records_the_click_and_one_entry(store: Store) -> None:
    """State and revision stay; the repeated click gets the first sentence."""
    await store.requests.commit(write(NEW))

    first = await store.requests.commit(refusal(READ, once=CLICK))
    again = await store.requests.commit(refusal(READ, once=CLICK))

    assert (first.stored, again) == (Stored.SAVED, Receipt(Stored.REPEATED, CLICK.notice))
    assert await store.requests.load("R1") == READ
    assert await numbers(store) == [1, 2]


async def test_refusals_cannot_flood_the_audit(store: Store) -> None:
    """Twenty a minute and person, then one entry that says so; others, and the next minute, are not affected."""
    await store.requests.commit(write(NEW))

    for number in range(MOST_REFUSALS + 10):
        await store.requests.commit(refusal(READ, "otto", replace(CLICK, id=f"click-{number}")))
    of_otto = [recorded for _, recorded in await store.requests.audit(1, 1000)]
    await store.requests.commit(refusal(READ, "alex"))
    await store.requests.commit(refusal(READ, "otto", seconds=60))

    assert len(of_otto) == MOST_REFUSALS + 1
    assert of_otto[-1].why == "refused more than 20 times within a minute; further refusals are not recorded"
    assert await numbers(store) == list(range(1, 1 + MOST_REFUSALS + 1 + 2 + 1))
    assert await store.requests.seen(replace(CLICK, id="click-25")) is None


async def test_what_a_neighbour_answered_is_recorded_in_any_case(store: Store) -> None:
    """Only refusals are limited, not every entry without a change."""
    await store.requests.commit(write(NEW))
    answered = replace(refusal(READ), entries=(entry(READ, Kind.INTUNE_ANSWERED),), planned=(Planned(PostCards("R1")),))

    for _ in range(MOST_REFUSALS + 10):
        await store.requests.commit(answered)

    assert len(await numbers(store)) == 1 + MOST_REFUSALS + 10
    assert len(await store.outbox.claim(10)) == 1


async def test_looking_back_goes_as_far_as_it_must(store: Store) -> None:
    """A busy night of other entries hides no decision of the evening before."""
    await store.requests.record([entry(READ, Kind.REJECTED), entry(READ, Kind.QUORUM_REACHED)])
    await store.requests.record([entry(READ, Kind.REMINDED)] * (LOOKED_AT + 10))
    await store.requests.record([entry(READ, Kind.REVIEW_CLOSED)])
    wanted = {Kind.REJECTED, Kind.QUORUM_REACHED, Kind.REVIEW_CLOSED}

    assert [one.kind for one in await store.requests.recorded_last(wanted, 2)] == [
        Kind.QUORUM_REACHED,
        Kind.REVIEW_CLOSED,
    ]
    assert len(await store.requests.recorded_last(wanted, 24)) == 3
    assert await store.requests.recorded_last({Kind.EXPIRED}, 24) == ()


async def test_another_configuration_does_not_decide(store: Store, address: str, clock: DrivenClock) -> None:
    """The replica that started last decides by which; the others store no decision, refusal or click."""
    newer = await open_store(address, "tenant", "c2", clock=clock)

    refused = await store.requests.commit(write(NEW, Planned(PostCards("R1")), once=CLICK))
    active = [await one.active.why_not() == "" for one in (store, newer)]
    await newer.close()

    assert refused.stored is Stored.OTHER_CONFIG
    assert await store.requests.load("R1") is None
    assert await numbers(store) == []
    assert await store.requests.seen(CLICK) is None
    assert active == [False, True]


async def test_a_click_that_was_counted_stays_so_under_another_configuration(
    store: Store, address: str, clock: DrivenClock
) -> None:
    """Its repetition is answered like before, so nobody is told to vote again."""
    await store.requests.commit(write(NEW, once=CLICK))
    await (await open_store(address, "tenant", "c2", clock=clock)).close()

    assert (await store.requests.commit(write(READ, once=CLICK))).stored is Stored.REPEATED


async def test_what_intune_ended_is_no_longer_open(store: Store, raw: Redis) -> None:
    """It leaves the list of open requests, is still read, and goes after 120 days."""
    older = replace(NEW, id="R0", intune_id="i0", opened_at=NOW - timedelta(days=1))
    await store.requests.commit(write(NEW))
    await store.requests.commit(write(older))
    before = await store.requests.open_ids()

    await store.requests.commit(write(replace(READ, intune_status=IntuneStatus.COMPLETED)))

    assert before == ("R0", "R1")
    assert await store.requests.open_ids() == ("R0",)
    assert (await store.requests.load_by_intune_id("i1")) is not None
    assert await raw.ttl("cs:{tenant}:request:R1") == await raw.ttl("cs:{tenant}:intune:i1") == 120 * 24 * 3600
    assert await raw.ttl("cs:{tenant}:request:R0") == -1


async def test_a_review_keeps_what_had_ended(store: Store, raw: Redis) -> None:
    """It is open again, under both ids, for as long as the review takes."""
    await store.requests.commit(write(NEW))
    ended = replace(READ, intune_status=IntuneStatus.COMPLETED)
    await store.requests.commit(write(ended))

    review = Review("Wiped in the portal", NOW, NOW + timedelta(days=3), (ALEX,), (ADMINS,))
    await store.requests.commit(write(replace(ended, revision=2, review=review)))

    assert await store.requests.open_ids() == ("R1",)
    assert await raw.ttl("cs:{tenant}:request:R1") == await raw.ttl("cs:{tenant}:intune:i1") == -1


async def test_entries_beside_decisions_share_the_numbers(store: Store) -> None:
    """`record` and `commit` count in one sequence, and the reader goes on where it stopped."""
    started = AuditEntry(Kind.STARTED, NOW, evidence={"replica": "a", "reason": "é"})
    await store.requests.record([started, started])
    await store.requests.commit(write(NEW))
    await store.requests.record([started])

    first, rest = await store.requests.audit(0, 1), await store.requests.audit(1, 10)

    assert first == [(1, started)]
    assert [number for number, _ in rest] == [2, 3, 4]
    assert rest[1][1] == entry(NEW)


async def test_what_a_newer_version_wrote_is_refused(store: Store, raw: Redis) -> None:
    """Misunderstanding a request would be worse than not showing it."""
    await store.requests.commit(write(NEW))
    state = str(await raw.hget("cs:{tenant}:request:R1", "state"))
    await raw.hset("cs:{tenant}:request:R1", "state", state.replace(f'"schema":{SCHEMA}', f'"schema":{SCHEMA + 1}'))

    with pytest.raises(Newer, match=f"schema {SCHEMA + 1}, known up to {SCHEMA}") as refused:
        await store.requests.load("R1")

    assert isinstance(refused.value, Unavailable)


async def test_tenants_do_not_see_each_other(store: Store, address: str, clock: DrivenClock) -> None:
    """The same ids, other keys."""
    await store.requests.commit(write(NEW, Planned(RefreshCards("R1"))))
    other = await open_store(address, "other", "c9", clock=clock)

    found = await other.requests.load("R1"), await other.outbox.claim(10), await store.active.why_not()
    await other.close()

    assert found == (None, [], "")
