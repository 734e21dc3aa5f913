"""Where Intune and we do not say the same: each disagreement has a name and a sentence, and dangerous ones alarm."""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

from approvals.order import FilingState
from approvals.quorum import is_only_followed
from approvals.request import Decision, IntuneStatus, Request


class Disagreement(StrEnum):
    """Intune and we do not say the same. Dangerous ones raise an alarm."""

    APPROVED_BELOW_QUORUM = "approved in Intune below quorum"
    COMPLETED_BELOW_QUORUM = "completed in Intune below quorum"
    APPROVED_AFTER_REJECTION = "rejected here, approved in Intune"
    APPROVED_AFTER_EXPIRY = "expired here, approved in Intune"
    APPROVED_AFTER_WITHDRAWAL = "withdrawn here, approved in Intune"
    CHANGED_AFTER_DECISION = "changed after the decision"
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
        """Whether something may run, or has run, that nobody here has decided."""
        match self:
            case (
                Disagreement.APPROVED_BELOW_QUORUM
                | Disagreement.COMPLETED_BELOW_QUORUM
                | Disagreement.APPROVED_AFTER_REJECTION
                | Disagreement.APPROVED_AFTER_EXPIRY
                | Disagreement.APPROVED_AFTER_WITHDRAWAL
                | Disagreement.CHANGED_AFTER_DECISION
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

    @property
    def sentence(self) -> str:
        """What it means and what to do, for the card."""
        return _SENTENCES[self]


_SENTENCES: Mapping[Disagreement, str] = {
    Disagreement.APPROVED_BELOW_QUORUM: (
        "Intune already says approved, but the quorum here is not reached. "
        "An approver can withdraw that approval as long as it is not completed."
    ),
    Disagreement.COMPLETED_BELOW_QUORUM: "It was completed in Intune without the quorum that is asked for here.",
    Disagreement.APPROVED_AFTER_REJECTION: (
        "Rejected here, but somebody approved it in Intune. An approver can withdraw that approval "
        "as long as it is not completed."
    ),
    Disagreement.APPROVED_AFTER_EXPIRY: (
        "The deadline here has passed without the quorum, and Intune says approved. An approver can withdraw that "
        "approval as long as it is not completed."
    ),
    Disagreement.APPROVED_AFTER_WITHDRAWAL: "It was withdrawn, but Intune says approved. Look at it in Intune.",
    Disagreement.CHANGED_AFTER_DECISION: (
        "What Intune holds is no longer what was decided on. The decision is not carried to Intune; "
        "reject it there and have it filed again."
    ),
    Disagreement.UNKNOWN_STATUS: (
        "Intune uses a state for this request that is not known here. Nobody may decide here; look at it in Intune."
    ),
    Disagreement.APPROVED_BY_THE_INITIATOR: (
        "The one who asked for this approved it in Intune as well. That counts for nothing, so it is not sent. "
        "An approver can withdraw that approval."
    ),
    Disagreement.APPROVED_BY_NOBODY_KNOWN: (
        "Intune says approved, but not by whom, or by somebody whom the directory does not know. It might be the one "
        "who asked, so it is not sent until that is known."
    ),
    Disagreement.APPROVED_FOR_OTHER_CONTENT: (
        "Intune's approval is not for what was decided on: that was changed in between. So it is not sent. An approver "
        "can withdraw that approval and give a new one, with Finish on the card or in Intune."
    ),
    Disagreement.RAN_UNHELD: (
        "Intune did not hold this for a second person: it ran when it was filed. The quorum here was reached. Nothing "
        "of its kind is filed any more until an approver has looked at Intune's access policies and their exclusions."
    ),
    Disagreement.APPROVED_HERE_OPEN_IN_INTUNE: "Approved here. Intune does not show the approval yet.",
    Disagreement.REJECTED_HERE_OPEN_IN_INTUNE: "Rejected here. In Intune it is still open until somebody rejects it.",
    Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE: "The deadline here has passed. In Intune it is still open.",
    Disagreement.APPROVED_HERE_ENDED_IN_INTUNE: "Approved here, but Intune has ended the request without running it.",
}

_RUNS = frozenset({IntuneStatus.APPROVED, IntuneStatus.COMPLETED})


def disagreement(request: Request) -> Disagreement | None:
    """The name of what Intune and we do not agree on, the gravest if there are several."""
    status = request.intune_status
    if request.filing is not None and request.filing.state is FilingState.RAN:
        return Disagreement.RAN_UNHELD
    if status is IntuneStatus.UNKNOWN:
        return Disagreement.UNKNOWN_STATUS
    if request.is_approved and request.changed_after_decision:
        return Disagreement.CHANGED_AFTER_DECISION
    if status is IntuneStatus.NEEDS_APPROVAL:
        return _still_open(request.decision)
    if status in _RUNS:
        return None if is_only_followed(request) else _running_without_us(request)
    dropped = request.filing is not None and request.filing.state is FilingState.DROPPED
    if dropped and status is IntuneStatus.CANCELLED:
        return None  # that is what was wanted
    if request.is_approved and request.ended_in_intune:
        return Disagreement.APPROVED_HERE_ENDED_IN_INTUNE
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
    """What keeps us from completing what we filed: an approval of nobody, of the one who asked, or of other content."""
    if request.filing is None or request.filing.state is not FilingState.HELD:
        return None
    approver = request.intune_approver
    if approver is None:
        return Disagreement.APPROVED_BY_NOBODY_KNOWN
    if request.is_own_of(approver):
        return Disagreement.APPROVED_BY_THE_INITIATOR
    return Disagreement.APPROVED_FOR_OTHER_CONTENT if request.approved_for_other_content else None
