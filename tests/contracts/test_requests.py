"""`Requests`: state, audit, effects and the click are stored together, once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, Brake
from approvals.causes import (
    BrokeGlass,
    Counted,
    InIntune,
    OpenedByOperator,
    PastRequests,
    RequestRanUnheld,
    ReviewCause,
    UnderReview,
)
from approvals.effects import Planned, PostCards
from approvals.emergency import BreakGlassRecord, Review, Way
from approvals.hours import Hours
from approvals.ladder import Ladder
from approvals.order import Act, Filing, FilingState, Order
from approvals.people import Application
from approvals.problems import NotSignedIn, Problem
from approvals.refusals import NotYours, TooLong
from approvals.request import Carry, CarryState, Decided, Decision, IntuneStatus, NativeApproval, Verdict, Vote
from approvals.tally import Tally
from approvals.void import CountsForNothing, Void
from handlers.ports.requests import Asked, IdempotencyKey, Stored, Write
from tests.approvals.builders import ADMINS, ALEX, NOW, RITA, workflow
from tests.approvals.reasons import PROBLEMS
from tests.bot.store.driven import NEW, entry, write
from tests.contracts.stores import Store, audit

READ = replace(NEW, revision=1)
"""The request as it is read back after storing."""

OFFICE = Hours(ZoneInfo("Europe/Berlin"), frozenset({0, 4}), time(8), time(18), frozenset({date(2026, 12, 25)}))

CAUSES: tuple[ReviewCause, ...] = (
    BrokeGlass("alex", "Alex", "Stolen"),
    InIntune("alex", "Alex", "asked"),
    PastRequests("alex", "Alex"),
    OpenedByOperator("alex"),
)
"""One cause of each type; some of them differ only in their code."""

TALLY = Tally(1, 2, ("Change-Advisory-Board",), "Wipe")

CLICK = IdempotencyKey("click-1", "of alex", "You have voted.")


def order(number: int, counted: Asked) -> Write:
    """Return the write of an order of Rita's, decided with the orders that were counted before."""
    asked = replace(NEW, id=f"A{number}", intune_id=None, initiator=RITA, filing=Filing(Order(Act.WIPE, "d"), NOW))
    return replace(write(asked), asked=counted)


# --- what is stored -----------------------------------------------------------------------------------------------


async def open_ids(store: Store) -> tuple[str, ...]:
    """Return the ids of all open requests, in the order of the store."""
    return tuple(request.id for request in await store.requests.open())


async def test_a_request_comes_back_as_it_was_stored(store: Store) -> None:
    """A request is read back with every field, by our id and by Intune's, with its revision counted up."""
    vote = Vote(ALEX, Verdict.APPROVE, NOW, "d" * 64, frozenset({ADMINS.id, "g-2"}), 'ok "ä" \\ \n 🙂 </x>')
    rich = replace(
        NEW,
        votes=(vote,),
        requestor=Application("a", "Pipeline", (ALEX,)),
        initiator=RITA,
        workflows=(workflow(ladder=Ladder(hours=OFFICE)),),
        decided=Decided(Decision.APPROVED, NOW + timedelta(microseconds=1), "d" * 64),
        carry=Carry(CarryState.CALLING, ALEX, NOW, NotSignedIn("Alex")),
        glass=(BreakGlassRecord(ALEX, "Stolen", NOW, Way.DECIDED, (TALLY, Tally(0, 1))),),
        review=Review(CAUSES, NOW, NOW + timedelta(days=3), (ALEX,), (ADMINS,)),
    )

    await store.requests.commit(write(rich))

    assert await store.requests.load("R1") == replace(rich, revision=1)
    assert await store.requests.load_by_intune_id("i1") == replace(rich, revision=1)
    assert await store.requests.load("R2") is None
    assert await store.requests.load_by_intune_id("i2") is None


@pytest.mark.parametrize("problem", PROBLEMS, ids=repr)
async def test_a_problem_comes_back_as_it_was_stored(store: Store, problem: Problem) -> None:
    """A problem is read back with its values, from the order, from the carry and from the audit."""
    filing = Filing(Order(Act.WIPE, "d"), NOW, FilingState.BLOCKED, problem)
    carry = Carry(CarryState.TROUBLED, ALEX, NOW, problem)
    because = replace(entry(NEW), because=problem)
    await store.requests.commit(replace(write(replace(NEW, filing=filing, carry=carry)), entries=(because,)))

    assert await store.requests.load("R1") == replace(READ, filing=filing, carry=carry)
    assert await audit(store) == (because,)


@pytest.mark.parametrize("void", Void)
async def test_a_void_approval_comes_back_as_it_was_stored(store: Store, void: Void) -> None:
    """A void approval is read back with the reason why it does not count, also from the audit."""
    known = NativeApproval("d" * 64, NOW, NOW, void)
    because = replace(entry(NEW), because=CountsForNothing(void))
    await store.requests.commit(replace(write(replace(NEW, native=known)), entries=(because,)))

    assert await store.requests.load("R1") == replace(READ, native=known)
    assert await audit(store) == (because,)


async def test_a_reason_comes_back_as_it_was_recorded(store: Store) -> None:
    """A reason is read back with its values, beside the words of that day."""
    recorded = [
        replace(entry(NEW), because=because, why="in words")
        for because in (*CAUSES, UnderReview(CAUSES), Counted((TALLY,)), NotYours(), TooLong("review", 900, 800))
    ]

    await store.requests.record(recorded)

    assert await audit(store) == tuple(recorded)


async def test_a_write_on_an_old_revision_is_a_conflict_and_stores_nothing(store: Store) -> None:
    """A write on an old revision is a conflict and stores nothing: no state, audit, effect, click or lock."""
    await store.requests.commit(write(NEW))
    await store.requests.commit(write(READ))
    lock = Brake("type:devicewipe", None, "", NOW, cause=RequestRanUnheld("R1"))

    late = await store.requests.commit(replace(write(READ, Planned(PostCards("R1")), once=CLICK), locks=(lock,)))

    assert late.stored is Stored.CONFLICT
    assert await store.requests.load("R1") == replace(NEW, revision=2)
    assert len(await audit(store)) == 2
    assert await store.outbox.lease(10) == []
    assert await store.requests.seen(CLICK) is None
    assert await store.brakes.on() == ()


async def test_a_write_plans_its_effects(store: Store) -> None:
    """A write plans its effects at once, or at the time that they name."""
    await store.requests.commit(
        write(NEW, Planned(PostCards("R1")), Planned(PostCards("R2"), NOW + timedelta(hours=1)))
    )

    assert [leased.effect for leased in await store.outbox.lease(10)] == [PostCards("R1")]


async def test_one_intune_request_is_one_request_here(store: Store, sibling: Store) -> None:
    """If two replicas store the same Intune request under different ids, the first one wins."""
    both = await asyncio.gather(
        store.requests.commit(write(NEW)), sibling.requests.commit(write(replace(NEW, id="R2")))
    )

    assert sorted(receipt.stored for receipt in both) == [Stored.CONFLICT, Stored.SAVED]
    assert len(await store.requests.open()) == 1


async def test_intune_s_id_may_come_later(store: Store) -> None:
    """A request without Intune's id is found by our id, and later by both."""
    unfiled = replace(NEW, intune_id=None)
    await store.requests.commit(write(unfiled))
    await store.requests.commit(write(replace(unfiled, id="R2")))

    await store.requests.commit(write(READ))

    assert await store.requests.load_by_intune_id("i1") == replace(NEW, revision=2)
    assert await open_ids(store) == ("R1", "R2")


async def test_what_intune_ended_is_no_longer_open(store: Store) -> None:
    """A request that ended in Intune leaves the list of open requests, oldest first, and can still be read."""
    older = replace(NEW, id="R2", intune_id="i2", opened_at=NOW - timedelta(days=1))
    await store.requests.commit(write(NEW))
    await store.requests.commit(write(older))
    before = await open_ids(store)

    await store.requests.commit(write(replace(READ, intune_status=IntuneStatus.COMPLETED)))

    assert before == ("R2", "R1")
    assert await open_ids(store) == ("R2",)
    assert await store.requests.load_by_intune_id("i1") is not None


async def test_a_review_opens_what_had_ended(store: Store) -> None:
    """A review puts an ended request back into the list of open ones, as long as the review is open."""
    await store.requests.commit(write(NEW))
    ended = replace(READ, intune_status=IntuneStatus.COMPLETED)
    await store.requests.commit(write(ended))

    review = Review((OpenedByOperator("Wiped in the portal"),), NOW, NOW + timedelta(days=3), (ALEX,), (ADMINS,))
    await store.requests.commit(write(replace(ended, revision=2, review=review)))

    assert await open_ids(store) == ("R1",)


async def test_another_configuration_does_not_decide(store: Store, supersede: Callable[[], Awaitable[None]]) -> None:
    """A replica whose configuration was replaced stores no decision, refusal, effect or click."""
    await supersede()

    refused = await store.requests.commit(write(NEW, Planned(PostCards("R1")), once=CLICK))

    assert refused.stored is Stored.OTHER_CONFIG
    assert await store.requests.load("R1") is None
    assert await audit(store) == ()
    assert await store.requests.seen(CLICK) is None


# --- brakes and orders --------------------------------------------------------------------------------------------


async def test_a_pulled_brake_stops_what_it_names_and_nothing_else(store: Store) -> None:
    """A pulled brake stops a write that names it, and says why; other writes are stored."""
    assert await store.brakes.swap(None, Brake(PAUSE, RITA, "Too many wipes.", NOW), [AuditEntry(Kind.PAUSED, NOW)])

    receipt = await store.requests.commit(replace(write(NEW), unless=("type:devicewipe", PAUSE)))
    assert receipt.stored is Stored.BRAKED
    assert "Too many wipes." in receipt.notice
    assert await store.requests.load("R1") is None
    assert (await store.requests.commit(replace(write(NEW), unless=("type:devicewipe",)))).stored is Stored.SAVED


async def test_a_decision_can_pull_a_brake(store: Store) -> None:
    """A decision pulls a brake in the same step; one that is already on is not changed."""
    lock = Brake("type:devicewipe", None, "", NOW, cause=RequestRanUnheld("R1"))
    await store.requests.commit(replace(write(NEW), locks=(lock,)))
    await store.requests.commit(replace(write(READ), locks=(replace(lock, why="another"),)))

    assert await store.brakes.on() == (lock,)


async def test_orders_that_cross_are_counted_anew(store: Store, sibling: Store) -> None:
    """If two orders are stored at once, the second is decided again, because it did not count the first."""
    nobody = await store.requests.asked_since(NOW - timedelta(hours=1))
    first, second = await asyncio.gather(
        store.requests.commit(order(1, nobody)), sibling.requests.commit(order(2, nobody))
    )

    assert {first.stored, second.stored} == {Stored.SAVED, Stored.CONFLICT}
    assert (await store.requests.asked_since(NOW - timedelta(hours=1))).accounts == ("rita",)
    assert (await store.requests.asked_since(NOW + timedelta(seconds=1))).accounts == ()


# --- the audit ----------------------------------------------------------------------------------------------------


async def test_the_audit_is_one_sequence(store: Store) -> None:
    """All audit entries are in one sequence, in the order in which they were written."""
    started = AuditEntry(Kind.STARTED, NOW, evidence={"replica": "a", "reason": "é"})
    await store.requests.record([started, started])
    await store.requests.commit(write(NEW))
    await store.requests.record([started])

    assert await audit(store) == (started, started, entry(NEW), started)


async def test_the_last_entries_are_found_behind_many_others(store: Store) -> None:
    """The last entries of some kinds are found, however many other entries follow them."""
    await store.requests.record([entry(READ, Kind.REJECTED), entry(READ, Kind.QUORUM_REACHED)])
    await store.requests.record([entry(READ, Kind.REMINDED)] * 1010)
    await store.requests.record([entry(READ, Kind.REVIEW_CLOSED)])
    wanted = {Kind.REJECTED, Kind.QUORUM_REACHED, Kind.REVIEW_CLOSED}

    found = [one.kind for one in await store.requests.recorded_last(wanted, 2)]
    assert found == [Kind.QUORUM_REACHED, Kind.REVIEW_CLOSED]
    assert len(await store.requests.recorded_last(wanted, 24)) == 3
    assert await store.requests.recorded_last({Kind.EXPIRED}, 24) == ()


async def test_what_was_recorded_of_a_request_is_found(store: Store) -> None:
    """All entries of one request since a given time are found, oldest first."""
    mine = [replace(entry(NEW), at=NOW + timedelta(hours=hour)) for hour in range(3)]
    other = replace(entry(NEW), request_id="R2", at=NOW + timedelta(hours=1))
    await store.requests.record([mine[0], other, mine[1], mine[2]])

    assert await store.requests.recorded("R1", NOW) == tuple(mine)
