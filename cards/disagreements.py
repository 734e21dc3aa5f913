"""The wording of disagreements with Intune: what each means and what to do."""

from collections.abc import Mapping

from approvals.disagreement import Disagreement
from approvals.request import Request
from cards.reviewing import growth

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
    Disagreement.GROWN_AFTER_DECISION: (
        "A group holds many more than when it was decided, or one that is left out many fewer. The decision is not "
        "carried to Intune; reject it there and have it filed again, or make the group what it was."
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


def sentence_of(disagreement: Disagreement) -> str:
    """Return the sentence for a disagreement."""
    return _SENTENCES[disagreement]


def sentence_on(request: Request, wrong: Disagreement) -> str:
    """Return the sentence, with this request's details."""
    more = request.grown_after_decision if wrong is Disagreement.GROWN_AFTER_DECISION else None
    return f"{growth(more.group, more.before, more.after)}. {sentence_of(wrong)}" if more else sentence_of(wrong)
