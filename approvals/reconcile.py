"""Applying what Intune shows to our state: opening a request, and following it to its end in Intune."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from approvals import lifecycle, native
from approvals.audit import Identified, Kind
from approvals.carry import CALL_LEASE, after, is_for_other_content
from approvals.causes import ContentChanged, GroupGrew, InIntune, OwnAfterAll, ReadableNow
from approvals.change import Change
from approvals.decide import (
    SIGN_IN_TIME,
    drop_fallen_votes,
    tell_requestor,
    waits_for_completion,
)
from approvals.disagreement import unlike_decided
from approvals.effects import Alarm, Announce, Expire, NotificationKind, PostCards, Reply, TellPerson
from approvals.emergency import Emergency
from approvals.growth import Grown, grown
from approvals.held import follow_filing, follow_others, mark_sent
from approvals.lifecycle import CarryEvent, DecisionEvent
from approvals.moments import is_known
from approvals.outcome import Outcome
from approvals.people import Application, Person, Requestor
from approvals.policy import Workflow
from approvals.problems import CutOff, EndedUntold, NotSignedIn, OtherContent, Problem, TakenBack
from approvals.reminding import start_climbing
from approvals.request import (
    Carry,
    CarryState,
    Decided,
    Decision,
    DecisionsMode,
    IntuneStatus,
    Request,
    Source,
    Verdict,
    Vote,
    deadline_for,
)
from approvals.review import open_review
from approvals.snapshot import Eligibility, Snapshot
from approvals.subject import Subject
from approvals.void import Void


@dataclass(frozen=True, slots=True)
class Terms:
    """The configuration under which a request is opened or followed.

    `guards` are the workflows that are added to guarded orders; a request opened with one is followed with them.
    """

    workflows: tuple[Workflow, ...]
    config_digest: str
    decisions: DecisionsMode
    emergency: Emergency | None = None
    guards: tuple[Workflow, ...] = ()


_RUNS = frozenset({IntuneStatus.APPROVED, IntuneStatus.COMPLETED})


def open_request(request_id: str, seen: Snapshot, terms: Terms, now: datetime, *, history: bool) -> Outcome:
    """Open a request that was seen for the first time.

    A request that was closed before the bot first ran (`history`) is only recorded. Others get a card, unless they
    ended without running. If Intune has already approved the request, an alarm is raised as well.
    """
    urgent = any(flow.urgent for flow in terms.workflows)
    request = Request(
        id=request_id,
        intune_id=seen.intune_id,
        subject=seen.subject,
        workflows=terms.workflows,
        config_digest=terms.config_digest,
        decisions=terms.decisions,
        requestor=seen.requestor,
        initiator=None,
        justification=seen.justification,
        filed_at=seen.filed_at,
        opened_at=now,
        deadline=deadline_for(terms.workflows, now, seen.expires_at, urgent=urgent),
        intune_expires_at=seen.expires_at,
        opened_urgent=urgent,
    )
    change = Change(request, now)
    identified = Identified.BY_INTUNE if seen.requestor else Identified.NOBODY
    change.note_subject(Kind.PICKED_UP, seen.requestor, identified, seen.status)
    if history and lifecycle.is_over(seen.status):
        change.request = replace(change.request, intune_status=seen.status)
        return replace(change.outcome(), planned=())
    if _ending(seen.status) is None:
        change.plan(PostCards(request_id))
        change.plan(Expire(request_id), request.deadline)
        start_climbing(change)
    if any(flow.alarms for flow in terms.workflows):
        change.plan(Alarm(request_id, NotificationKind.POLICY_CHANGE))
    _follow(change, seen, {}, opening=True)
    _review_outsiders(change, seen, terms.emergency)
    return change.outcome()


def reconcile(
    request: Request, seen: Snapshot, terms: Terms, voters: Mapping[str, Eligibility], now: datetime
) -> Outcome:
    """Update a known request from what Intune shows now. The same sighting again changes nothing.

    `voters` are fresh standings of everybody who has voted, by account.
    """
    change = Change(request, now)
    tighten(change, terms)
    _learn(change, seen)
    changed = False
    if not (request.ended_in_intune or lifecycle.is_over(seen.status)):
        changed = void_votes_if_changed(change, seen.subject)  # carrying it out changes the content
    _follow(change, seen, voters, changed=changed)
    _review_outsiders(change, seen, terms.emergency)
    return change.outcome()


def _review_outsiders(change: Change, seen: Snapshot, emergency: Emergency | None) -> None:
    """Open a review if an emergency account acted in Intune directly."""
    if emergency is None:
        return
    approver = seen.approver.person if seen.approver else None
    if approver is not None and _went_through_us(change.request, approver):
        approver = None
    _review_outsider(change, emergency, change.request.requestor, "asked")
    _review_outsider(change, emergency, approver, "decided")


def _review_outsider(change: Change, emergency: Emergency, who: Requestor, did: Literal["asked", "decided"]) -> None:
    account = emergency.account_of(who.account) if isinstance(who, Person) else None
    if account is None:
        return
    cause = InIntune(account.person.account, account.person.name, did)
    if change.request.review is None or cause not in change.request.review.causes:
        open_review(change, emergency, cause, (account.person, *account.custodians))
        change.plan(Alarm(change.request.id, NotificationKind.REVIEW_OPENED))
        change.plan(Announce(change.request.id, NotificationKind.REVIEW_OPENED))


def _went_through_us(request: Request, approver: Person) -> bool:
    """Return whether the approval that Intune shows for this person was our own call in their name."""
    carry = request.carry
    if carry is None or carry.state not in (CarryState.CALLING, CarryState.DONE):
        return False
    return carry.by.account == approver.account


def tighten(change: Change, terms: Terms) -> None:
    """Apply the stricter parts of a configuration that was loaded after the one that the request has."""
    if change.request.config_digest == terms.config_digest:
        return
    later = {(flow.operation, flow.on_top): flow for flow in (*terms.workflows, *terms.guards)}
    workflows = tuple(
        flow.tightened_by(later.get((flow.operation, flow.on_top), flow)) for flow in change.request.workflows
    )
    since = change.request.urgent_since or change.request.opened_at
    ours = deadline_for(workflows, since, change.request.intune_expires_at, change.request.urgent)
    fresh = change.request.needs_one  # the people on call have their own deadline
    deadline = change.request.deadline if fresh else min(ours, change.request.deadline)
    change.request = replace(change.request, workflows=workflows, config_digest=terms.config_digest, deadline=deadline)
    if deadline < change.now or change.request.decision is Decision.OPEN:
        change.plan(Expire(change.request.id), deadline)


def _learn(change: Change, seen: Snapshot) -> None:
    """Store what Intune may report late: the requestor and the expiry."""
    request = change.request
    change.request = replace(
        change.request,
        requestor=_as_known(request.requestor, seen.requestor),
        intune_expires_at=seen.expires_at,
        deadline=min(request.deadline, seen.expires_at) if request.decision is Decision.OPEN else request.deadline,
    )
    if request.decision is not Decision.OPEN:
        return
    own = [vote for vote in request.votes if change.request.is_own_of(vote.voter)]
    for vote in own:
        change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=OwnAfterAll())
        change.plan(TellPerson(request.id, NotificationKind.VOTE_FELL, vote.voter.account))
    change.request = replace(change.request, votes=tuple(vote for vote in request.votes if vote not in own))


def _as_known(earlier: Requestor, seen: Requestor) -> Requestor:
    """Return the requestor as seen now, keeping what was known: an account that is not found now is still the same
    person."""
    if isinstance(earlier, Application) and isinstance(seen, Application):
        return replace(seen, owners=tuple(_joined(owner, earlier.owners) for owner in seen.owners))
    if isinstance(earlier, Person) and isinstance(seen, Person):
        return earlier if earlier.known and not seen.known else _joined(seen, (earlier,))
    return earlier if seen is None else seen


def _joined(person: Person, earlier: Iterable[Person]) -> Person:
    return next((person.joined_with(one) for one in earlier if one.account == person.account), person)


def void_votes_if_changed(change: Change, subject: Subject) -> bool:
    """Void every vote if the reviewed content has changed, because votes are bound to it; return whether it has.
    Content that cannot be read now does not count as changed.

    An earlier approval in Intune is then void as well, and its approver is told.
    """
    request = change.request
    before = request.digest
    change.request = replace(request, hidden=subject.hides(request.subject))
    if change.request.hidden:
        return False
    change.request = replace(change.request, subject=subject)
    if subject.digest() == before:
        _void_outgrown(change)
        return False
    if request.decision is Decision.OPEN:
        _void_votes(change, before, _why_other(request.subject, subject))
    native.void(change, Void.CHANGED_SINCE)
    return True


def _why_other(known: Subject, subject: Subject) -> ContentChanged | ReadableNow:
    """Return why the reviewed content differs: it was changed, or more of it can be read now."""
    shown = known.hides(subject)
    return ReadableNow(shown) if shown else ContentChanged()


def _void_outgrown(change: Change) -> None:
    """Void every vote, and an approval in Intune, that was given when a target group was much smaller."""
    request = change.request
    shown = request.native
    if shown is not None and (more := grown(request.subject, shown.sizes, request.growth)):
        change.request = replace(request, outgrown=more)
        native.void(change, Void.OUTGROWN)
    if request.decision is not Decision.OPEN:
        return
    for vote in change.request.votes:
        if more := grown(request.subject, vote.sizes, request.growth):
            _void_one(change, vote, more)


def _void_one(change: Change, vote: Vote, more: Grown) -> None:
    request = change.request
    because = GroupGrew(more.group, more.before, more.after)
    change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=because)
    change.request = replace(request, votes=tuple(one for one in request.votes if one is not vote), outgrown=more)
    change.plan(Reply(request.id, NotificationKind.GROUP_GREW))
    change.plan(TellPerson(request.id, NotificationKind.GROUP_GREW, vote.voter.account))


def _void_votes(change: Change, before: str, because: ContentChanged | ReadableNow) -> None:
    request = change.request
    change.note(Kind.VOTES_VOID, before=before, after=request.digest, because=because)
    notification = NotificationKind.MORE_READABLE if isinstance(because, ReadableNow) else NotificationKind.VOTES_VOID
    if request.votes:
        change.request = replace(change.request, votes=())
        change.plan(Reply(request.id, notification))
    for vote in request.votes:
        if vote.source is Source.CARD:
            change.plan(TellPerson(request.id, notification, vote.voter.account))


def _follow(
    change: Change, seen: Snapshot, voters: Mapping[str, Eligibility], *, opening: bool = False, changed: bool = False
) -> None:
    before = change.request.intune_status
    moved = seen.status is not before
    if moved:
        change.request = replace(change.request, intune_status=seen.status)
        if seen.status is IntuneStatus.COMPLETED:
            at = min(seen.modified_at or change.now, change.now)
            mark_sent(change, at, seen.filed_at if is_known(seen.filed_at) else None, seen.devices)
            follow_others(change)
        change.note(Kind.RECONCILED, before=before or "", after=seen.status)
    if seen.status in _RUNS:
        unseen = opening or bool(change.request.hidden)
        native.take_note(change, seen, opening=unseen, changed=changed)
    elif (approver := native.approver_of(seen)) is not None and change.request.intune_approver is None:
        change.request = replace(change.request, intune_approver=approver)
    if change.request.decision is Decision.OPEN:
        _follow_undecided(change, seen, voters, moved=moved)
    else:
        _follow_decided(change, seen, moved=moved)
    if change.request.filing is not None:
        follow_filing(change, seen.modified_at, moved=moved)


def _follow_undecided(change: Change, seen: Snapshot, voters: Mapping[str, Eligibility], *, moved: bool) -> None:
    if event := _ending(seen.status):
        _end_outside(change, event, seen)
    elif seen.status in _RUNS:
        drop_fallen_votes(change, voters)
        native.drop_overtaken(change, seen)
        native.count(change, seen)
        if moved or change.request.decision is not Decision.OPEN:
            change.plan(Reply(change.request.id, NotificationKind.DECIDED_ELSEWHERE))
    elif moved:
        native.forget(change)


def _follow_decided(change: Change, seen: Snapshot, *, moved: bool) -> None:
    carry = change.request.carry
    if carry is not None and lifecycle.may(carry.state, CarryEvent.CONFIRMED):
        _confirm_carry(change, carry, seen)
    elif is_for_other_content(change.request) and unlike_decided(change.request) is None:
        _carry_anew(change, OtherContent())
    if not moved or not change.request.is_approved:
        return
    if seen.status is IntuneStatus.NEEDS_APPROVAL:
        _want_it_anew(change)
    elif seen.status is IntuneStatus.APPROVED and change.request.filing is None:
        waits_for_completion(change)
    elif _ending(seen.status):
        change.plan(Reply(change.request.id, NotificationKind.DECIDED_ELSEWHERE))


def _want_it_anew(change: Change) -> None:
    """Ask for the decision to be carried again: Intune withdrew the approval that we had carried."""
    native.forget(change)
    _carry_anew(change, TakenBack())


def _carry_anew(change: Change, problem: Problem) -> None:
    """Let an approver carry the decision again, because Intune does not, or no longer, hold it."""
    request = change.request
    if request.carry is not None and lifecycle.may(request.carry.state, CarryEvent.UNDONE):
        change.request = replace(change.request, carry=after(request.carry, CarryEvent.UNDONE, problem))
        change.plan(Reply(request.id, NotificationKind.WAITS_FOR_ONE))


def _end_outside(change: Change, event: DecisionEvent, seen: Snapshot) -> None:
    decision = lifecycle.decide(change.request.decision, event)
    change.request = replace(change.request, decided=Decided(decision, change.now, source=Source.PORTAL))
    who = seen.approver.person if seen.approver else None
    change.note(
        Kind.DECIDED_OUTSIDE, who, Identified.BY_INTUNE, before=Decision.OPEN, after=decision, why=seen.approval_note
    )
    expired = decision is Decision.EXPIRED
    change.plan(Reply(change.request.id, NotificationKind.EXPIRED if expired else NotificationKind.DECIDED_ELSEWHERE))
    if decision is Decision.REJECTED:
        tell_requestor(change, NotificationKind.REJECTED)


def _confirm_carry(change: Change, carry: Carry, seen: Snapshot) -> None:
    request = change.request
    if _agree(request.decision, seen.status) and not is_for_other_content(request):
        change.request = replace(request, carry=after(carry, CarryEvent.CONFIRMED))
    elif lifecycle.is_over(seen.status) and carry.state is not CarryState.TROUBLED:
        change.request = replace(request, carry=after(carry, CarryEvent.TOO_LATE, EndedUntold()))
    elif (problem := _why_cut(carry, change.now)) is not None:
        change.request = replace(request, carry=after(carry, CarryEvent.FAILED, problem))
        change.plan(Reply(request.id, NotificationKind.WAITS_FOR_ONE))


def _ending(status: IntuneStatus) -> DecisionEvent | None:
    """Return the event for a status that ended the request without running it, or nothing."""
    match status:
        case IntuneStatus.REJECTED:
            return DecisionEvent.REJECTED_IN_INTUNE
        case IntuneStatus.CANCELLED:
            return DecisionEvent.CANCELLED_IN_INTUNE
        case IntuneStatus.EXPIRED:
            return DecisionEvent.EXPIRED_IN_INTUNE
        case IntuneStatus.NEEDS_APPROVAL | IntuneStatus.APPROVED | IntuneStatus.COMPLETED | IntuneStatus.UNKNOWN:
            return None
        case _:
            assert_never(status)


def _agree(decision: Decision, status: IntuneStatus) -> bool:
    """Return whether Intune shows what was decided here."""
    match decision.verdict:
        case Verdict.APPROVE:
            return status in _RUNS
        case Verdict.REJECT:
            return status in (IntuneStatus.REJECTED, IntuneStatus.CANCELLED)
        case None:
            return False
        case _:
            assert_never(decision.verdict)


def _why_cut(carry: Carry, now: datetime) -> Problem | None:
    """Return why an overdue carry has no result; nothing while there is still time."""
    if carry.state is CarryState.CALLING and now >= carry.since + CALL_LEASE:
        return CutOff(carry.by.name)
    if carry.state is CarryState.WANTED and now >= carry.since + SIGN_IN_TIME:
        return NotSignedIn(carry.by.name)
    return None
