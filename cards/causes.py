"""What somebody reads of why something was done: words for each cause.

Everything here is plain text as people typed it; whoever shows it cuts and escapes it.
"""

from collections.abc import Iterable
from typing import assert_never

from approvals import causes as why
from approvals.causes import Cause, ReviewCause, Stricter


def causes_told(causes: Iterable[ReviewCause]) -> str:
    """Why there is a review, one sentence after the other."""
    return " ".join(map(cause_sentence, causes))


def cause_sentence(cause: Cause) -> str:
    """What one of them says; of why an order takes more people the part after "because"."""
    match cause:
        case why.BrokeGlass(_, name, justification, custodian):
            who = f"{custodian} with {name}" if custodian else name
            return f"{who} broke the glass: {justification}"
        case why.InIntune(_, name, did):
            what = {"asked": "asked for", "decided": "decided"}[did]
            return f"{name} {what} this in Intune, not through Countersign."
        case why.PastRequests(_, name):
            return f"{name} did this in Intune itself, not through Countersign."
        case why.OpenedByOperator(said):
            return f"Opened by an operator: {said}"
        case why.UnderReview(several):
            return causes_told(several)
        case why.TargetProtected() | why.TargetUnknown() | why.ManyByOne() | why.ManyByAll():
            return stricter_because(cause)
        case _:
            assert_never(cause)


def stricter_because(stricter: Stricter) -> str:
    """Why an order takes more people than usual, to be read after "because"."""
    match stricter:
        case why.TargetProtected(groups):
            return f"the target is protected ({' and '.join(groups)})"
        case why.TargetUnknown(unknown):
            return f"the directory does not know {' and '.join(unknown)}, so it may be protected"
        case why.ManyByOne(most):
            return f"one person has asked for more than {most} operations in a short time"
        case why.ManyByAll(most):
            return f"more than {most} operations were asked for in a short time"
        case _:
            assert_never(stricter)
