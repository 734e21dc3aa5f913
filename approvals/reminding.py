"""Nobody who could decide is left unasked: the ladder of reminders, claims, urgency, and paging those on call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from approvals.audit import Identified, Kind
from approvals.change import Change
from approvals.decide import may_vote
from approvals.effects import (
    Alarm,
    CallOut,
    Climb,
    Expire,
    Occasion,
    Page,
    PostCards,
    Release,
    Remind,
    Reply,
    TellPerson,
)
from approvals.justification import FOR_URGENCY, lack_of, real_text
from approvals.ladder import Claim, Ladder, Paging, Rung, due_times
from approvals.outcome import Outcome, Reason, Refusal
from approvals.people import Person
from approvals.quorum import is_decidable
from approvals.request import Request, deadline_for
from approvals.sighting import Standing

CLAIM_TIME = timedelta(minutes=30)
"""How long "I am looking at this" holds; it releases itself."""

URGENT_CLAIM_TIME = timedelta(minutes=10)
"""Of an urgent request nobody waits for long."""


def start_climbing(change: Change) -> None:
    """Begin the ladder of a request that somebody here can decide. It keeps the steps it began with."""
    request = change.request
    ladder = ladder_of(request)
    if ladder is None or not is_decidable(request):
        return
    steps = ladder.steps(urgent=request.urgent, at_night=ladder.is_night(change.now))
    change.set(steps=steps, climbed=0)
    for number, due in due_times(steps, change.now):
        change.plan(Climb(request.id, number), due)


def climb(request: Request, number: int, now: datetime) -> Outcome:
    """Take one step of the ladder; one that has become pointless does nothing, a claim postpones it."""
    change = Change(request, now)
    if _is_pointless(request) or not request.climbed <= number < len(request.steps):
        return change.outcome()
    if request.claim is not None and now < request.claim.until:
        change.plan(Climb(request.id, number), request.claim.until)
        return change.outcome()
    rung = request.steps[number].rung
    change.set(climbed=number + 1)
    change.note(Kind.REMINDED, after=rung)
    if rung is Rung.ON_CALL:
        page_on_call(change)
    else:
        change.plan(Remind(request.id, rung))
    return change.outcome()


def page_on_call(change: Change) -> None:
    """Put a card into the on-call chat, and page the people on call from the first one on."""
    request, ladder = change.request, ladder_of(change.request)
    if ladder is None or not ladder.chat:
        change.plan(Alarm(request.id, Occasion.NOBODY_ANSWERS))
        return
    change.set(paging=Paging(ladder.chat, change.now))
    change.plan(PostCards(request.id))
    change.plan(Page(request.id, 0))


def page(request: Request, number: int, on_call: Sequence[Person], now: datetime) -> Outcome:
    """Page the next of those on call; when all have been paged in vain, the operations channel hears of it."""
    change = Change(request, now)
    paging, ladder = request.paging, ladder_of(request)
    if _is_pointless(request) or paging is None or ladder is None or number < len(paging.paged):
        return change.outcome()
    if request.claim is not None and now < request.claim.until:
        change.plan(Page(request.id, number), request.claim.until)
        return change.outcome()
    waiting = [
        person
        for person in on_call
        if not (_has_part(request, person) or any(person.is_same_as(paged) for paged in paging.paged))
    ]
    if not waiting:
        change.note(Kind.ESCALATED, why="nobody on call has answered")
        change.plan(Alarm(request.id, Occasion.NOBODY_ANSWERS))
        return change.outcome()
    next_one = waiting[0]
    change.set(paging=replace(paging, paged=(*paging.paged, next_one)))
    change.note(Kind.ESCALATED, after=next_one.name, evidence={"paged": next_one.account, "chat": paging.chat})
    change.plan(Reply(request.id, Occasion.PAGED))
    change.plan(TellPerson(request.id, Occasion.PAGED, next_one.account))
    change.plan(CallOut(request.id, Occasion.PAGED, now))
    change.plan(Page(request.id, number + 1), now + ladder.acknowledge)
    return change.outcome()


def claim(request: Request, standing: Standing, identified: Identified, now: datetime) -> Outcome:
    """ "I am looking at this": by somebody who may decide it, or who was paged."""
    change = Change(request, now)
    if refusal := why_not_claim(request, standing, now):
        return change.refuse(refusal, standing.person, identified)
    until = min(now + _claim_time(request), request.deadline)
    change.set(claim=Claim(standing.person, until), released=request.claim or request.released)
    change.note(Kind.CLAIMED, standing.person, identified, after=until.isoformat())
    change.plan(Reply(request.id, Occasion.CLAIMED))
    change.plan(Release(request.id), until)
    return change.outcome()


def why_not_claim(request: Request, standing: Standing, now: datetime) -> Refusal | None:
    """Why this person cannot hold reminders off: nobody does for good, or on what they ask for themselves."""
    if not request.takes_votes or now >= request.deadline:
        return Refusal(Reason.NOTHING_TO_CLAIM, "This request does not wait any more.")
    called = was_paged(request, standing) and not _has_part(request, standing.person)
    if not called and (refusal := may_vote(request, standing)):
        return refusal
    if request.claim is not None and request.claim.by.is_same_as(standing.person):
        return Refusal(Reason.NOTHING_TO_CLAIM, "You are looking at this already. Please decide if you can.")
    last = request.released
    if last is not None and last.by.is_same_as(standing.person) and now < last.until + _claim_time(request):
        return Refusal(
            Reason.NOTHING_TO_CLAIM,
            "You were looking at this until a moment ago, and others are asked now. Please decide if you can.",
        )
    return None


def was_paged(request: Request, standing: Standing) -> bool:
    """Whether this person was called as one of those on call."""
    paged = request.paging.paged if request.paging else ()
    return standing.active and any(standing.person.is_same_as(one) for one in paged)


def release(request: Request, now: datetime) -> Outcome:
    """A claim releases itself: whoever was looking has not decided."""
    change = Change(request, now)
    if request.claim is not None and now >= request.claim.until:
        change.set(claim=None, released=request.claim)
    return change.outcome()


def make_urgent(request: Request, standing: Standing, why: str, identified: Identified, now: datetime) -> Outcome:
    """An approver says that it cannot wait: the earlier deadline, and the ladder of urgent requests from its start."""
    change = Change(request, now)
    if refusal := _why_not_urgent(request, standing, why, now):
        return change.refuse(refusal, standing.person, identified)
    urgent = deadline_for(request.workflows, now, request.intune_expires_at, urgent=True)
    change.set(urgent=True, urgent_since=now, deadline=min(request.deadline, urgent), claim=None)
    change.note(
        Kind.URGENT, standing.person, identified, before=request.deadline.isoformat(),
        after=change.request.deadline.isoformat(), why=real_text(why),
    )  # fmt: skip
    change.plan(Expire(request.id), change.request.deadline)
    change.plan(Reply(request.id, Occasion.URGENT))
    start_climbing(change)
    return change.outcome()


def ladder_of(request: Request) -> Ladder | None:
    """The ladder of the first of its workflows that has one."""
    return next((flow.ladder for flow in request.workflows if flow.ladder is not None), None)


def _why_not_urgent(request: Request, standing: Standing, why: str, now: datetime) -> Refusal | None:
    if not request.takes_votes or now >= request.deadline:
        return Refusal(Reason.CLOSED, "This request does not wait any more.")
    if request.urgent:
        return Refusal(Reason.ALREADY_URGENT, "It is urgent already.")
    if refusal := may_vote(request, standing):
        return refusal
    return Refusal(Reason.NOTE_MISSING, "Please say why it cannot wait.") if lack_of(why, FOR_URGENCY) else None


def _claim_time(request: Request) -> timedelta:
    return URGENT_CLAIM_TIME if request.urgent else CLAIM_TIME


def _has_part(request: Request, person: Person) -> bool:
    """Whether this human asked for it, or for another one to approve it."""
    return request.is_own_of(person) or request.is_called_by(person)


def _is_pointless(request: Request) -> bool:
    return not request.takes_votes or not is_decidable(request)
