"""Disagreements between Intune's state and ours: each has a name and a sentence, and dangerous ones raise an alarm."""

from enum import StrEnum
from typing import assert_never

from approvals.order import FilingState
from approvals.quorum import is_only_followed
from approvals.request import Decision, IntuneStatus, Request


class Disagreement(StrEnum):
    """A difference between Intune's state and ours. Dangerous ones raise an alarm."""

    APPROVED_BELOW_QUORUM = "approved in Intune below quorum"
    COMPLETED_BELOW_QUORUM = "completed in Intune below quorum"
    APPROVED_AFTER_REJECTION = "rejected here, approved in Intune"
    APPROVED_AFTER_EXPIRY = "expired here, approved in Intune"
    APPROVED_AFTER_WITHDRAWAL = "withdrawn here, approved in Intune"
    CHANGED_AFTER_DECISION = "changed after the decision"
    GROWN_AFTER_DECISION = "a group has grown since the decision"
    UNKNOWN_STATUS = "unknown status in Intune"
    APPROVED_BY_THE_INITIATOR = "approved in Intune by the one who asked"
    APPROVED_BY_NOBODY_KNOWN = "approved in Intune, and nobody says by whom"
    APPROVED_FOR_OTHER_CONTENT = "approved in Intune for other content"
    RAN_UNHELD = "ran without Intune's approval"
    APPROVED_HERE_OPEN_IN_INTUNE = "approved here, still open in Intune"
    REJECTED_HERE_OPEN_IN_INTUNE = "rejected here, still open in Intune"
    EXPIRED_HERE_OPEN_IN_INTUNE = "expired here, still open in Intune"
    APPROVED_HERE_ENDED_IN_INTUNE = "approved here, ended otherwise in Intune"

    @property
    def dangerous(self) -> bool:
        """Return whether something may run, or has run, that was not decided here."""
        match self:
            case (
                Disagreement.APPROVED_BELOW_QUORUM
                | Disagreement.COMPLETED_BELOW_QUORUM
                | Disagreement.APPROVED_AFTER_REJECTION
                | Disagreement.APPROVED_AFTER_EXPIRY
                | Disagreement.APPROVED_AFTER_WITHDRAWAL
                | Disagreement.CHANGED_AFTER_DECISION
                | Disagreement.GROWN_AFTER_DECISION
                | Disagreement.UNKNOWN_STATUS
                | Disagreement.APPROVED_BY_THE_INITIATOR
                | Disagreement.APPROVED_BY_NOBODY_KNOWN
                | Disagreement.APPROVED_FOR_OTHER_CONTENT
                | Disagreement.RAN_UNHELD
            ):
                return True
            case (
                Disagreement.APPROVED_HERE_OPEN_IN_INTUNE
                | Disagreement.REJECTED_HERE_OPEN_IN_INTUNE
                | Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE
                | Disagreement.APPROVED_HERE_ENDED_IN_INTUNE
            ):
                return False
            case _:
                assert_never(self)


_RUNS = frozenset({IntuneStatus.APPROVED, IntuneStatus.COMPLETED})


def disagreement(request: Request) -> Disagreement | None:
    """Return the disagreement between Intune and us, the gravest if there are several."""
    status = request.intune_status
    if request.filing is not None and request.filing.state is FilingState.RAN:
        return Disagreement.RAN_UNHELD
    if status is IntuneStatus.UNKNOWN:
        return Disagreement.UNKNOWN_STATUS
    if request.is_approved and (unlike := unlike_decided(request)) is not None:
        return unlike
    if status is IntuneStatus.NEEDS_APPROVAL:
        return _still_open(request.decision)
    if status in _RUNS:
        return None if is_only_followed(request) else _running_without_us(request)
    dropped = request.filing is not None and request.filing.state is FilingState.DROPPED
    if dropped and status is IntuneStatus.CANCELLED:
        return None  # cancelling it was intended
    if request.is_approved and request.ended_in_intune:
        return Disagreement.APPROVED_HERE_ENDED_IN_INTUNE
    return None


def unlike_decided(request: Request) -> Disagreement | None:
    """Return how Intune's content differs from what was decided on, or nothing. Growth does not matter for a
    rejection."""
    if request.changed_after_decision:
        return Disagreement.CHANGED_AFTER_DECISION
    if request.is_approved and request.grown_after_decision is not None:
        return Disagreement.GROWN_AFTER_DECISION
    return None


def _still_open(decision: Decision) -> Disagreement | None:
    match decision:
        case Decision.APPROVED | Decision.BROKEN_GLASS:
            return Disagreement.APPROVED_HERE_OPEN_IN_INTUNE
        case Decision.REJECTED:
            return Disagreement.REJECTED_HERE_OPEN_IN_INTUNE
        case Decision.EXPIRED:
            return Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE
        case Decision.OPEN | Decision.WITHDRAWN:
            return None
        case _:
            assert_never(decision)


def _running_without_us(request: Request) -> Disagreement | None:
    match request.decision:
        case Decision.OPEN:
            completed = request.intune_status is IntuneStatus.COMPLETED
            return Disagreement.COMPLETED_BELOW_QUORUM if completed else Disagreement.APPROVED_BELOW_QUORUM
        case Decision.REJECTED:
            return Disagreement.APPROVED_AFTER_REJECTION
        case Decision.EXPIRED:
            return Disagreement.APPROVED_AFTER_EXPIRY
        case Decision.WITHDRAWN:
            return Disagreement.APPROVED_AFTER_WITHDRAWAL
        case Decision.APPROVED | Decision.BROKEN_GLASS:
            return _why_not_sent(request)
        case _:
            assert_never(request.decision)


def _why_not_sent(request: Request) -> Disagreement | None:
    """Return why we do not complete our order: its approver is unknown or the initiator, or approved other content."""
    if request.filing is None or request.filing.state is not FilingState.HELD:
        return None
    approver = request.intune_approver
    if approver is None:
        return Disagreement.APPROVED_BY_NOBODY_KNOWN
    if request.is_own_of(approver):
        return Disagreement.APPROVED_BY_THE_INITIATOR
    return Disagreement.APPROVED_FOR_OTHER_CONTENT if request.approved_for_other_content else None
