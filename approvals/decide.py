"""Voting: what a person's verdict changes, or why it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.causes import Counted, NoApproverAnyMore
from approvals.change import Change
from approvals.disagreement import Disagreement
from approvals.effects import (
    AwaitIntune,
    Complete,
    Expire,
    File,
    GiveUp,
    MailPerson,
    NotificationKind,
    Reply,
    TellPerson,
)
from approvals.emergency import ANSWER_TIME
from approvals.fingerprint import seen_with
from approvals.growth import grown
from approvals.lifecycle import CarryEvent, DecisionEvent, FilingEvent
from approvals.order import FilingState
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.quorum import is_decidable, is_only_followed, quorum_reached, seats_of, tallies
from approvals.refusals import Refusal
from approvals.request import (
    Carry,
    Decided,
    Decision,
    DecisionsMode,
    FinalDecision,
    IntuneStatus,
    Request,
    Source,
    Verdict,
    Vote,
)
from approvals.snapshot import Eligibility
from approvals.subject import Size

SIGN_IN_TIME = timedelta(minutes=2)
"""Time for the deciding person to sign in, before the thread asks others to finish."""


FILE_AFTER = timedelta(seconds=10)
"""Delay before filing. A person who is signed in silently files and carries at once, well before it."""

REMIND_BEFORE = timedelta(hours=12)
"""Time between the reminder to complete an approved request and its end in Intune."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A verdict as submitted. `fingerprint` says what the person saw (`approvals/fingerprint.py`)."""

    eligibility: Eligibility
    verdict: Verdict
    fingerprint: str
    identified: Identified
    note: str = ""

    @property
    def voter(self) -> Person:
        """The person who votes."""
        return self.eligibility.person


def cast_vote(request: Request, ballot: Ballot, voters: Mapping[str, Eligibility], now: datetime) -> Outcome:
    """Count this verdict. `voters` are fresh standings of everybody who has already voted, by account.

    Votes of people who may no longer vote are removed first. A rejection decides at once, an approval when it completes
    the quorum.
    """
    change = Change(request, now)
    if refusal := why_not_vote(request, ballot, now):
        return change.refuse(refusal, ballot.voter, ballot.identified)
    drop_fallen_votes(change, voters)
    if not _says_the_same(change.request.vote_of(ballot.voter), ballot, change.request.digest):
        _record_vote(change, ballot)
    if ballot.verdict is Verdict.REJECT:
        _reject(change, ballot)
    else:
        approve_if_reached(change, Source.CARD)
    return change.outcome()


def withdraw(request: Request, person: Person, identified: Identified, now: datetime) -> Outcome:
    """Withdraw one's own vote, as long as the request is open."""
    change = Change(request, now)
    vote = request.vote_of(person)
    refusal: Refusal
    if vote is None:
        refusal = refusals.NothingToWithdraw()
    elif not request.takes_votes:
        refusal = refusals.VotesAreFrozen()
    elif vote.source is Source.PORTAL:
        refusal = refusals.VotesAreFrozen(in_intune=True)
    else:
        change.request = replace(change.request, votes=tuple(cast for cast in request.votes if cast is not vote))
        change.note(
            Kind.VOTE_WITHDRAWN,
            person,
            identified,
            before=vote.verdict,
            because=Counted(tallies(change.request)),
            evidence=_other_account(vote, person),
        )
        return change.outcome()
    return change.refuse(refusal, person, identified)


def expire(request: Request, now: datetime) -> Outcome:
    """Close the vote once our deadline has passed; do nothing before, or if there is no open vote."""
    change = Change(request, now)
    if request.is_asked_alone:
        change.plan(Expire(request.id), now + ANSWER_TIME)
    elif _may_expire(request) and now >= request.deadline:
        drop(change)
        decision = lifecycle.decide(request.decision, DecisionEvent.DEADLINE_PASSED)
        change.request = replace(change.request, decided=Decided(decision, now))
        change.note(Kind.EXPIRED, before=Decision.OPEN, after=Decision.EXPIRED, because=Counted(tallies(request)))
        change.plan(Reply(request.id, NotificationKind.EXPIRED))
        if request.filing is not None:
            tell_requestor(change, NotificationKind.EXPIRED)
    return change.outcome()


def _may_expire(request: Request) -> bool:
    return lifecycle.may(request.decision, DecisionEvent.DEADLINE_PASSED) and not is_only_followed(request)


def why_not_vote(request: Request, ballot: Ballot, now: datetime) -> Refusal | None:
    """Return why this ballot would not count now: the person, a missing proof, or a missing note."""
    return (
        why_not(request, ballot.eligibility, ballot.fingerprint, now)
        or _refuse_for_unknown_requestor(request, ballot)
        or _refuse_without_note(ballot)
    )


def why_not(request: Request, eligibility: Eligibility, fingerprint: str, now: datetime) -> Refusal | None:
    """Return the first reason why this person cannot vote now: closed, too late, changed, own request, not an
    approver."""
    if not request.takes_votes:
        return refusals.Closed(request.decision, request.intune_status)
    if request.intune_status is IntuneStatus.UNKNOWN:
        return refusals.Disagrees(Disagreement.UNKNOWN_STATUS)
    if now >= request.deadline:
        return refusals.DeadlinePassed()
    return why_not_as_shown(request, fingerprint) or may_vote(request, eligibility)


def why_not_as_shown(request: Request, fingerprint: str) -> Refusal | None:
    """Return why the present content differs from what this person saw, or nothing."""
    seen = seen_with(request.subject, fingerprint)
    if seen is None:
        return refusals.Changed()
    more = grown(request.subject, seen, request.growth)
    return refusals.Grew(more.group, more.before, more.after) if more else None


def may_vote(request: Request, eligibility: Eligibility) -> Refusal | None:
    """Return why this person could not vote at all, whatever the request's state, or nothing."""
    if not is_decidable(request):
        return why_nobody(request)
    if request.is_own_of(eligibility.person):
        return refusals.OwnRequest()
    if request.is_called_by(eligibility.person):
        return refusals.OwnRequest(glass=True)
    if not eligibility.active:
        return refusals.AccountInactive("approve")
    if not eligibility.groups & approver_group_ids(request):
        return refusals.NotAnApprover(approver_group_names(request))
    return None


def why_nobody(request: Request) -> refusals.WorkflowsClosed:
    """Return the refusal for a request that cannot be decided here."""
    return refusals.WorkflowsClosed(tuple(workflow.operation for workflow in request.workflows if not workflow.enabled))


def approver_group_ids(request: Request) -> frozenset[str]:
    """Return the object ids of all approver groups of the request."""
    return frozenset[str]().union(*(workflow.group_ids for workflow in request.workflows))


def approver_group_names(request: Request) -> tuple[str, ...]:
    """Return the names of all approver groups."""
    return tuple(dict.fromkeys(group.name for workflow in request.workflows for group in workflow.groups))


def drop_fallen_votes(change: Change, voters: Mapping[str, Eligibility]) -> None:
    """Remove the votes of people who may no longer vote, record them and tell the voters; refresh the other voters'
    groups."""
    kept: list[Vote] = []
    for vote in change.request.votes:
        fresh = _as_it_stands(change.request, vote, voters.get(vote.voter.account))
        if fresh is not None:
            kept.append(fresh)
            continue
        change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=NoApproverAnyMore())
        change.plan(TellPerson(change.request.id, NotificationKind.VOTE_FELL, vote.voter.account))
    change.request = replace(change.request, votes=tuple(kept))


def approve_if_reached(change: Change, source: Source) -> None:
    """Approve if the quorum is reached; if one more person is enough, say so in the thread."""
    if quorum_reached(change.request):
        happened = lifecycle.decide(change.request.decision, DecisionEvent.QUORUM_REACHED)
        finalise(change, happened, change.request.votes[-1].voter, source)
        counted = {vote.voter.account: " ".join(sorted(vote.groups)) for vote in change.request.votes}
        change.note(
            Kind.QUORUM_REACHED,
            before=Decision.OPEN,
            after=change.request.decision,
            because=Counted(tallies(change.request)),
            evidence={f"groups of {account}": groups for account, groups in counted.items()},
        )
        if change.request.intune_status is IntuneStatus.APPROVED:
            waits_for_completion(change)
    elif sum(count.need - count.have for count in tallies(change.request)) == 1:
        change.plan(Reply(change.request.id, NotificationKind.WAITS_FOR_ONE))


def _refuse_for_unknown_requestor(request: Request, ballot: Ballot) -> Refusal | None:
    """Refuse an approval if the requestor is unknown. Exception: where one approval is enough, a person may approve
    with their own token, because Intune refuses the requestor's own approval.

    A rejection is always allowed: at worst, the voter ends their own request.
    """
    if request.asker_is_known or ballot.verdict is Verdict.REJECT:
        return None
    if request.requestor is not None:
        return refusals.RequestorUnknown(named=True)
    if len(seats_of(request)) != 1 or request.decisions is not DecisionsMode.CARRY:
        return refusals.RequestorUnknown(named=False)
    if ballot.identified is not Identified.BY_TOKEN:
        return refusals.SignInFirst()
    return None


def _refuse_without_note(ballot: Ballot) -> Refusal | None:
    if ballot.verdict is Verdict.REJECT and not ballot.note.strip():
        return refusals.NothingWritten("reject")
    return None


def _says_the_same(vote: Vote | None, ballot: Ballot, digest: str) -> bool:
    return vote is not None and vote.verdict is ballot.verdict and vote.digest == digest


def _as_it_stands(request: Request, vote: Vote, eligibility: Eligibility | None) -> Vote | None:
    """Return the vote with its voter's present groups and accounts, or nothing if it no longer counts."""
    if eligibility is None or not eligibility.active or request.is_own_of(eligibility.person):
        return None
    if request.is_called_by(eligibility.person):
        return None
    voter = eligibility.person.joined_with(vote.voter)
    groups = eligibility.groups & approver_group_ids(request)
    if groups:
        return replace(vote, voter=voter, groups=groups)
    keeps = all(workflow.keeps_votes for workflow in request.workflows)
    return replace(vote, voter=voter) if keeps else None


def _record_vote(change: Change, ballot: Ballot) -> None:
    before = change.request.vote_of(ballot.voter)
    vote = Vote(
        voter=ballot.voter,
        verdict=ballot.verdict,
        at=change.now,
        digest=change.request.digest,
        groups=ballot.eligibility.groups & approver_group_ids(change.request),
        note=ballot.note.strip(),
        sizes=seen_with(change.request.subject, ballot.fingerprint) or (),
    )
    change.request = replace(change.request, votes=change.request.with_vote(vote).votes)
    change.note(
        Kind.VOTED,
        ballot.voter,
        ballot.identified,
        before=before.verdict if before else "",
        after=ballot.verdict,
        why=vote.note,
        evidence={"groups": " ".join(sorted(vote.groups)), **_other_account(before, ballot.voter)},
    )


def _other_account(before: Vote | None, voter: Person) -> dict[str, str]:
    """Return the account of this person's earlier vote, if it was a different one."""
    other = before.voter.account if before and before.voter.account != voter.account else ""
    return {"in_place_of": other} if other else {}


def _reject(change: Change, ballot: Ballot) -> None:
    finalise(change, lifecycle.decide(change.request.decision, DecisionEvent.REJECTED), ballot.voter, Source.CARD)
    change.note(
        Kind.REJECTED, ballot.voter, ballot.identified, before=Decision.OPEN, after=Decision.REJECTED, why=ballot.note
    )
    change.plan(Reply(change.request.id, NotificationKind.REJECTED))
    tell_requestor(change, NotificationKind.REJECTED)


def finalise(
    change: Change, decision: FinalDecision, by: Person, source: Source, sizes: tuple[Size, ...] | None = None
) -> None:
    """Make the decision final, and plan to carry it as this person if Intune still waits for one. `sizes` are those
    that a single deciding person saw; without them, the sizes read last are used.

    An order from chat is filed only now, or never; a drill ends here.
    """
    request = change.request
    seen = request.subject.sizes if sizes is None else sizes
    decided = Decided(decision, change.now, request.digest, source, seen)
    change.request = replace(change.request, decided=decided)
    waits = change.request.intune_status is IntuneStatus.NEEDS_APPROVAL
    if change.request.filing is not None:
        waits = change.request.is_approved and not change.request.drill
        if waits:
            signs_in = change.request.decisions is DecisionsMode.CARRY
            change.plan(File(change.request.id), change.now + FILE_AFTER if signs_in else None)
            change.plan(GiveUp(change.request.id), change.request.intune_expires_at)
        else:
            drop(change)
    if waits and change.request.decisions is DecisionsMode.CARRY:
        state = lifecycle.carry(change.request.carry_state, CarryEvent.DECIDED)
        change.request = replace(change.request, carry=Carry(state, by=by, since=change.now))
        change.plan(AwaitIntune(change.request.id), change.now + SIGN_IN_TIME)


def drop(change: Change) -> None:
    """Give up an order: it will not be filed or completed."""
    filing = change.request.filing
    if filing is not None and filing.state is not FilingState.DROPPED:
        state = lifecycle.file(filing.state, FilingEvent.DROPPED)
        dropped = replace(filing, state=state, since=change.now, sealed_call="")
        change.request = replace(change.request, filing=dropped)


def tell_requestor(change: Change, notification: NotificationKind) -> None:
    """Tell the person who asked, if known; a decision also by mail."""
    asker = change.request.initiator or change.request.requestor
    if isinstance(asker, Person):
        change.plan(TellPerson(change.request.id, notification, asker.account))
        if notification in _MAILED:
            change.plan(MailPerson(change.request.id, notification, asker.account))


_MAILED = frozenset({NotificationKind.APPROVED, NotificationKind.REJECTED, NotificationKind.EXPIRED})


def waits_for_completion(change: Change) -> None:
    """Plan what follows approval here and in Intune: we complete our own order; otherwise the requestor has to complete
    it."""
    request = change.request
    if request.filing is not None:
        change.plan(Complete(request.id))  # our own order
        return
    change.plan(Reply(request.id, NotificationKind.APPROVED))
    tell_requestor(change, NotificationKind.APPROVED)
    asker = request.requestor
    due = request.intune_expires_at - REMIND_BEFORE
    if isinstance(asker, Person) and due > change.now:
        change.plan(TellPerson(request.id, NotificationKind.COMPLETE_SOON, asker.account), due)
