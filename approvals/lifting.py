"""Pulling and lifting brakes: who may, how many people are needed, what is recorded and who is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from approvals import refusals
from approvals.audit import AuditEntry, Identified, Kind
from approvals.brake import PAUSE, RECOVERY, STORE, Brake, BrakeKind, Mover, Operator, lock_name
from approvals.brake_news import BrakeNews, LedgerAccepted, Lifted, OneMore, StaysPaused
from approvals.effects import Planned, Recheck, SayMoved, SayPulled
from approvals.justification import FOR_A_BRAKE, lack_of, real_text
from approvals.people import Person
from approvals.refusals import Refusal
from approvals.snapshot import Eligibility

LONGEST_REASON = 300
"""Longest reason in characters; everybody who is stopped reads it."""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a brake: the brake before and after (`None` is off), audit entries, effects, and what the person
    who moved it is told: the news, and the brake that it `shows`. With a refusal nothing changes, and both are
    empty."""

    before: Brake | None
    after: Brake | None
    entries: tuple[AuditEntry, ...]
    planned: tuple[Planned, ...]
    news: BrakeNews | None = None
    refusal: Refusal | None = None
    shows: Brake | None = None


def pause(on: Sequence[Brake], who: Eligibility | Operator, why: str, now: datetime) -> Move:
    """Stop everything. A second pause keeps the first one's reason, and people who want to resume have to say so
    again."""
    if refusal := _refuse_mover(who) or _why_no_reason(why):
        return _refused(refusal)
    mover = _mover(who)
    entry = _entry(Kind.PAUSED, mover, now, why=why)
    before = next((brake for brake in on if brake.name == PAUSE), None)
    if before is None:
        brake = Brake(PAUSE, mover, _sentence(why), now)
        pulled = (Planned(SayPulled(now, brake)), Planned(Recheck(PAUSE)))
        return Move(None, brake, (entry,), pulled, shows=brake)
    after = replace(before, lifted_by=())
    news = StaysPaused(mover.name, _sentence(why))
    planned = (Planned(SayMoved(now, news)),) if before.lifted_by else ()
    return Move(before, after, (entry,), planned, news, shows=after)


def resume(on: Sequence[Brake], who: Eligibility | Operator, now: datetime) -> Move:
    """Ask to lift the pause; it is lifted once enough different people ask, of whom at most one is an operator."""
    if refusal := _refuse_mover(who):
        return _refused(refusal)
    brake = next((brake for brake in on if brake.name == PAUSE), None)
    return _refused(refusals.NoSuchBrake("pause")) if brake is None else _lift(brake, _mover(who), Kind.RESUMED, now)


def unlock(on: Sequence[Brake], who: Eligibility | Operator, typed: str, now: datetime) -> Move:
    """Lift the lock of a policy type; `typed` is the type's name or the brake's."""
    if refusal := _refuse_mover(who):
        return _refused(refusal)
    name = typed.strip().casefold()
    brake = next((brake for brake in on if brake.name in (name, lock_name(name))), None)
    if brake is None:
        return _refused(refusals.NoSuchBrake("lock", name))
    if brake.kind is not BrakeKind.LOCK:
        return _refused(refusals.OtherWay(brake.rule.in_teams, brake.rule.at_shell))
    mover = _mover(who)
    if isinstance(mover, Person) and brake.behind is not None and brake.behind.is_same_as(mover):
        return _refused(refusals.RanForThem(brake.policy_type))
    return _lift(brake, mover, Kind.UNLOCKED, now)


def is_in_doubt(on: Sequence[Brake]) -> bool:
    """Return whether one of these brakes is on because the store was reset or went back."""
    return any(brake.name in (STORE, RECOVERY) for brake in on)


def refuse_acceptance(on: Sequence[Brake], why: str, *, ledger: bool = False) -> Refusal | None:
    """Return why nothing can be accepted with these brakes on and for this reason; `None` if something can.

    `ledger` says that the emergency process has a ledger, which can go back by itself.
    """
    if not (ledger or is_in_doubt(on)):
        return refusals.NoSuchBrake("store")
    return _why_no_reason(why)


def accept_store(on: Sequence[Brake], who: Operator, now: datetime, why: str) -> Move:
    """Lift the brake on a store that was reset or went back, after an operator has checked its data."""
    if refusal := refuse_acceptance(on, why):
        return _refused(refusal)
    brake = next(brake for name in (STORE, RECOVERY) for brake in on if brake.name == name)
    lifted = _lift(brake, who, Kind.STORE_ACCEPTED, now)
    return replace(lifted, entries=tuple(replace(entry, why=_sentence(why)) for entry in lifted.entries))


def accept_ledger(who: Operator, now: datetime, why: str) -> Move:
    """Accept the emergency process's ledger as it is, after an operator has checked it. It has no brake: the process
    itself refuses."""
    if refusal := _why_no_reason(why):
        return _refused(refusal)
    news = LedgerAccepted(who.name, _sentence(why))
    entry = _entry(Kind.STORE_ACCEPTED, who, now, after="the ledger of the emergency process", why=_sentence(why))
    return Move(None, None, (entry,), (Planned(SayMoved(now, news)),), news)


def _lift(brake: Brake, mover: Mover, kind: Kind, now: datetime) -> Move:
    if refusal := _why_not_counted(brake, mover):
        return _refused(refusal)
    people, needed = (*brake.lifted_by, mover), brake.rule.people
    counted = f"{len(people)} of {needed}"
    entry = replace(_entry(kind, mover, now, after=counted, why=brake.why), before=brake.name, because=brake.cause)
    if len(people) < needed:
        wants = OneMore(mover.name)
        return Move(brake, replace(brake, lifted_by=people), (entry,), (Planned(SayMoved(now, wants)),), wants)
    lifted = Lifted(brake, tuple(one.name for one in people))
    planned = (Planned(SayMoved(now, lifted)), Planned(Recheck(brake.name)))
    return Move(brake, None, (entry,), planned, lifted)


def _why_not_counted(brake: Brake, mover: Mover) -> Refusal | None:
    """Return why this person adds nothing to those who want it lifted. Two shells count as one person, because a shell
    proves no identity."""
    if isinstance(mover, Operator):
        if not any(isinstance(one, Operator) for one in brake.lifted_by):
            return None
        return refusals.CountedAlready(operator=True)
    if not any(isinstance(one, Person) and one.is_same_as(mover) for one in brake.lifted_by):
        return None
    return refusals.CountedAlready(operator=False)


def _refuse_mover(who: Eligibility | Operator) -> Refusal | None:
    if isinstance(who, Operator) or who.is_member:
        return None
    return refusals.NotABrakePuller()


def _mover(who: Eligibility | Operator) -> Mover:
    return who if isinstance(who, Operator) else who.person


def _why_no_reason(why: str) -> Refusal | None:
    return refusals.NothingWritten("brake") if lack_of(why, FOR_A_BRAKE) else None


def _sentence(why: str) -> str:
    said = real_text(why)[:LONGEST_REASON]
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _entry(kind: Kind, mover: Mover, now: datetime, *, after: str = "", why: str = "") -> AuditEntry:
    if isinstance(mover, Operator):
        evidence = {"user": mover.user, "host": mover.host}
        return AuditEntry(kind, now, name=mover.name, after=after, why=why, evidence=evidence)
    return AuditEntry(kind, now, "", mover.account, mover.name, Identified.BY_CHANNEL, after=after, why=why)


def _refused(refusal: Refusal) -> Move:
    return Move(None, None, (), (), refusal=refusal)
