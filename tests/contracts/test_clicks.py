"""`Requests`: a click counts once, and refusals cannot fill the audit."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from approvals.audit import Kind
from approvals.effects import Planned, PostCards
from approvals.request import Request
from handlers.ports.requests import IdempotencyKey, Receipt, Stored, Write
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, entry, write
from tests.contracts.stores import Store, audit

READ = replace(NEW, revision=1)
"""The request as it is read back after storing."""

CLICK = IdempotencyKey("click-1", "of alex", "You have voted.")
MOST_REFUSALS = 20


def refusal(of: Request, person: str = "alex", once: IdempotencyKey | None = None, seconds: int = 0) -> Write:
    """Return the write of a click that was refused."""
    at = NOW + timedelta(seconds=seconds)
    return Write(of, changed=False, entries=(entry(of, Kind.REFUSED),), planned=(), at=at, once=once, person=person)


# --- clicks -----------------------------------------------------------------------------------------------------


async def test_a_repeated_click_changes_nothing(store: Store) -> None:
    """A repeated click gets the first notice and changes nothing, whatever it would decide now."""
    await store.requests.commit(write(NEW, once=CLICK))

    again = await store.requests.commit(write(replace(READ, justification="again"), once=replace(CLICK, notice="new")))

    assert again == Receipt(Stored.REPEATED, "You have voted.")
    assert await store.requests.seen(CLICK) == again
    assert await store.requests.load("R1") == READ
    assert len(await audit(store)) == 1


async def test_a_click_id_with_another_body_or_person_is_forged(store: Store) -> None:
    """The same click id with another body or person is forged: it changes nothing and gets no notice."""
    await store.requests.commit(write(NEW, once=CLICK))
    forged = replace(CLICK, digest="of mallory")

    assert await store.requests.commit(write(READ, once=forged)) == Receipt(Stored.FORGED)
    assert await store.requests.seen(forged) == Receipt(Stored.FORGED)
    assert await store.requests.load("R1") == READ


async def test_a_click_that_was_counted_stays_so_under_another_configuration(
    store: Store, supersede: Callable[[], Awaitable[None]]
) -> None:
    """A counted click stays counted under another configuration, so nobody is told to vote again."""
    await store.requests.commit(write(NEW, once=CLICK))
    await supersede()

    assert (await store.requests.commit(write(READ, once=CLICK))).stored is Stored.REPEATED


# --- refusals -----------------------------------------------------------------------------------------------------


async def test_a_refusal_records_the_click_and_one_entry(store: Store) -> None:
    """A refusal records the click and one entry and changes nothing else; a repeated click gets the first notice."""
    await store.requests.commit(write(NEW))

    first = await store.requests.commit(refusal(READ, once=CLICK))
    again = await store.requests.commit(refusal(READ, once=CLICK))

    assert (first.stored, again) == (Stored.SAVED, Receipt(Stored.REPEATED, CLICK.notice))
    assert await store.requests.load("R1") == READ
    assert len(await audit(store)) == 2


async def test_refusals_cannot_flood_the_audit(store: Store) -> None:
    """Twenty refusals a minute and person are recorded, then one entry that says so; other people are not limited."""
    await store.requests.commit(write(NEW))

    for number in range(MOST_REFUSALS + 10):
        await store.requests.commit(refusal(READ, "otto", replace(CLICK, id=f"click-{number}")))
    of_otto = (await audit(store))[1:]
    await store.requests.commit(refusal(READ, "alex"))
    await store.requests.commit(refusal(READ, "otto", seconds=60))

    assert len(of_otto) == MOST_REFUSALS + 1
    assert of_otto[-1].why == "refused more than 20 times within a minute; further refusals are not recorded"
    assert of_otto[-1].evidence == {}
    assert len(await audit(store)) == 1 + MOST_REFUSALS + 1 + 2
    assert await store.requests.seen(replace(CLICK, id="click-25")) is None


async def test_a_refusal_of_no_request_is_limited_too(store: Store) -> None:
    """Refusals without a request are limited too, for each person."""
    refused = replace(entry(NEW, Kind.REFUSED), request_id="")
    for _ in range(MOST_REFUSALS + 10):
        await store.requests.refuse(refused)
    await store.requests.refuse(replace(refused, who="otto"))

    recorded = await audit(store)
    assert recorded[:MOST_REFUSALS] == (refused,) * MOST_REFUSALS
    assert "further refusals are not recorded" in recorded[MOST_REFUSALS].why
    assert recorded[MOST_REFUSALS + 1 :] == (replace(refused, who="otto"),)


async def test_what_a_neighbour_answered_is_recorded_in_any_case(store: Store) -> None:
    """Only refusals are limited; an answer of a neighbour is always recorded."""
    await store.requests.commit(write(NEW))
    answered = replace(refusal(READ), entries=(entry(READ, Kind.INTUNE_ANSWERED),), planned=(Planned(PostCards("R1")),))

    for _ in range(MOST_REFUSALS + 10):
        await store.requests.commit(answered)

    assert len(await audit(store)) == 1 + MOST_REFUSALS + 10
    assert len(await store.outbox.lease(10)) == 1
