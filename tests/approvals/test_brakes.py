"""The table of brakes, cell by cell, and who may pull and lift each brake."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from approvals import alone, completing, filing
from approvals.audit import Identified, Kind
from approvals.brake import (
    NEVER_STOPPED,
    PAUSE,
    RECOVERY,
    STORE,
    TABLE,
    Brake,
    BrakedCall,
    BrakeKind,
    Operator,
    Puller,
    holding_up,
    lock_name,
    locks_after,
    recovery_brake,
    stopping,
    store_brake,
)
from approvals.brake_news import Lifted, StaysPaused
from approvals.carry import carry_stopped, start_cancelling, start_carry
from approvals.causes import RequestRanUnheld, StoreDoubted
from approvals.decide import cast_vote
from approvals.effects import Recheck, SayMoved
from approvals.emergency import BreakGlassRecord, Way
from approvals.lifting import Move, accept_store, pause, resume, unlock
from approvals.order import Act, Filing, FilingState, Order
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.problems import Braked
from approvals.refusals import NoSuchBrake, NothingWritten, OtherWay, RanForThem
from approvals.request import Carry, CarryState, Decision, IntuneStatus, Request, Verdict
from approvals.snapshot import Eligibility
from approvals.tally import Tally
from cards.brakes import answer, brake_sentence, pulled
from cards.refusals import refusal_sentence
from tests.approvals.builders import (
    ADMINS,
    ALEX,
    CAB,
    CORA,
    DANA,
    NOW,
    RITA,
    as_decided,
    ballot,
    carry_of,
    eligibility,
    person,
    request,
)

OPS1, OPS2 = Operator("root", "ops-1"), Operator("sre", "ops-2")
PAGE = Path(__file__).parent.parent.parent / "docs" / "operations.md"
LOCK = lock_name("script")
NAMES = {BrakeKind.PAUSE: PAUSE, BrakeKind.LOCK: LOCK, BrakeKind.STORE: STORE, BrakeKind.RECOVERY: RECOVERY}


def order(state: FilingState, **changes: Any) -> Request:
    """Return an order of Rita's that two people have approved, in this filing state."""
    filed = Filing(Order(Act.WIPE, "d"), NOW, state)
    approved = request(
        decided=as_decided(Decision.APPROVED), filing=filed, initiator=RITA, requestor=None, intune_id=None
    )
    return replace(approved, **changes)


def carried(decision: Decision) -> Request:
    """Return a request that was decided here, while Intune has not been told."""
    return request(decided=as_decided(decision), carry=Carry(CarryState.WANTED, by=ALEX, since=NOW))


def carry(decision: Decision, verdict: Verdict) -> Outcome:
    """Return the outcome when Alex carries this decision to Intune."""
    decided = carried(decision)
    return start_carry(decided, ballot(eligibility(ALEX, ADMINS), decided, verdict), NOW)


def asked_alone() -> Outcome:
    """Return the outcome of the call to the emergency process for an order on which Rita used break-glass."""
    glass = BreakGlassRecord(RITA, "Stolen", NOW, Way.ESCALATED, (Tally(0, 2),))
    waits = order(FilingState.WAITS, decided=None, glass=(glass,))
    return alone.start_alone(waits, "rita", NOW)


def withdrawn() -> Outcome:
    """Return the outcome when Cora withdraws an approval in Intune that is below the quorum."""
    below = request(intune_status=IntuneStatus.APPROVED)
    return start_cancelling(below, ballot(eligibility(CORA, CAB), below, Verdict.REJECT), NOW)


CLAIMS: dict[BrakedCall, Callable[[], Outcome]] = {
    BrakedCall.FILE: lambda: filing.start_filing(order(FilingState.WAITS), "sealed", "app", NOW),
    BrakedCall.COMPLETE: lambda: completing.start_completing(
        order(FilingState.HELD, intune_id="i1", intune_status=IntuneStatus.APPROVED, intune_approver=ALEX), NOW
    ),
    BrakedCall.APPROVE: lambda: carry(Decision.APPROVED, Verdict.APPROVE),
    BrakedCall.ALONE: asked_alone,
    BrakedCall.REJECT: lambda: carry(Decision.REJECTED, Verdict.REJECT),
    BrakedCall.WITHDRAW: withdrawn,
}
"""An outcome for every call that the rules reserve. Taking an order back is not reserved: no brake stops it."""

STOPPED = {
    (BrakeKind.PAUSE, BrakedCall.FILE): True,
    (BrakeKind.PAUSE, BrakedCall.COMPLETE): True,
    (BrakeKind.PAUSE, BrakedCall.APPROVE): True,
    (BrakeKind.PAUSE, BrakedCall.ALONE): True,
    (BrakeKind.PAUSE, BrakedCall.REJECT): False,
    (BrakeKind.PAUSE, BrakedCall.WITHDRAW): False,
    (BrakeKind.LOCK, BrakedCall.FILE): True,
    (BrakeKind.LOCK, BrakedCall.COMPLETE): False,
    (BrakeKind.LOCK, BrakedCall.APPROVE): False,
    (BrakeKind.LOCK, BrakedCall.ALONE): True,
    (BrakeKind.LOCK, BrakedCall.REJECT): False,
    (BrakeKind.LOCK, BrakedCall.WITHDRAW): False,
    (BrakeKind.STORE, BrakedCall.FILE): True,
    (BrakeKind.STORE, BrakedCall.COMPLETE): True,
    (BrakeKind.STORE, BrakedCall.APPROVE): True,
    (BrakeKind.STORE, BrakedCall.ALONE): True,
    (BrakeKind.STORE, BrakedCall.REJECT): False,
    (BrakeKind.STORE, BrakedCall.WITHDRAW): False,
    (BrakeKind.RECOVERY, BrakedCall.FILE): True,
    (BrakeKind.RECOVERY, BrakedCall.COMPLETE): True,
    (BrakeKind.RECOVERY, BrakedCall.APPROVE): True,
    (BrakeKind.RECOVERY, BrakedCall.ALONE): True,
    (BrakeKind.RECOVERY, BrakedCall.REJECT): False,
    (BrakeKind.RECOVERY, BrakedCall.WITHDRAW): False,
}


@pytest.mark.parametrize(("kind", "call"), STOPPED)
def test_what_a_brake_stops(kind: BrakeKind, call: BrakedCall) -> None:
    """The outcome that reserves a call names its brakes, so they are checked in the step that stores it."""
    claimed = CLAIMS[call]()
    assert claimed.refusal is None
    assert (NAMES[kind] in claimed.unless) is STOPPED[kind, call]


def test_every_cell_is_held() -> None:
    """Every pair of brake and call has an entry in `STOPPED`; no brake stops a call that ends something."""
    assert {(kind, call) for kind in TABLE for call in BrakedCall if call is not BrakedCall.TAKE_BACK} == STOPPED.keys()
    assert {BrakedCall.REJECT, BrakedCall.TAKE_BACK, BrakedCall.WITHDRAW} == NEVER_STOPPED
    assert not any(rule.stops & NEVER_STOPPED for rule in TABLE.values())
    assert list(TABLE) == [BrakeKind.STORE, BrakeKind.RECOVERY, BrakeKind.PAUSE, BrakeKind.LOCK]


def test_a_lock_stops_its_type_alone() -> None:
    """A lock stops only requests of its policy type; the other brakes stop every request."""
    other = replace(request().subject, policy_types=("deviceWipe", "DeviceRetire"))
    wipe = request(subject=other)
    assert stopping(BrakedCall.FILE, wipe) == (STORE, RECOVERY, PAUSE, "type:devicewipe", "type:deviceretire")


@pytest.mark.parametrize("policy_type", ["pause", "store", "Pause", "type:pause"])
def test_a_type_that_is_called_like_a_brake_stays_a_lock(policy_type: str) -> None:
    """A policy type with the same name as a brake still gets a lock with its own name."""
    subject = replace(request().subject, policy_types=(policy_type,))
    [lock] = locks_after(request(subject=subject), NOW)
    assert lock.kind is BrakeKind.LOCK
    assert lock.policy_type == policy_type.casefold()
    assert stopping(BrakedCall.APPROVE, request(subject=subject)) == (STORE, RECOVERY, PAUSE)


def test_who_pulls_it() -> None:
    """People pull the pause; the bot itself pulls locks and the brakes on the store."""
    assert TABLE[BrakeKind.PAUSE].pulled_by == {Puller.APPROVER, Puller.OPERATOR}
    assert (paused(eligibility(ALEX, ADMINS)).by, paused(OPS1).by) == (ALEX, OPS1)
    assert {TABLE[kind].pulled_by for kind in (BrakeKind.LOCK, BrakeKind.STORE, BrakeKind.RECOVERY)} == {
        frozenset({Puller.BOT})
    }
    assert [lock.by for lock in locks_after(request(), NOW)] == [None]
    assert store_brake("It was reset.", NOW).by is None
    assert recovery_brake(NOW).by is None
    assert pause((), eligibility(RITA), "Odd wipes", NOW).refusal
    assert pause((), eligibility(ALEX, ADMINS, active=False), "Odd wipes", NOW).refusal


def test_how_many_people_lift_it() -> None:
    """Two people lift a pause, which stops everything; one person lifts a brake that the bot pulled."""
    assert {kind: rule.people for kind, rule in TABLE.items()} == {
        BrakeKind.PAUSE: 2,
        BrakeKind.LOCK: 1,
        BrakeKind.STORE: 1,
        BrakeKind.RECOVERY: 1,
    }


def paused(who: Eligibility | Operator = OPS1) -> Brake:
    """Return the brake after this person or operator paused everything."""
    brake = pause((), who, "Odd wipes", NOW).after
    assert brake is not None
    return brake


def resumed_by(*people: Eligibility | Operator) -> Move:
    """Return the last change of the pause after each of these people asked to lift it, one after the other."""
    on, moved = [paused()], None
    for who in people:
        moved = resume(on, who, NOW)
        on = [moved.after] if moved.after else on
    assert moved is not None
    return moved


@pytest.mark.parametrize(
    ("people", "lifted"),
    [
        ((eligibility(ALEX, ADMINS), eligibility(CORA, CAB)), True),
        ((eligibility(ALEX, ADMINS), OPS1), True),
        ((OPS1, eligibility(ALEX, ADMINS)), True),
        ((OPS1, OPS2), False),
        ((OPS1, OPS1), False),
        ((eligibility(ALEX, ADMINS), eligibility(ALEX, ADMINS)), False),
        ((eligibility(person("rita", "rita-admin"), ADMINS), eligibility(person("rita-admin", "rita"), ADMINS)), False),
        ((eligibility(ALEX, ADMINS), eligibility(RITA)), False),
        ((eligibility(ALEX, ADMINS), eligibility(CORA, CAB, active=False)), False),
    ],
    ids=["two", "and a shell", "a shell and", "shells", "one shell", "one", "linked accounts", "stranger", "disabled"],
)
def test_who_resumes(people: tuple[Eligibility | Operator, ...], lifted: bool) -> None:
    """Two different people lift the pause, and one must be an approver: a shell does not prove who a person is."""
    moved = resumed_by(*people)
    assert (moved.refusal is None and moved.after is None) is lifted


def test_a_resume_is_recorded_and_told() -> None:
    """Lifting a pause is recorded and told with both names, and the calls that waited are tried again."""
    moved = resumed_by(eligibility(ALEX, ADMINS), OPS1)
    [entry] = moved.entries
    assert (entry.kind, entry.name, entry.after) == (Kind.RESUMED, "root at ops-1", "2 of 2")
    assert entry.evidence == {"user": "root", "host": "ops-1"}
    assert isinstance(moved.news, Lifted)
    assert [planned.effect for planned in moved.planned] == [SayMoved(NOW, moved.news), Recheck(PAUSE)]
    assert moved.news.by == ("Alex", "root at ops-1")


@pytest.mark.parametrize("why", ["", "  ", "\u200b", "\u2800\u3164", "...", '""'])
@pytest.mark.parametrize("who", [eligibility(ALEX, ADMINS), OPS1], ids=["Teams", "shell"])
def test_a_pause_says_why(why: str, who: Eligibility | Operator) -> None:
    """A pause needs a reason that can be read, because the people whom it stops read it."""
    moved = pause((), who, why, NOW)
    assert moved.refusal
    assert moved.refusal == NothingWritten("brake")


def test_a_second_pause_keeps_the_first_reason() -> None:
    """A second pause keeps the first reason and says so; earlier wishes to lift the pause no longer count."""
    [first] = [paused(eligibility(ALEX, ADMINS))]
    half = resume([first], eligibility(CORA, CAB), NOW).after
    assert half is not None
    again = pause([half], eligibility(DANA, ADMINS), "Still odd", NOW + timedelta(minutes=1))
    assert again.after == first
    assert again.news == StaysPaused("Dana", "Still odd.")
    assert "the first reason stays. Paused by Alex: Odd wipes." in answer(again)
    assert [(entry.kind, entry.name, entry.why) for entry in again.entries] == [(Kind.PAUSED, "Dana", "Still odd")]
    assert [planned.effect for planned in again.planned] == [
        SayMoved(NOW + timedelta(minutes=1), StaysPaused("Dana", "Still odd."))
    ]
    assert pause([first], eligibility(DANA, ADMINS), "Still odd", NOW).planned == ()


def doubted() -> Brake:
    """Return the brake that the bot pulls when the store is not the one that it left."""
    return store_brake("It was reset.", NOW)


def test_a_doubt_alarms() -> None:
    """The operations channel reads what was found in the store."""
    assert pulled(doubted()).startswith("Alarm: The store of Countersign is not what it was. It was reset.")


def locked(behind: Person | None = RITA) -> Brake:
    """Return the lock on scripts after an order of this person ran without an approval."""
    [lock] = locks_after(request(initiator=behind), NOW)
    return lock


@pytest.mark.parametrize("typed", ["script", "Script", " script ", "type:script"])
@pytest.mark.parametrize("who", [eligibility(ALEX, ADMINS), OPS1], ids=["Teams", "shell"])
def test_one_person_unlocks(typed: str, who: Eligibility | Operator) -> None:
    """One person unlocks, by the name of the policy type or of the brake; it is recorded and told, and calls go on."""
    moved = unlock([locked()], who, typed, NOW)
    assert (moved.refusal, moved.after) == (None, None)
    assert [(entry.kind, entry.before, entry.because) for entry in moved.entries] == [
        (Kind.UNLOCKED, LOCK, RequestRanUnheld("R1"))
    ]
    assert isinstance(moved.news, Lifted)
    assert [planned.effect for planned in moved.planned] == [SayMoved(NOW, moved.news), Recheck(LOCK)]


def test_who_asked_for_what_ran_does_not_unlock() -> None:
    """The person who asked for what ran cannot unlock, with none of their accounts; nor can one who is no approver."""
    theirs = unlock([locked()], eligibility(person("rita-admin", "rita"), ADMINS), "script", NOW)
    assert theirs.refusal == RanForThem("script")
    assert unlock([locked()], eligibility(RITA), "script", NOW).refusal
    assert unlock([locked()], eligibility(ALEX), "script", NOW).refusal
    assert unlock([locked()], OPS1, "wipe", NOW).refusal == NoSuchBrake("lock", "wipe")


@pytest.mark.parametrize("who", [eligibility(ALEX, ADMINS), OPS1], ids=["Teams", "shell"])
def test_the_store_is_accepted_and_not_unlocked(who: Eligibility | Operator) -> None:
    """A store in doubt is not accepted in Teams, where nobody can see what was lost; the refusal names the command."""
    doubt = doubted()
    moved = unlock([doubt], who, "store", NOW)
    assert isinstance(moved.refusal, OtherWay)
    assert moved.refusal.at_shell == "python -m bot store accept"
    assert "python -m bot store accept" in brake_sentence(doubt)
    assert TABLE[BrakeKind.STORE].in_teams == ""
    assert resume([doubt], who, NOW).refusal
    accepted = accept_store([doubt], OPS1, NOW, "The disk was lost")
    assert (accepted.refusal, accepted.after) == (None, None)
    [entry] = accepted.entries
    assert (entry.why, entry.because) == ("The disk was lost.", StoreDoubted("It was reset."))
    assert accept_store([doubt], OPS1, NOW, " ").refusal
    assert accept_store([], OPS1, NOW, "The disk was lost").refusal


def test_recovery_is_not_unlocked() -> None:
    """The recovery brake lifts itself; the refusal to unlock it names the only command that can lift it."""
    refusal = unlock([recovery_brake(NOW)], OPS1, "recovery", NOW).refusal
    assert refusal == OtherWay(in_teams="", at_shell="python -m bot store accept")
    assert "write ," not in refusal_sentence(refusal)


def test_a_pause_is_resumed_and_not_unlocked() -> None:
    """A pause cannot be lifted by unlocking it, because one person would be enough for that."""
    moved = unlock([paused()], OPS1, "pause", NOW)
    assert moved.refusal == OtherWay("/resume", "python -m bot resume")


def test_what_a_stopped_carry_leaves_stays_true() -> None:
    """A carry that a brake stopped is recorded as a refusal, not as a missing sign-in or an answer of Intune."""
    decided = carried(Decision.APPROVED)
    stopped = carry_stopped(decided, ALEX, brake_sentence(paused()), NOW)
    assert stopped.request.carry_state is CarryState.TROUBLED
    assert carry_of(stopped.request).problem == Braked("Alex")
    [entry] = stopped.entries
    assert (entry.kind, entry.identified, entry.why) == (Kind.REFUSED, Identified.BY_TOKEN, brake_sentence(paused()))
    again = carry_stopped(stopped.request, CORA, brake_sentence(paused()), NOW)
    assert again.request == stopped.request


def test_what_waits_says_what_it_waits_for() -> None:
    """A waiting request names the gravest brake that stops it; a rejection and an open vote wait for no brake."""
    everything = [locked(), paused(), doubted()]
    waits = order(FilingState.WAITS)
    assert holding_up(everything, waits) == everything[2]
    assert holding_up(everything[:2], waits) == everything[1]
    assert holding_up(everything[:1], waits) == everything[0]
    assert holding_up(everything[:1], carried(Decision.APPROVED)) is None
    assert holding_up(everything, carried(Decision.APPROVED)) == everything[2]
    assert holding_up(everything, carried(Decision.REJECTED)) is None
    assert holding_up(everything, request()) is None
    assert holding_up(everything, order(FilingState.COMPLETED)) is None


def test_votes_count_under_every_brake() -> None:
    """No brake stops a vote, because a vote changes nothing in Intune."""
    voted = cast_vote(request(), ballot(eligibility(ALEX, ADMINS), request()), {}, NOW)
    assert voted.unless == ()


def rows() -> list[str]:
    """Return the rows of the table in docs/operations.md, made from the code."""
    stops = {
        BrakedCall.FILE: "filing",
        BrakedCall.COMPLETE: "completing",
        BrakedCall.APPROVE: "approving in Intune",
        BrakedCall.ALONE: "the emergency process",
    }
    pulled = {Puller.APPROVER: "an approver", Puller.OPERATOR: "an operator", Puller.BOT: "the bot itself"}
    found = []
    for kind, rule in TABLE.items():
        cells = [
            f"`{kind}`",
            " or ".join(word for who, word in pulled.items() if who in rule.pulled_by),
            ", ".join(word for call, word in stops.items() if call in rule.stops),
            "of one policy type" if rule.of_one_type else "of every request",
            f"`{rule.in_teams}`" if rule.in_teams else "never",
            f"`{rule.at_shell}`",
            str(rule.people),
            "recorded; approves what Intune holds" if rule.glass_sends else "recorded; sends nothing",
        ]
        found.append(f"| {' | '.join(cells)} |")
    return found


@pytest.mark.parametrize("row", rows())
def test_the_table_of_the_documentation(row: str) -> None:
    """The table in docs/operations.md shows what the code does."""
    assert row in PAGE.read_text(encoding="utf-8").splitlines()
