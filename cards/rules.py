"""What the rules would answer, so that a card offers nothing that they would refuse, and refuses in their words."""

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
"""Orders that nobody is sending right now, and that are not over."""

_SOMEBODY = Person("", "")


def why_no_approver_can(request: Request, verdict: Verdict) -> Refusal | None:
    """What even an approver would hear, had they nothing to do with the request."""
    eligibility = Eligibility(_SOMEBODY, approver_group_ids(request), active=True)
    ballot = Ballot(eligibility, verdict, fingerprint_of(request), Identified.BY_CHANNEL, note="?")
    return why_not_vote(request, ballot, request.opened_at)


def why_not_the_asker(request: Request) -> str:
    """What the one who asked would hear."""
    asker = request.initiator or request.requestor
    if isinstance(asker, Application):
        asker = next(iter(asker.owners), None)
    return _refusal(request, Eligibility(asker or _SOMEBODY, approver_group_ids(request), active=True))


def why_not_others(request: Request) -> str:
    """What somebody would hear who is in no approver group."""
    return _refusal(request, Eligibility(_SOMEBODY, frozenset(), active=True))


def is_pending(request: Request) -> bool:
    """Whether somebody here still has something to do about it: to vote, or to tell Intune."""
    ordered = request.filing is not None and not lifecycle.is_final(request.filing.state)
    return request.takes_votes or ordered or may_be_finished(request) or request.carry_state is CarryState.CALLING


def may_be_finished(request: Request) -> bool:
    """Whether an approver may take it further in Intune, as of the moment at which it last moved."""
    filing = request.filing
    if filing is not None and filing.state not in _AT_REST:
        return False  # it is over, or first it has to be known what the last call did
    if request.carry is not None and can_finish(request, request.carry.since):
        return True
    stuck = filing is not None and filing.problem is not None
    return stuck and next_call(request, request.opened_at) is not None


def is_out_of_time(request: Request) -> bool:
    """Whether an order was given up because its time was over; else it was cancelled."""
    filing = request.filing
    if filing is None or filing.state is not FilingState.DROPPED:
        return False
    return filing.since >= request.intune_expires_at


def approval_may_be_cancelled(request: Request) -> bool:
    """Whether an approver may withdraw from here the approval that Intune holds: that takes their token."""
    return request.decisions is DecisionsMode.CARRY and is_decidable(request) and holds_unwanted_approval(request)


def _refusal(request: Request, eligibility: Eligibility) -> str:
    refusal = may_vote(request, eligibility)
    return refusal_sentence(refusal) if refusal else ""
