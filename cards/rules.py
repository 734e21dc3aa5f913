"""Questions to the rules, so that a card offers nothing that they would refuse, and gives their reasons."""

from approvals import lifecycle
from approvals.audit import Identified
from approvals.carry import can_finish, holds_unwanted_approval
from approvals.completing import next_call
from approvals.decide import Ballot, approver_group_ids, may_vote, why_not_vote
from approvals.order import FilingState
from approvals.people import Application, Person
from approvals.quorum import is_decidable
from approvals.refusals import Refusal
from approvals.request import CarryState, DecisionsMode, Request, Verdict
from approvals.snapshot import Eligibility
from cards.actions import fingerprint_of
from cards.refusals import refusal_sentence

_AT_REST = frozenset({FilingState.WAITS, FilingState.BLOCKED, FilingState.HELD})
"""Orders that are not being sent right now, and are not over."""

_SOMEBODY = Person("", "")


def why_no_approver_can(request: Request, verdict: Verdict) -> Refusal | None:
    """Return the refusal that even an uninvolved approver would get."""
    eligibility = Eligibility(_SOMEBODY, approver_group_ids(request), active=True)
    ballot = Ballot(eligibility, verdict, fingerprint_of(request), Identified.BY_CHANNEL, note="?")
    return why_not_vote(request, ballot, request.opened_at)


def why_not_the_asker(request: Request) -> str:
    """Return the refusal that the person who asked would get."""
    asker = request.initiator or request.requestor
    if isinstance(asker, Application):
        asker = next(iter(asker.owners), None)
    return _refusal(request, Eligibility(asker or _SOMEBODY, approver_group_ids(request), active=True))


def why_not_others(request: Request) -> str:
    """Return the refusal that a person in no approver group would get."""
    return _refusal(request, Eligibility(_SOMEBODY, frozenset(), active=True))


def is_pending(request: Request) -> bool:
    """Return whether somebody here still has to act: vote, or send the decision to Intune."""
    ordered = request.filing is not None and not lifecycle.is_final(request.filing.state)
    return request.takes_votes or ordered or may_be_finished(request) or request.carry_state is CarryState.CALLING


def may_be_finished(request: Request) -> bool:
    """Return whether an approver may take it further in Intune, as of its last change."""
    filing = request.filing
    if filing is not None and filing.state not in _AT_REST:
        return False  # it is over, or the result of the last call is not known yet
    if request.carry is not None and can_finish(request, request.carry.since):
        return True
    stuck = filing is not None and filing.problem is not None
    return stuck and next_call(request, request.opened_at) is not None


def is_out_of_time(request: Request) -> bool:
    """Return whether an order was dropped because its time was over; otherwise it was cancelled."""
    filing = request.filing
    if filing is None or filing.state is not FilingState.DROPPED:
        return False
    return filing.since >= request.intune_expires_at


def approval_may_be_cancelled(request: Request) -> bool:
    """Return whether an approver may withdraw Intune's approval from here; this needs their token."""
    return request.decisions is DecisionsMode.CARRY and is_decidable(request) and holds_unwanted_approval(request)


def _refusal(request: Request, eligibility: Eligibility) -> str:
    refusal = may_vote(request, eligibility)
    return refusal_sentence(refusal) if refusal else ""
