"""Reminders: the ladder, claims, urgency, and paging the people on call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from approvals import refusals
from approvals.audit import Identified, Kind
from approvals.causes import NobodyOnCallAnswered
from approvals.change import Change
from approvals.decide import may_vote
from approvals.effects import (
    Alarm,
    CallOut,
    Climb,
    Expire,
    NotificationKind,
    Page,
    PostCards,
    Release,
    Remind,
    Reply,
    TellPerson,
)
from approvals.justification import FOR_URGENCY, lack_of, real_text
from approvals.ladder import Claim, Ladder, Paging, Reminders, Rung, due_times
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.quorum import is_decidable
from approvals.refusals import Refusal
from approvals.request import Request, deadline_for
from approvals.snapshot import Eligibility

CLAIM_TIME = timedelta(minutes=30)
"""Duration of a claim; it then expires."""

URGENT_CLAIM_TIME = timedelta(minutes=10)
"""Claims on urgent requests are shorter."""


def start_climbing(change: Change) -> None:
    """Start the ladder of a request that can be decided here. The request keeps the steps that it started with."""
    request = change.request
    ladder = ladder_of(request)
    if ladder is None or not is_decidable(request):
        return
    steps = ladder.steps(urgent=request.urgent, at_night=ladder.is_night(change.now))
    _remind(change, replace(request.reminders, steps=steps, climbed=0))
    for number, due in due_times(steps, change.now):
        change.plan(Climb(request.id, number), due)


def climb(request: Request, number: int, now: datetime) -> Outcome:
    """Take one step of the ladder; a pointless step does nothing, a claim postpones it."""
    change, reminders = Change(request, now), request.reminders
    if _is_pointless(request) or not reminders.climbed <= number < len(reminders.steps):
        return change.outcome()
    if reminders.claim is not None and reminders.is_claimed(now):
        change.plan(Climb(request.id, number), reminders.claim.until)
        return change.outcome()
    rung = reminders.steps[number].rung
    _remind(change, replace(reminders, climbed=number + 1))
    change.note(Kind.REMINDED, after=rung)
    if rung is Rung.ON_CALL:
        page_on_call(change)
    else:
        change.plan(Remind(request.id, rung))
    return change.outcome()


def page_on_call(change: Change) -> None:
    """Post a card to the on-call chat, and page the people on call, beginning with the first."""
    request, ladder = change.request, ladder_of(change.request)
    if ladder is None or not ladder.chat:
        change.plan(Alarm(request.id, NotificationKind.NOBODY_ANSWERS))
        return
    _remind(change, replace(request.reminders, paging=Paging(ladder.chat, change.now)))
    change.plan(PostCards(request.id))
    change.plan(Page(request.id, 0))


def page(request: Request, number: int, on_call: Sequence[Person], now: datetime) -> Outcome:
    """Page the next person on call; after the last one without an answer, alarm the operations channel."""
    change, reminders = Change(request, now), request.reminders
    paging, ladder = reminders.paging, ladder_of(request)
    if _is_pointless(request) or paging is None or ladder is None or number < len(paging.paged):
        return change.outcome()
    if reminders.claim is not None and reminders.is_claimed(now):
        change.plan(Page(request.id, number), reminders.claim.until)
        return change.outcome()
    waiting = [
        person
        for person in on_call
        if not (_has_part(request, person) or any(person.is_same_as(paged) for paged in paging.paged))
    ]
    if not waiting:
        change.note(Kind.ESCALATED, because=NobodyOnCallAnswered())
        change.plan(Alarm(request.id, NotificationKind.NOBODY_ANSWERS))
        return change.outcome()
    next_one = waiting[0]
    _remind(change, replace(reminders, paging=replace(paging, paged=(*paging.paged, next_one))))
    change.note(Kind.ESCALATED, after=next_one.name, evidence={"paged": next_one.account, "chat": paging.chat})
    change.plan(Reply(request.id, NotificationKind.PAGED))
    change.plan(TellPerson(request.id, NotificationKind.PAGED, next_one.account))
    change.plan(CallOut(request.id, NotificationKind.PAGED, now))
    change.plan(Page(request.id, number + 1), now + ladder.acknowledge)
    return change.outcome()


def claim(request: Request, eligibility: Eligibility, identified: Identified, now: datetime) -> Outcome:
    """Store a claim ("I am looking at this") by a person who may decide the request, or who was paged."""
    change = Change(request, now)
    if refusal := why_not_claim(request, eligibility, now):
        return change.refuse(refusal, eligibility.person, identified)
    until = min(now + _claim_time(request), request.deadline)
    before = request.reminders
    _remind(change, replace(before, claim=Claim(eligibility.person, until), released=before.claim or before.released))
    change.note(Kind.CLAIMED, eligibility.person, identified, after=until.isoformat())
    change.plan(Reply(request.id, NotificationKind.CLAIMED))
    change.plan(Release(request.id), until)
    return change.outcome()


def why_not_claim(request: Request, eligibility: Eligibility, now: datetime) -> Refusal | None:
    """Return why this person cannot claim it: they requested it, may not decide it, or had a claim just before."""
    if not request.takes_votes or now >= request.deadline:
        return refusals.NotWaiting()
    called = was_paged(request, eligibility) and not _has_part(request, eligibility.person)
    if not called and (refusal := may_vote(request, eligibility)):
        return refusal
    held = request.reminders.claim
    if held is not None and held.by.is_same_as(eligibility.person):
        return refusals.ClaimedBefore()
    last = request.reminders.released
    if last is not None and last.by.is_same_as(eligibility.person) and now < last.until + _claim_time(request):
        return refusals.ClaimedBefore(released=True)
    return None


def was_paged(request: Request, eligibility: Eligibility) -> bool:
    """Return whether this person was paged as one of the people on call."""
    return eligibility.active and any(eligibility.person.is_same_as(one) for one in request.reminders.paged)


def release(request: Request, now: datetime) -> Outcome:
    """Remove an expired claim: its holder has not decided."""
    change = Change(request, now)
    claimed = request.reminders.claim
    if claimed is not None and not request.reminders.is_claimed(now):
        _remind(change, replace(request.reminders, claim=None, released=claimed))
    return change.outcome()


def make_urgent(request: Request, eligibility: Eligibility, why: str, identified: Identified, now: datetime) -> Outcome:
    """Make the request urgent for an approver: use the earlier deadline, and start the urgent ladder from the
    beginning."""
    change = Change(request, now)
    if refusal := _why_not_urgent(request, eligibility, why, now):
        return change.refuse(refusal, eligibility.person, identified)
    urgent = deadline_for(request.workflows, now, request.intune_expires_at, urgent=True)
    change.request = replace(change.request, urgent_since=now, deadline=min(request.deadline, urgent))
    _remind(change, replace(request.reminders, claim=None))
    change.note(
        Kind.URGENT, eligibility.person, identified, before=request.deadline.isoformat(),
        after=change.request.deadline.isoformat(), why=real_text(why),
    )  # fmt: skip
    change.plan(Expire(request.id), change.request.deadline)
    change.plan(Reply(request.id, NotificationKind.URGENT))
    start_climbing(change)
    return change.outcome()


def ladder_of(request: Request) -> Ladder | None:
    """Return the ladder of the first workflow that has one."""
    return next((flow.ladder for flow in request.workflows if flow.ladder is not None), None)


def _remind(change: Change, reminders: Reminders) -> None:
    change.request = replace(change.request, reminders=reminders)


def _why_not_urgent(request: Request, eligibility: Eligibility, why: str, now: datetime) -> Refusal | None:
    if not request.takes_votes or now >= request.deadline:
        return refusals.NotWaiting()
    if request.urgent:
        return refusals.AlreadyUrgent()
    if refusal := may_vote(request, eligibility):
        return refusal
    return refusals.NothingWritten("urgent") if lack_of(why, FOR_URGENCY) else None


def _claim_time(request: Request) -> timedelta:
    return URGENT_CLAIM_TIME if request.urgent else CLAIM_TIME


def _has_part(request: Request, person: Person) -> bool:
    """Return whether this person requested it, or called for another person to approve it."""
    return request.is_own_of(person) or request.is_called_by(person)


def _is_pointless(request: Request) -> bool:
    return not request.takes_votes or not is_decidable(request)
