"""Orders from chat: drafting, opening as a request, cancelling, giving up. Nothing is sent to Intune here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.causes import NotFiledInTime, Stricter
from approvals.change import Change
from approvals.decide import drop, tell_requestor
from approvals.effects import Expire, NotificationKind, PostCards, RefreshCards, Reply, TakeBack
from approvals.justification import FOR_AN_ORDER, LONGEST_REASON, SHORTEST_REASON, lack_of
from approvals.lifecycle import DecisionEvent, FilingEvent
from approvals.naming import is_name
from approvals.order import Act, Filing, FilingState, Option, Order, Unknown
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.policy import Workflow
from approvals.reconcile import Terms
from approvals.refusals import Refusal
from approvals.reminding import start_climbing
from approvals.request import (
    Decided,
    IntuneStatus,
    Request,
    deadline_for,
)
from approvals.snapshot import Eligibility
from approvals.subject import Subject

LONGEST_WAIT = timedelta(days=3)
"""Time limit for an order until Intune holds it: as long as Intune keeps a request open."""

NATIVE_LENGTH = 1024
"""Intune's limit for a justification, in characters."""


DRAFT_TIME = timedelta(minutes=15)
"""Time limit for confirming a draft."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that is not confirmed yet, visible to its author only. Its `id` becomes the request's, so it can be used
    once.

    `words` and `group_words` are the typed text. `subject` is what the author was shown; it is set as soon as target
    and group are found. `stricter` is why more than the usual approvers are needed, if they are. Once `confirmed`, only
    the proof of the author's identity may be missing. A `dropped` draft cannot be continued.
    """

    id: str
    author: Person
    act: Act
    words: str
    began_at: datetime
    group_words: str = ""
    options: frozenset[Option] = frozenset()
    urgent: bool = False
    justification: str = ""
    target_id: str = ""
    group_id: str = ""
    subject: Subject | None = None
    workflows: tuple[Workflow, ...] = ()
    stricter: Stricter | None = None
    confirmed: bool = False
    drill: bool = False
    emergency: bool = False
    ticket: str = ""
    acting: str = ""
    dropped: bool = False

    @property
    def needs_name(self) -> bool:
        """Return whether the author has to type the target's name."""
        return self.act is Act.WIPE or self.emergency

    @property
    def order(self) -> Order:
        """The order that this draft would become."""
        return Order(self.act, self.target_id, self.group_id, self.options)


def why_not_ask(workflows: tuple[Workflow, ...], eligibility: Eligibility) -> Refusal | None:
    """Return why this person may not request operations of these workflows, or nothing."""
    if not eligibility.active:
        return refusals.AccountInactive("ask")
    for workflow in workflows:
        if not eligibility.groups & {group.id for group in workflow.requesters}:
            return refusals.NotARequester(workflow.operation, tuple(group.name for group in workflow.requesters))
    return None


def why_out_of_scope(
    workflows: tuple[Workflow, ...], in_groups: frozenset[str], unknown: Sequence[Unknown]
) -> Refusal | None:
    """Return why this target cannot be requested, or nothing.

    `in_groups` are the groups that contain the target or all of its users, as far as the directory knows them. Anything
    `unknown` to the directory counts as in none of them.
    """
    for workflow in workflows:
        if workflow.scope and not in_groups & {group.id for group in workflow.scope}:
            return refusals.OutOfScope(
                workflow.operation, tuple(group.name for group in workflow.scope), tuple(unknown)
            )
    return None


def why_no_reason(text: str) -> Refusal | None:
    """Return what is wrong with the reason for an order, or nothing."""
    lack = lack_of(text, FOR_AN_ORDER)
    if lack is None:
        return None
    if lack.too_long:
        return refusals.TooLong("order", lack.length, LONGEST_REASON)
    return refusals.TooShort("order", SHORTEST_REASON)


def why_wrong_name(draft: Draft, typed: str) -> Refusal | None:
    """Check the typed name of the target: needed for a wipe, and in an emergency for every operation."""
    if draft.subject is None or not draft.needs_name:
        return None
    if is_name(typed, draft.subject.spelled):
        return None
    return refusals.WrongName()


def ask(draft: Draft, subject: Subject, terms: Terms, now: datetime) -> Outcome:
    """Open the request. Nothing is sent to Intune before the quorum is reached."""
    expires_at = now + LONGEST_WAIT
    urgent = draft.urgent or any(flow.urgent for flow in terms.workflows)
    request = Request(
        id=draft.id,
        intune_id=None,
        subject=subject,
        workflows=terms.workflows,
        config_digest=terms.config_digest,
        decisions=terms.decisions,
        requestor=None,
        initiator=draft.author,
        justification=draft.justification,
        filed_at=now,
        opened_at=now,
        deadline=deadline_for(terms.workflows, now, expires_at, urgent),
        intune_expires_at=expires_at,
        opened_urgent=urgent,
        filing=Filing(draft.order, now),
        drill=draft.drill,
    )
    change = Change(request, now)
    change.note_subject(
        Kind.ASKED, draft.author, Identified.BY_TOKEN, draft.act, because=draft.stricter, **_options(draft)
    )
    change.plan(PostCards(request.id))
    change.plan(RefreshCards(request.id))  # the confirmation message may have become one of the cards
    change.plan(Expire(request.id), request.deadline)
    start_climbing(change)
    return change.outcome()


def _options(draft: Draft) -> dict[str, str]:
    chosen = {"options": " ".join(sorted(draft.options)), "group_id": draft.group_id}
    return {name: value for name, value in chosen.items() if value}


@dataclass(frozen=True, slots=True)
class Marker:
    """Our marker in Intune's justification: the request's id, and a proof that only this installation can make."""

    request_id: str
    proof: str


_MARKER = re.compile(r"Countersign ([0-9A-Z]{16})-([0-9A-Z]{8}), ")


def native_justification(request: Request, proof: str) -> str:
    """Return the justification for Intune: our marker, the initiator, and as much of the reason as fits."""
    who = request.initiator.name if request.initiator else "somebody"
    text = f"Countersign {request.id}-{proof}, asked by {who}: {request.justification}"
    return text[:NATIVE_LENGTH]


def marker_in(justification: str) -> Marker | None:
    """Return the marker at the start of a justification in Intune; it may be forged."""
    found = _MARKER.match(justification)
    return Marker(found[1], found[2]) if found else None


def cancel(request: Request, person: Person, identified: Identified, now: datetime) -> Outcome:
    """Cancel one's own order, as long as it has not been sent."""
    change = Change(request, now)
    if refusal := why_not_cancel(request, person):
        return change.refuse(refusal, person, identified)
    before = request.decision
    if lifecycle.may(before, DecisionEvent.CANCELLED_HERE):
        decision = lifecycle.decide(before, DecisionEvent.CANCELLED_HERE)
        change.request = replace(change.request, decided=Decided(decision, now, request.digest))
    drop(change)
    change.note(Kind.CANCELLED, person, identified, before=before, after=change.request.decision)
    change.plan(Reply(request.id, NotificationKind.DROPPED))
    if request.intune_status is IntuneStatus.NEEDS_APPROVAL:
        change.plan(TakeBack(request.id))
    return change.outcome()


def may_be_cancelled(request: Request) -> bool:
    """Return whether the initiator can still cancel it."""
    return request.initiator is not None and why_not_cancel(request, request.initiator) is None


def why_not_cancel(request: Request, person: Person) -> Refusal | None:
    """Return why this person cannot cancel it, or nothing."""
    filing = request.filing
    if request.initiator is None or not request.initiator.is_same_as(person):
        return refusals.NotYours()
    if request.is_asked_alone:
        return refusals.AskedAlone()
    if filing is None or not lifecycle.may(filing.state, FilingEvent.DROPPED):
        return refusals.NothingToCancel("sending" if filing is not None and filing.is_unanswered else "sent")
    if filing.state is FilingState.COMPLETING:
        return refusals.NothingToCancel("completing")
    if request.ended_in_intune:
        return refusals.NothingToCancel("ended", request.intune_status)
    return None


def give_up(request: Request, now: datetime) -> Outcome:
    """Drop an order that could not be filed in time, and nothing else."""
    change = Change(request, now)
    filing = request.filing
    waits = filing is not None and lifecycle.may(filing.state, FilingEvent.CALLED)
    if waits and now >= request.intune_expires_at:
        drop(change)
        change.note(Kind.NOT_FILED, after=FilingState.DROPPED, because=NotFiledInTime())
        change.plan(Reply(request.id, NotificationKind.DROPPED))
        tell_requestor(change, NotificationKind.DROPPED)
    return change.outcome()
