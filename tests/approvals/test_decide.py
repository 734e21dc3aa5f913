"""Votes, refusals, withdrawals and deadlines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals import refusals
from approvals.audit import Identified, Kind
from approvals.causes import NoApproverAnyMore
from approvals.decide import cast_vote, expire, withdraw
from approvals.effects import Expire, NotificationKind, RefreshCards, Reply, TellPerson
from approvals.outcome import Outcome
from approvals.people import Application, Requestor
from approvals.request import CarryState, Decision, DecisionsMode, IntuneStatus, Request, Source, Verdict
from approvals.snapshot import Eligibility
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
    workflow,
)

ONE = workflow(required=1, groups=(ADMINS,))


def vote(on: Request, eligibility: Eligibility, verdict: Verdict = Verdict.APPROVE, **others: Eligibility) -> Outcome:
    """Cast a vote; the other voters have the given eligibilities."""
    return cast_vote(on, ballot(eligibility, on, verdict), others, NOW)


def kinds(outcome: Outcome) -> list[Kind]:
    """Return the kinds of the audit entries."""
    return [entry.kind for entry in outcome.entries]


def effects(outcome: Outcome) -> list[object]:
    """Return the planned effects."""
    return [planned.effect for planned in outcome.planned]


def test_one_of_two_waits_and_says_for_whom() -> None:
    """The first approval is counted, nothing is decided, and the thread asks for the one that is missing."""
    first = vote(request(), eligibility(ALEX, ADMINS))

    assert first.request.decision is Decision.OPEN
    assert kinds(first) == [Kind.VOTED]
    assert effects(first) == [Reply("R1", NotificationKind.WAITS_FOR_ONE), RefreshCards("R1")]


def test_the_second_person_of_the_other_group_decides() -> None:
    """When the quorum is reached the request is decided, and the last voter has to carry it to Intune."""
    first = vote(request(), eligibility(ALEX, ADMINS)).request

    second = vote(first, eligibility(CORA, CAB), alex=eligibility(ALEX, ADMINS))

    assert second.request.decision is Decision.APPROVED
    assert second.request.carry_state is CarryState.WANTED
    assert carry_of(second.request).by == CORA
    assert kinds(second) == [Kind.VOTED, Kind.QUORUM_REACHED]


def test_tracking_wants_nothing_carried() -> None:
    """Where decisions are only tracked, nothing is to be carried."""
    tracked = request(workflows=(ONE,), decisions=DecisionsMode.TRACK)

    assert vote(tracked, eligibility(ALEX, ADMINS)).request.carry is None


def test_a_rejection_decides_at_once() -> None:
    """One eligible person rejects, whatever was voted before, and the requestor is told."""
    first = vote(request(), eligibility(ALEX, ADMINS)).request

    rejected = vote(first, eligibility(CORA, CAB), Verdict.REJECT, alex=eligibility(ALEX, ADMINS))

    assert rejected.request.decision is Decision.REJECTED
    assert Reply("R1", NotificationKind.REJECTED) in effects(rejected)
    assert TellPerson("R1", NotificationKind.REJECTED, "rita") in effects(rejected)


def test_a_vote_whose_owner_left_the_group_falls_away_by_name() -> None:
    """Groups are read again for every voter: the vote of a person who left the group falls, and they are told."""
    first = vote(request(), eligibility(ALEX, ADMINS)).request

    second = vote(first, eligibility(CORA, CAB), alex=eligibility(ALEX))

    assert second.request.decision is Decision.OPEN
    assert kinds(second) == [Kind.VOTE_FELL, Kind.VOTED]
    assert second.entries[0].because == NoApproverAnyMore()
    assert TellPerson("R1", NotificationKind.VOTE_FELL, "alex") in effects(second)


def test_a_setting_keeps_votes_of_time_limited_members() -> None:
    """Where the workflow keeps votes, the vote of a person who has left the group since still counts."""
    kept = request(workflows=(workflow(keeps_votes=True),))
    first = vote(kept, eligibility(ALEX, ADMINS)).request

    assert vote(first, eligibility(CORA, CAB), alex=eligibility(ALEX)).request.decision is Decision.APPROVED


@pytest.mark.parametrize("keeps_votes", [False, True])
def test_a_voter_who_was_disabled_since_falls_away(keeps_votes: bool) -> None:
    """The vote of a disabled account falls although it is still in the group, whatever the workflow says."""
    on = request(workflows=(workflow(keeps_votes=keeps_votes),))
    first = vote(on, eligibility(ALEX, ADMINS)).request

    second = vote(first, eligibility(CORA, CAB), alex=eligibility(ALEX, ADMINS, active=False))

    assert second.request.decision is Decision.OPEN
    assert [cast.voter for cast in second.request.votes] == [CORA]
    assert kinds(second) == [Kind.VOTE_FELL, Kind.VOTED]


def test_a_voter_who_turns_out_to_be_the_requestor_falls_away() -> None:
    """A vote falls if a newly linked account shows that the voter is the requestor."""
    first = vote(request(), eligibility(ALEX, ADMINS)).request
    linked = Eligibility(replace(ALEX, accounts=frozenset({"alex", "rita"})), frozenset({ADMINS.id}), active=True)

    assert vote(first, eligibility(CORA, CAB), alex=linked).request.decision is Decision.OPEN


@pytest.mark.parametrize(
    ("on", "eligibility", "reason"),
    [
        (request(decided=as_decided(Decision.REJECTED)), eligibility(ALEX, ADMINS), refusals.Closed),
        (request(intune_status=IntuneStatus.CANCELLED), eligibility(ALEX, ADMINS), refusals.Closed),
        (request(intune_status=IntuneStatus.UNKNOWN), eligibility(ALEX, ADMINS), refusals.Disagrees),
        (request(deadline=NOW), eligibility(ALEX, ADMINS), refusals.DeadlinePassed),
        (request(), eligibility(RITA, ADMINS), refusals.OwnRequest),
        (request(), eligibility(person("rita-admin", "rita"), ADMINS), refusals.OwnRequest),
        (request(initiator=ALEX), eligibility(ALEX, ADMINS), refusals.OwnRequest),
        (request(), eligibility(DANA), refusals.NotAnApprover),
        (request(), eligibility(ALEX, ADMINS, active=False), refusals.AccountInactive),
        (request(workflows=(workflow(enabled=False),)), eligibility(ALEX, ADMINS), refusals.WorkflowsClosed),
        (request(workflows=(workflow(groups=()),)), eligibility(ALEX, ADMINS), refusals.WorkflowsClosed),
        (request(requestor=None), eligibility(ALEX, ADMINS), refusals.RequestorUnknown),
        (request(requestor=None, workflows=(ONE,)), eligibility(ALEX, ADMINS), refusals.SignInFirst),
        (request(requestor=None, workflows=(ONE,), decisions=DecisionsMode.TRACK), eligibility(ALEX, ADMINS),
         refusals.RequestorUnknown),
    ],
)  # fmt: skip
def test_refusals(on: Request, eligibility: Eligibility, reason: type[refusals.Refusal]) -> None:
    """Each refusal changes nothing, adds one audit entry, and has a sentence."""
    refused = vote(on, eligibility)

    assert refused.refusal is not None
    assert isinstance(refused.refusal, reason)
    assert refusal_sentence(refused.refusal).endswith(".")
    assert refused.request is on
    assert (kinds(refused), effects(refused)) == ([Kind.REFUSED], [])


def test_what_was_changed_since_it_was_drawn_is_refused() -> None:
    """A vote with the fingerprint of an old card is refused."""
    old = replace(ballot(eligibility(ALEX, ADMINS), request()), fingerprint="123456789abc")

    refused = cast_vote(request(), old, {}, NOW)

    assert refused.refusal is not None
    assert isinstance(refused.refusal, refusals.Changed)


def test_an_unknown_requestor_lets_one_decide_on_their_own_token() -> None:
    """If the requestor is unknown, one signed vote decides: Intune itself refuses the requestor."""
    on = request(requestor=None, workflows=(ONE,))
    signed = replace(ballot(eligibility(ALEX, ADMINS), on), identified=Identified.BY_TOKEN)

    assert cast_vote(on, signed, {}, NOW).request.decision is Decision.APPROVED


def test_a_rejection_needs_a_reason() -> None:
    """The server too refuses a rejection with a blank note."""
    blank = ballot(eligibility(ALEX, ADMINS), request(), Verdict.REJECT, note="  ")

    refused = cast_vote(request(), blank, {}, NOW)

    assert refused.refusal is not None
    assert isinstance(refused.refusal, refusals.NothingWritten)


def test_the_same_vote_again_changes_nothing() -> None:
    """The same vote again adds no vote and no audit entry."""
    once = vote(request(), eligibility(ALEX, ADMINS)).request

    again = vote(once, eligibility(ALEX, ADMINS), alex=eligibility(ALEX, ADMINS))

    assert again.request == once
    assert again.entries == ()


def test_a_vote_can_be_withdrawn_until_the_quorum_stands() -> None:
    """Voters can withdraw their own vote until the quorum is reached; after that, votes are frozen."""
    once = vote(request(), eligibility(ALEX, ADMINS)).request
    decided = vote(once, eligibility(CORA, CAB), alex=eligibility(ALEX, ADMINS)).request

    taken_back = withdraw(once, ALEX, Identified.BY_CHANNEL, NOW)
    too_late = withdraw(decided, ALEX, Identified.BY_CHANNEL, NOW)
    not_theirs = withdraw(once, DANA, Identified.BY_CHANNEL, NOW)

    assert taken_back.request.votes == ()
    assert too_late.refusal is not None
    assert isinstance(too_late.refusal, refusals.VotesAreFrozen)
    assert not_theirs.refusal is not None
    assert isinstance(not_theirs.refusal, refusals.NothingToWithdraw)


def test_what_was_approved_in_intune_is_withdrawn_there() -> None:
    """A vote that was cast in Intune is not withdrawn on the card, because Intune would still hold the approval."""
    cast = vote(request(), eligibility(ALEX, ADMINS)).request.votes[0]
    native = request(votes=(replace(cast, source=Source.PORTAL),), intune_status=IntuneStatus.APPROVED)

    refused = withdraw(native, ALEX, Identified.BY_CHANNEL, NOW)

    assert refused.refusal is not None
    assert isinstance(refused.refusal, refusals.VotesAreFrozen)
    assert "in Intune" in refusal_sentence(refused.refusal)
    assert refused.request.votes == native.votes


def test_our_deadline_closes_the_vote_and_nothing_else() -> None:
    """The deadline ends an open vote, not a moment earlier, and never changes a decided request."""
    at_deadline = expire(request(), NOW + timedelta(hours=24))
    decided = request(decided=as_decided(Decision.APPROVED))

    assert expire(request(), NOW + timedelta(hours=23, minutes=59)).request.decision is Decision.OPEN
    assert at_deadline.request.decision is Decision.EXPIRED
    assert Reply("R1", NotificationKind.EXPIRED) in effects(at_deadline)
    assert expire(decided, NOW + timedelta(days=2)).request == decided
    assert Expire("R1") not in effects(at_deadline)


# --- who is behind an account -------------------------------------------------------------------------------------


def test_an_unlinked_account_is_no_second_person() -> None:
    """Two accounts that belonged to one person when the first one voted still count as one person."""
    two = request(workflows=(workflow(required=2, groups=(ADMINS,)),))
    first = vote(two, eligibility(person("alex", "alex-admin"), ADMINS)).request
    second = vote(first, eligibility(person("alex-admin"), ADMINS), alex=eligibility(ALEX, ADMINS)).request
    assert second.decision is Decision.OPEN
    assert len(second.votes) == 1


@pytest.mark.parametrize(
    "requestor",
    [None, replace(RITA, known=False), Application("app", "Pipeline", (DANA, replace(RITA, known=False)))],
)
def test_nobody_approves_for_somebody_unknown(requestor: Requestor) -> None:
    """Nobody can approve a request of an unknown requestor, which could be their own; everybody may reject it."""
    asked = request(requestor=requestor)
    assert not asked.asker_is_known
    refusal = vote(asked, eligibility(ALEX, ADMINS)).refusal
    assert refusal
    assert isinstance(refusal, refusals.RequestorUnknown)
    assert vote(asked, eligibility(ALEX, ADMINS), Verdict.REJECT).request.decision is Decision.REJECTED
    assert replace(asked, initiator=RITA).asker_is_known
