"""Voting: what one person's verdict does to a request, or why it does nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.causes import Counted, NoApproverAnyMore
from approvals.change import Change
from approvals.disagreement import Disagreement
from approvals.effects import AwaitIntune, Complete, Expire, File, GiveUp, MailPerson, Occasion, Reply, TellPerson
from approvals.emergency import ANSWER_TIME
from approvals.growth import grown
from approvals.lifecycle import CarryHappening, FilingHappening, Happening
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
from approvals.sighting import Standing
from approvals.subject import Size
from approvals.witness import seen_with

SIGN_IN_TIME = timedelta(minutes=2)
"""How long the deciding person has to sign in before the thread asks somebody to finish."""


FILE_AFTER = timedelta(seconds=10)
"""Who is signed in silently files and carries in one go, well before this; for everybody else it is filed then."""

REMIND_BEFORE = timedelta(hours=12)
"""So long before Intune ends an approved request, the one who has to complete it is reminded."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A verdict as it was handed in. `witness` says what the person was looking at (`approvals/witness.py`)."""

    standing: Standing
    verdict: Verdict
    witness: str
    identified: Identified
    note: str = ""

    @property
    def voter(self) -> Person:
        """Who votes."""
        return self.standing.person


def cast_vote(request: Request, ballot: Ballot, voters: Mapping[str, Standing], now: datetime) -> Outcome:
    """Count this verdict. `voters` are fresh standings of everybody who has voted already, by account.

    A vote whose voter may not vote any more falls away first; a rejection decides at once, an approval when it
    completes the quorum.
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
    """Take one's own vote back, as long as the quorum is open."""
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
    """Close the vote when our deadline has passed; nothing happens before it, or where there is no vote to close."""
    change = Change(request, now)
    if request.is_asked_alone:
        change.plan(Expire(request.id), now + ANSWER_TIME)
    elif _may_expire(request) and now >= request.deadline:
        drop(change)
        decision = lifecycle.decide(request.decision, Happening.DEADLINE_PASSED)
        change.request = replace(change.request, decided=Decided(decision, now))
        change.note(Kind.EXPIRED, before=Decision.OPEN, after=Decision.EXPIRED, because=Counted(tallies(request)))
        change.plan(Reply(request.id, Occasion.EXPIRED))
        if request.filing is not None:
            tell_requestor(change, Occasion.EXPIRED)
    return change.outcome()


def _may_expire(request: Request) -> bool:
    return lifecycle.may(request.decision, Happening.DEADLINE_PASSED) and not is_only_followed(request)


def why_not_vote(request: Request, ballot: Ballot, now: datetime) -> Refusal | None:
    """Why this ballot would not count now: the person, what they have not proved, or the note that is missing."""
    return (
        why_not(request, ballot.standing, ballot.witness, now)
        or _refuse_for_unknown_requestor(request, ballot)
        or _refuse_without_note(ballot)
    )


def why_not(request: Request, standing: Standing, witness: str, now: datetime) -> Refusal | None:
    """Why this person cannot vote now: the first that holds of closed, too late, changed, own, not an approver."""
    if not request.takes_votes:
        return refusals.Closed(request.decision, request.intune_status)
    if request.intune_status is IntuneStatus.UNKNOWN:
        return refusals.Disagrees(Disagreement.UNKNOWN_STATUS)
    if now >= request.deadline:
        return refusals.DeadlinePassed()
    return why_not_as_shown(request, witness) or may_vote(request, standing)


def why_not_as_shown(request: Request, witness: str) -> Refusal | None:
    """Why what there is now is not what this person was looking at; nothing if it is."""
    seen = seen_with(request.subject, witness)
    if seen is None:
        return refusals.Changed()
    more = grown(request.subject, seen, request.growth)
    return refusals.Grew(more.group, more.before, more.after) if more else None


def may_vote(request: Request, standing: Standing) -> Refusal | None:
    """Whether this person could vote at all, whatever the state of the request: the reason if not."""
    if not is_decidable(request):
        return why_nobody(request)
    if request.is_own_of(standing.person):
        return refusals.OwnRequest()
    if request.is_called_by(standing.person):
        return refusals.OwnRequest(glass=True)
    if not standing.active:
        return refusals.AccountInactive("approve")
    if not standing.groups & approver_group_ids(request):
        return refusals.NotAnApprover(approver_group_names(request))
    return None


def why_nobody(request: Request) -> refusals.WorkflowsClosed:
    """Why this request is decided by nobody here."""
    return refusals.WorkflowsClosed(tuple(workflow.operation for workflow in request.workflows if not workflow.enabled))


def approver_group_ids(request: Request) -> frozenset[str]:
    """The object ids of all approver groups of the request."""
    return frozenset[str]().union(*(workflow.group_ids for workflow in request.workflows))


def approver_group_names(request: Request) -> tuple[str, ...]:
    """The names of all approver groups."""
    return tuple(dict.fromkeys(group.name for workflow in request.workflows for group in workflow.groups))


def drop_fallen_votes(change: Change, voters: Mapping[str, Standing]) -> None:
    """Remove the votes of people who may not vote any more, name them and tell them; refresh the others' groups."""
    kept: list[Vote] = []
    for vote in change.request.votes:
        fresh = _as_it_stands(change.request, vote, voters.get(vote.voter.account))
        if fresh is not None:
            kept.append(fresh)
            continue
        change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=NoApproverAnyMore())
        change.plan(TellPerson(change.request.id, Occasion.VOTE_FELL, vote.voter.account))
    change.request = replace(change.request, votes=tuple(kept))


def approve_if_reached(change: Change, source: Source) -> None:
    """Decide if the quorum is reached; say in the thread when one more person is all it takes."""
    if quorum_reached(change.request):
        happened = lifecycle.decide(change.request.decision, Happening.QUORUM_REACHED)
        settle(change, happened, change.request.votes[-1].voter, source)
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
        change.plan(Reply(change.request.id, Occasion.WAITS_FOR_ONE))


def _refuse_for_unknown_requestor(request: Request, ballot: Ballot) -> Refusal | None:
    """Nobody can be excluded by name. One person may approve on their own token, for Intune refuses a requestor.

    A rejection needs no such proof: at worst somebody gives up what they asked for.
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


def _as_it_stands(request: Request, vote: Vote, standing: Standing | None) -> Vote | None:
    """The vote with its voter's groups and accounts of this moment, or nothing if it does not stand any more."""
    if standing is None or not standing.active or request.is_own_of(standing.person):
        return None
    if request.is_called_by(standing.person):
        return None
    voter = standing.person.joined_with(vote.voter)
    groups = standing.groups & approver_group_ids(request)
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
        groups=ballot.standing.groups & approver_group_ids(change.request),
        note=ballot.note.strip(),
        sizes=seen_with(change.request.subject, ballot.witness) or (),
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
    """With which of their accounts this human had voted, where it was another one."""
    other = before.voter.account if before and before.voter.account != voter.account else ""
    return {"in_place_of": other} if other else {}


def _reject(change: Change, ballot: Ballot) -> None:
    settle(change, lifecycle.decide(change.request.decision, Happening.REJECTED), ballot.voter, Source.CARD)
    change.note(
        Kind.REJECTED, ballot.voter, ballot.identified, before=Decision.OPEN, after=Decision.REJECTED, why=ballot.note
    )
    change.plan(Reply(change.request.id, Occasion.REJECTED))
    tell_requestor(change, Occasion.REJECTED)


def settle(
    change: Change, decision: FinalDecision, by: Person, source: Source, sizes: tuple[Size, ...] | None = None
) -> None:
    """Make the decision final, and want it carried by this person if Intune still waits for one. `sizes` are those that
    one person alone decided on; without them what was seen last counts.

    What was asked for in chat is filed only now, or never; a drill ends here.
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
        state = lifecycle.carry(change.request.carry_state, CarryHappening.DECIDED)
        change.request = replace(change.request, carry=Carry(state, by=by, since=change.now))
        change.plan(AwaitIntune(change.request.id), change.now + SIGN_IN_TIME)


def drop(change: Change) -> None:
    """Give an order up: it is not filed, or not completed, any more."""
    filing = change.request.filing
    if filing is not None and filing.state is not FilingState.DROPPED:
        state = lifecycle.file(filing.state, FilingHappening.DROPPED)
        dropped = replace(filing, state=state, since=change.now, sealed_call="")
        change.request = replace(change.request, filing=dropped)


def tell_requestor(change: Change, occasion: Occasion) -> None:
    """Tell the person who asked, where that is known; a decision by mail as well."""
    asker = change.request.initiator or change.request.requestor
    if isinstance(asker, Person):
        change.plan(TellPerson(change.request.id, occasion, asker.account))
        if occasion in _MAILED:
            change.plan(MailPerson(change.request.id, occasion, asker.account))


_MAILED = frozenset({Occasion.APPROVED, Occasion.REJECTED, Occasion.EXPIRED})


def waits_for_completion(change: Change) -> None:
    """Approved here and in Intune: nothing happens until the one who filed it completes it. That may be us."""
    request = change.request
    if request.filing is not None:
        change.plan(Complete(request.id))  # that is for us to do
        return
    change.plan(Reply(request.id, Occasion.APPROVED))
    tell_requestor(change, Occasion.APPROVED)
    asker = request.requestor
    due = request.intune_expires_at - REMIND_BEFORE
    if isinstance(asker, Person) and due > change.now:
        change.plan(TellPerson(request.id, Occasion.COMPLETE_SOON, asker.account), due)
