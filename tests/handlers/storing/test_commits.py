"""The third beat of a flow: a decision is stored in one step, or made again if another one was faster."""

from dataclasses import replace
from datetime import datetime

import pytest

from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, Brake
from approvals.effects import Planned, RefreshCards, effect_id
from approvals.outcome import Outcome
from approvals.refusals import Closed
from approvals.request import Decision, Request
from cards.brakes import brake_sentence
from cards.refusals import refusal_sentence
from handlers.ports.errors import Conflict, NotFound
from handlers.ports.requests import Asked, IdempotencyKey, Stored
from handlers.storing.commits import MOST_TRIES, Commits, RequestRule
from tests.approvals.builders import ALEX, NOW, RITA, request
from tests.fakes.world import World

REFUSED = Closed(Decision.REJECTED)
CLICK = IdempotencyKey("click-1", "of alex")
LOCK = Brake("type:script", None, "it ran", NOW)


@pytest.fixture
async def world() -> World:
    """Return a world with one stored request."""
    world = World()
    new = request(revision=0)
    committed = await commits(world).store(new, Outcome(new), NOW)
    assert committed.stored is Stored.SAVED
    return world


def commits(world: World) -> Commits:
    """Return the commits of this world."""
    return Commits(world.clock, world.store.requests)


def stored(world: World) -> Request:
    """Return the request as it is stored now."""
    return world.store.requests.stored["R1"]


def entry(kind: Kind = Kind.VOTED) -> AuditEntry:
    """Return an audit entry."""
    return AuditEntry(kind, NOW, "R1", "alex")


def says(why: str, **more: object) -> Outcome:
    """Return an outcome that changes the reason of the request."""
    return Outcome(replace(request(), justification=why), **more)  # type: ignore[arg-type]


def always(outcome: Outcome) -> RequestRule:
    """Return a rule that always has this outcome."""
    return lambda _known, _now: outcome


def add(known: Request, now: datetime) -> Outcome:
    """Add one letter to the reason of the request."""
    return Outcome(replace(known, justification=f"{known.justification}x"))


async def test_what_is_decided_is_stored_with_what_is_recorded_and_what_follows(world: World) -> None:
    """A decision is stored with its entries and effects in one step."""
    world.clock.advance(minutes=5)
    follows = (Planned(RefreshCards("R1")),)

    committed = await commits(world).commit("R1", always(says("new", entries=(entry(),), planned=follows)))

    assert (committed.stored, committed.request) == (Stored.SAVED, stored(world))
    assert (stored(world).justification, stored(world).revision) == ("new", 2)
    assert world.store.audit[-1] == entry()
    assert world.store.outbox.work[effect_id(RefreshCards("R1"))].due == world.clock.time


async def test_the_rule_is_asked_with_the_present(world: World) -> None:
    """The rule gets the stored request and the time of the common clock."""
    world.clock.advance(hours=1)
    asked: list[tuple[Request, datetime]] = []

    def rule(known: Request, now: datetime) -> Outcome:
        asked.append((known, now))
        return Outcome(known)

    await commits(world).commit("R1", rule)

    assert asked == [(stored(world), world.clock.time)]


async def test_nothing_is_written_where_nothing_happened(world: World) -> None:
    """If nothing happened, nothing is written: no revision, entry or effect."""
    before, recorded = stored(world), len(world.store.audit)

    committed = await commits(world).commit("R1", always(Outcome(stored(world))))

    assert committed.stored is Stored.SAVED
    assert (stored(world), len(world.store.audit), world.store.outbox.effects) == (before, recorded, [])


async def test_an_unknown_request_is_not_found(world: World) -> None:
    """An unknown request is not found, and none is created."""
    with pytest.raises(NotFound):
        await commits(world).commit("R2", always(says("new")))


# --- another decision is faster -----------------------------------------------------------------------------------


async def test_what_somebody_has_moved_meanwhile_is_decided_again(world: World) -> None:
    """If the request changed in the meantime, it is decided again on the new state with new facts."""
    flow, gathered = commits(world), []

    async def gather(known: Request) -> str:
        gathered.append(known.revision)
        if len(gathered) == 1:
            await flow.commit("R1", add)
        return f"seen at {known.revision}"

    committed = await flow.commit_on(
        "R1",
        gather,
        lambda known, facts, _now: Outcome(replace(known, justification=f"{known.justification}, {facts}")),
    )

    assert gathered == [1, 2]
    assert committed.request.justification == "INC-1x, seen at 2"
    assert stored(world) == committed.request


async def test_a_refusal_needs_no_race_to_be_won(world: World) -> None:
    """A refusal is stored even if another decision was faster, because it changes nothing."""
    flow = commits(world)

    async def gather(known: Request) -> None:
        await flow.commit("R1", add)

    committed = await flow.commit_on(
        "R1", gather, lambda known, _facts, _now: Outcome(known, entries=(entry(Kind.REFUSED),), refusal=REFUSED)
    )

    assert (committed.stored, committed.notice) == (Stored.SAVED, refusal_sentence(REFUSED))
    assert world.store.audit[-1].kind is Kind.REFUSED


async def test_a_request_that_never_comes_to_rest_is_a_conflict(world: World) -> None:
    """A request that changes at every try ends in a conflict after a fixed number of tries."""
    flow, tries = commits(world), 0

    async def gather(known: Request) -> None:
        nonlocal tries
        tries += 1
        await flow.commit("R1", add)

    with pytest.raises(Conflict):
        await flow.commit_on("R1", gather, lambda known, _, now: add(known, now))

    assert tries == MOST_TRIES


async def test_a_request_of_intune_s_is_opened_once(world: World) -> None:
    """A request of Intune is stored once, even if another replica uses another id."""
    again = request(id="R9", revision=0)

    committed = await commits(world).store(again, Outcome(again), NOW)

    assert committed.stored is Stored.CONFLICT
    assert "R9" not in world.store.requests.stored


async def test_an_order_is_counted_only_after_those_that_it_was_weighed_with(world: World) -> None:
    """An order is not stored if another one came after the count, because the guard has to count again."""
    flow, seen = commits(world), await world.store.requests.asked_since(NOW)
    first = request(id="R2", intune_id=None, revision=0, initiator=RITA)
    second = request(id="R3", intune_id=None, revision=0, initiator=RITA)

    assert (await flow.store(first, Outcome(first), NOW, asked=seen)).stored is Stored.SAVED
    assert (await flow.store(second, Outcome(second), NOW, asked=seen)).stored is Stored.CONFLICT

    assert await world.store.requests.asked_since(NOW) == Asked(NOW, ("rita",))


# --- each click counts once ---------------------------------------------------------------------------------------


async def test_a_click_is_stored_with_what_the_person_was_told(world: World) -> None:
    """A click is stored with the notice for the person; a repetition gets the same notice."""
    refusing = Outcome(stored(world), entries=(entry(Kind.REFUSED),), refusal=REFUSED)
    await commits(world).commit("R1", always(refusing), CLICK, "alex")

    again = await commits(world).commit("R1", add, CLICK, "alex")

    assert (again.stored, again.notice) == (Stored.REPEATED, refusal_sentence(REFUSED))
    assert stored(world).justification == "INC-1"
    assert again.request == stored(world)


async def test_a_click_that_does_nothing_is_remembered_too(world: World) -> None:
    """A click that changes nothing is stored too, or a repetition could change something later."""
    await commits(world).commit("R1", always(Outcome(stored(world))), CLICK, "alex")

    assert (await commits(world).commit("R1", add, CLICK, "alex")).stored is Stored.REPEATED


async def test_a_click_with_another_body_is_forged(world: World) -> None:
    """A click with the same id and another body is forged: it changes nothing and gets no notice."""
    refusing = Outcome(stored(world), entries=(entry(Kind.REFUSED),), refusal=REFUSED)
    await commits(world).commit("R1", always(refusing), CLICK, "alex")

    forged = await commits(world).commit("R1", add, replace(CLICK, digest="of mallory"), "mallory")

    assert (forged.stored, forged.notice) == (Stored.FORGED, "")
    assert stored(world).justification == "INC-1"


# --- brakes and locks ---------------------------------------------------------------------------------------------


async def test_a_brake_stops_what_must_not_go_on_under_it(world: World) -> None:
    """A brake stops a write that names it; nothing is stored, and the notice is the brake's sentence."""
    brake = Brake(PAUSE, ALEX, "Something is wrong.", NOW)
    world.store.brakes.pulled[PAUSE] = brake
    before = stored(world)

    stopped = await commits(world).commit("R1", always(says("new", unless=(PAUSE,))))
    other = await commits(world).commit("R1", always(says("new", unless=("store",))))

    assert (stopped.stored, stopped.notice, stopped.request) == (Stored.BRAKED, brake_sentence(brake), before)
    assert other.stored is Stored.SAVED


async def test_a_lock_is_pulled_in_the_same_step(world: World) -> None:
    """A lock is pulled in the same step; one that is already on is not changed."""
    await commits(world).commit("R1", always(says("one", locks=(LOCK,))))
    again = replace(stored(world), justification="two")
    await commits(world).commit("R1", always(Outcome(again, locks=(replace(LOCK, why="it ran again"),))))

    assert world.store.brakes.pulled == {LOCK.name: LOCK}


async def test_another_configuration_stores_nothing(world: World) -> None:
    """A replica with another configuration stores nothing."""
    world.store.supersede()

    assert (await commits(world).commit("R1", add)).stored is Stored.OTHER_CONFIG
    assert stored(world).justification == "INC-1"
