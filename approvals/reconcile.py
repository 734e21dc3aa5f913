"""What Intune shows becomes part of our state: opening a request, and following it to Intune's own end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from approvals import lifecycle
from approvals.audit import Identified, Kind
from approvals.carry import CALL_LEASE
from approvals.decide import (
    SIGN_IN_TIME,
    approve_if_reached,
    approver_group_ids,
    drop_fallen_votes,
    may_vote,
    tell_requestor,
    waits_for_completion,
)
from approvals.draft import Draft
from approvals.effects import Alarm, Expire, Occasion, PostCards, Reply, TellPerson
from approvals.lifecycle import CarryHappening, Happening
from approvals.outcome import Outcome
from approvals.policy import Workflow
from approvals.quorum import progress
from approvals.request import (
    Carry,
    CarryState,
    Decision,
    DecisionsMode,
    IntuneStatus,
    Request,
    Source,
    Verdict,
    Vote,
    deadline_for,
)
from approvals.sighting import Sighting, Standing


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which configuration a request is opened or followed."""

    workflows: tuple[Workflow, ...]
    config_digest: str
    decisions: DecisionsMode


_RUNS = frozenset({IntuneStatus.APPROVED, IntuneStatus.COMPLETED})

_ENDINGS = {
    IntuneStatus.REJECTED: Happening.REJECTED_IN_INTUNE,
    IntuneStatus.CANCELLED: Happening.CANCELLED_IN_INTUNE,
    IntuneStatus.EXPIRED: Happening.EXPIRED_IN_INTUNE,
}

_AGREES = {
    Decision.APPROVED: _RUNS,
    Decision.REJECTED: frozenset({IntuneStatus.REJECTED, IntuneStatus.CANCELLED}),
}


def open_request(request_id: str, seen: Sighting, terms: Terms, now: datetime, *, history: bool) -> Outcome:
    """Take up a request that was seen for the first time.

    What was closed before the bot first ran (`history`) is only recorded. Everything else is posted, also what was
    approved while nobody looked: that alarms. What was ended without running needs no card.
    """
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
        deadline=deadline_for(terms.workflows, now, seen.expires_at, urgent=False),
        intune_expires_at=seen.expires_at,
    )
    draft = Draft(request, now)
    draft.note(Kind.PICKED_UP, after=seen.status, why=" and ".join(flow.operation for flow in terms.workflows))
    if history and lifecycle.is_over(seen.status):
        draft.set(intune_status=seen.status)
        return replace(draft.outcome(), planned=())
    if seen.status not in _ENDINGS:
        draft.plan(PostCards(request_id))
        draft.plan(Expire(request_id), request.deadline)
    if any(flow.alarms for flow in terms.workflows):
        draft.plan(Alarm(request_id, Occasion.POLICY_CHANGE))
    _follow(draft, seen, {})
    return draft.outcome()


def reconcile(request: Request, seen: Sighting, terms: Terms, voters: Mapping[str, Standing], now: datetime) -> Outcome:
    """Bring a known request up to what Intune shows now. The same sighting twice changes nothing.

    `voters` are fresh standings of everybody who has voted, by account.
    """
    draft = Draft(request, now)
    if request.config_digest != terms.config_digest:
        _tighten(draft, terms)
    _learn(draft, seen)
    if not (request.ended_in_intune or lifecycle.is_over(seen.status)):
        _compare_subject(draft, seen)  # what was carried out looks different by its own doing
    _follow(draft, seen, voters)
    return draft.outcome()


def _tighten(draft: Draft, terms: Terms) -> None:
    later = {workflow.operation: workflow for workflow in terms.workflows}
    workflows = tuple(
        workflow.tightened_by(later[workflow.operation]) if workflow.operation in later else workflow
        for workflow in draft.request.workflows
    )
    ours = deadline_for(workflows, draft.request.opened_at, draft.request.intune_expires_at, draft.request.urgent)
    deadline = min(ours, draft.request.deadline)
    draft.set(workflows=workflows, config_digest=terms.config_digest, deadline=deadline)
    if deadline < draft.now or draft.request.decision is Decision.OPEN:
        draft.plan(Expire(draft.request.id), deadline)


def _learn(draft: Draft, seen: Sighting) -> None:
    """Take over what Intune tells late: who asked, and until when."""
    request = draft.request
    draft.set(
        requestor=seen.requestor if seen.requestor is not None else request.requestor,
        intune_expires_at=seen.expires_at,
        deadline=min(request.deadline, seen.expires_at) if request.decision is Decision.OPEN else request.deadline,
    )
    if request.decision is not Decision.OPEN:
        return
    own = [vote for vote in request.votes if draft.request.is_own_of(vote.voter)]
    for vote in own:
        draft.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, why="it turned out to be their own request")
        draft.plan(TellPerson(request.id, Occasion.VOTE_FELL, vote.voter.account))
    draft.set(votes=tuple(vote for vote in request.votes if vote not in own))


def _compare_subject(draft: Draft, seen: Sighting) -> None:
    """Votes bind to what was reviewed: if that changes, they are void."""
    request = draft.request
    if seen.subject == request.subject:
        return
    before = request.digest
    draft.set(subject=seen.subject)
    if seen.subject.digest() == before or request.decision is not Decision.OPEN:
        return
    draft.note(Kind.VOTES_VOID, before=before, after=draft.request.digest, why="the request was changed in Intune")
    if request.votes:
        draft.set(votes=())
        draft.plan(Reply(request.id, Occasion.VOTES_VOID))
    for vote in request.votes:
        draft.plan(TellPerson(request.id, Occasion.VOTES_VOID, vote.voter.account))


def _follow(draft: Draft, seen: Sighting, voters: Mapping[str, Standing]) -> None:
    before = draft.request.intune_status
    moved = seen.status is not before
    if moved:
        draft.set(intune_status=seen.status, execution=lifecycle.execute(draft.request.execution, seen.status))
        draft.note(Kind.RECONCILED, before=before or "", after=seen.status)
    if draft.request.decision is Decision.OPEN:
        _follow_undecided(draft, seen, voters, moved=moved)
    else:
        _follow_decided(draft, seen, moved=moved)
    if seen.approver is not None and draft.request.intune_approver is None:
        draft.set(intune_approver=seen.approver.person)


def _follow_undecided(draft: Draft, seen: Sighting, voters: Mapping[str, Standing], *, moved: bool) -> None:
    if happening := _ENDINGS.get(seen.status):
        _end_outside(draft, happening, seen)
    elif seen.status in _RUNS:
        drop_fallen_votes(draft, voters)
        _count_native_approval(draft, seen)
        if moved or draft.request.decision is not Decision.OPEN:
            draft.plan(Reply(draft.request.id, Occasion.DECIDED_ELSEWHERE))
    elif moved:
        _forget_native_approval(draft)


def _follow_decided(draft: Draft, seen: Sighting, *, moved: bool) -> None:
    if draft.request.carry.state not in (CarryState.NONE, CarryState.DONE):
        _settle_carry(draft, seen)
    if not moved or draft.request.decision is not Decision.APPROVED:
        return
    if seen.status is IntuneStatus.APPROVED:
        waits_for_completion(draft)
    elif seen.status in _ENDINGS:
        draft.plan(Reply(draft.request.id, Occasion.DECIDED_ELSEWHERE))


def _forget_native_approval(draft: Draft) -> None:
    """Intune took an approval back: it is nobody's vote any more."""
    votes = tuple(vote for vote in draft.request.votes if vote.source is not Source.PORTAL)
    draft.set(votes=votes, intune_approver=None)


def _end_outside(draft: Draft, happening: Happening, seen: Sighting) -> None:
    decision = lifecycle.decide(draft.request.decision, happening)
    draft.set(decision=decision, decided_at=draft.now, decided_in=Source.PORTAL)
    who = seen.approver.person if seen.approver else None
    draft.note(
        Kind.DECIDED_OUTSIDE, who, Identified.BY_INTUNE, before=Decision.OPEN, after=decision, why=seen.approval_note
    )
    expired = decision is Decision.EXPIRED
    draft.plan(Reply(draft.request.id, Occasion.EXPIRED if expired else Occasion.DECIDED_ELSEWHERE))
    if decision is Decision.REJECTED:
        tell_requestor(draft, Occasion.REJECTED)


def _count_native_approval(draft: Draft, seen: Sighting) -> None:
    """An approval given in the portal by somebody who may vote here is their vote; without quorum it only alarms."""
    approver = seen.approver
    if approver is None or draft.request.vote_of(approver.person) or may_vote(draft.request, approver):
        return
    vote = Vote(
        voter=approver.person,
        verdict=Verdict.APPROVE,
        at=seen.modified_at,
        digest=draft.request.digest,
        groups=approver.groups & approver_group_ids(draft.request),
        note=seen.approval_note,
        source=Source.PORTAL,
    )
    draft.set(votes=draft.request.with_vote(vote).votes)
    draft.note(
        Kind.DECIDED_OUTSIDE,
        approver.person,
        Identified.BY_INTUNE,
        after=Verdict.APPROVE,
        why=f"approved in Intune; {progress(draft.request)}",
    )
    approve_if_reached(draft, Source.PORTAL)


def _settle_carry(draft: Draft, seen: Sighting) -> None:
    request = draft.request
    if seen.status in _AGREES[request.decision]:
        state = lifecycle.carry(request.carry.state, CarryHappening.SETTLED)
        draft.set(carry=replace(request.carry, state=state, problem=""))
    elif lifecycle.is_over(seen.status) and request.carry.state is not CarryState.TROUBLED:
        state = lifecycle.carry(request.carry.state, CarryHappening.TOO_LATE)
        draft.set(carry=replace(request.carry, state=state, problem="Intune ended the request before it was told."))
    elif problem := _why_cut(request.carry, draft.now):
        state = lifecycle.carry(request.carry.state, CarryHappening.FAILED)
        draft.set(carry=replace(request.carry, state=state, problem=problem))
        draft.plan(Reply(request.id, Occasion.WAITS_FOR_ONE))


def _why_cut(carry: Carry, now: datetime) -> str:
    """Why nothing has come of a carry that should be over by now; empty while there is still time."""
    who = carry.by.name if carry.by else "Somebody"
    if carry.since is None:
        return ""
    if carry.state is CarryState.CALLING and now >= carry.since + CALL_LEASE:
        return f"{who} was telling Intune when the connection was cut."
    if carry.state is CarryState.WANTED and now >= carry.since + SIGN_IN_TIME:
        return f"{who} has not signed in yet."
    return ""
