"""The wording of causes: why the rules did something.

The text is plain, as people typed it; the caller shortens and escapes it.
"""

from collections.abc import Iterable
from typing import assert_never

from approvals import causes as why
from approvals.causes import Cause, Fallen, GivenUp, Pulled, ReviewCause, Stricter
from cards.reviewing import growth, parts
from cards.tallies import counted


def cause_sentence(cause: Cause) -> str:
    """Return the sentence for a cause, as it follows the fact in the audit."""
    match cause:
        case why.BrokeGlass() | why.InIntune() | why.PastRequests() | why.OpenedByOperator():
            return _reviewed(cause)
        case why.UnderReview(causes):
            return causes_told(causes)
        case why.TargetProtected() | why.TargetUnknown() | why.ManyByOne() | why.ManyByAll():
            return stricter_because(cause)
        case (
            why.NoApproverAnyMore()
            | why.OwnAfterAll()
            | why.GlassBrokenSince()
            | why.ContentChanged()
            | why.GroupGrew()
            | why.ReadableNow()
            | why.OtherApproval()
            | why.ApprovalGone()
        ):
            return _fallen(cause)
        case why.OrderRanUnheld() | why.NotFiledInTime() | why.NobodyOnCallAnswered():
            return _given_up(cause)
        case (
            why.RequestRanUnheld()
            | why.StoreDoubted()
            | why.AcknowledgedLost()
            | why.AccessPolicyChanged()
            | why.NotHeldAnyMore()
        ):
            return _pulled(cause)
        case why.Finished() | why.Counted():
            return counted(cause.tallies) if isinstance(cause, why.Counted) else "finished the decision"
        case _:
            assert_never(cause)


def causes_told(causes: Iterable[ReviewCause]) -> str:
    """Return why there is a review, one sentence for each cause."""
    return " ".join(map(_reviewed, causes))


def _reviewed(cause: ReviewCause) -> str:
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
        case _:
            assert_never(cause)


def stricter_because(stricter: Stricter) -> str:
    """Return why an order needs more people than usual, to be read after "because"."""
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


def _fallen(cause: Fallen) -> str:
    match cause:
        case why.NoApproverAnyMore():
            return "not an approver of this request any more"
        case why.OwnAfterAll():
            return "it turned out to be their own request"
        case why.GlassBrokenSince():
            return "the glass was broken after it"
        case why.OtherApproval():
            return "Intune shows another approval now"
        case why.ApprovalGone():
            return "Intune does not show the approval any more"
        case why.ContentChanged() | why.GroupGrew() | why.ReadableNow():
            return _other(cause)
        case _:
            assert_never(cause)


def _other(cause: why.ContentChanged | why.GroupGrew | why.ReadableNow) -> str:
    """Return why votes do not apply to the current content."""
    match cause:
        case why.ContentChanged():
            return "what is asked for was changed"
        case why.GroupGrew(group, before, after):
            return growth(group, before, after)
        case why.ReadableNow(unread):
            return f"{parts(unread)} could not be read then, and can be now"
        case _:
            assert_never(cause)


def _given_up(cause: GivenUp) -> str:
    match cause:
        case why.OrderRanUnheld():
            return "an order ran without being held"
        case why.NotFiledInTime():
            return "it could not be filed in time"
        case why.NobodyOnCallAnswered():
            return "nobody on call has answered"
        case _:
            assert_never(cause)


def _pulled(cause: Pulled) -> str:
    match cause:
        case why.RequestRanUnheld(request_id):
            return f"request {request_id} ran without being held for a second person."
        case why.StoreDoubted(found):
            return found
        case why.AcknowledgedLost():
            return "It has lost something that it had acknowledged."
        case why.AccessPolicyChanged(policy, how):
            return f'the access policy "{policy}" was {how} in Intune, and no approved request explains this.'
        case why.NotHeldAnyMore(policy_type):
            return f"no access policy in Intune holds {policy_type} any more."
        case _:
            assert_never(cause)
