"""Causes: why the rules did something, with its values. The wording is in `cards/`.

People are given by account and by their name at that time, so that two people of the same name stay apart, and accounts
linked later do not change a cause.
"""

from dataclasses import dataclass
from typing import Literal

from approvals.order import Unknown
from approvals.tally import Tally

# --- causes of a review -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrokeGlass:
    """Break-glass was used; `custodian` is the person who says that they use a shared account."""

    account: str
    name: str
    justification: str
    custodian: str = ""
    code: Literal["broke-glass"] = "broke-glass"


@dataclass(frozen=True, slots=True)
class InIntune:
    """An emergency account requested this in Intune itself, or decided it there."""

    account: str
    name: str
    did: Literal["asked", "decided"]
    code: Literal["in-intune"] = "in-intune"


@dataclass(frozen=True, slots=True)
class PastRequests:
    """An emergency account did this in Intune directly, without a request."""

    account: str
    name: str
    code: Literal["past-requests"] = "past-requests"


@dataclass(frozen=True, slots=True)
class OpenedByOperator:
    """An operator reported the emergency, in these words."""

    said: str
    code: Literal["opened-by-operator"] = "opened-by-operator"


ReviewCause = BrokeGlass | InIntune | PastRequests | OpenedByOperator
"""Reason for opening a review."""


@dataclass(frozen=True, slots=True)
class UnderReview:
    """All causes of the open review."""

    causes: tuple[ReviewCause, ...]
    code: Literal["under-review"] = "under-review"


# --- causes of stricter approval ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetProtected:
    """The target, or one of its users, is in these protected groups."""

    groups: tuple[str, ...]
    code: Literal["target-protected"] = "target-protected"


@dataclass(frozen=True, slots=True)
class TargetUnknown:
    """The directory does not know all of the target, so it may be protected."""

    unknown: tuple[Unknown, ...]
    code: Literal["target-unknown"] = "target-unknown"


@dataclass(frozen=True, slots=True)
class ManyByOne:
    """One person has reached this number of orders within the guard's time."""

    most: int
    code: Literal["many-by-one"] = "many-by-one"


@dataclass(frozen=True, slots=True)
class ManyByAll:
    """All people together have reached this number of orders."""

    most: int
    code: Literal["many-by-all"] = "many-by-all"


Stricter = TargetProtected | TargetUnknown | ManyByOne | ManyByAll
"""Reason why an order needs the guard on top."""

# --- causes of void votes, dropped orders and locks ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoApproverAnyMore:
    """The voter may no longer decide this request."""

    code: Literal["no-approver-any-more"] = "no-approver-any-more"


@dataclass(frozen=True, slots=True)
class OwnAfterAll:
    """The voter turned out to be the requestor."""

    code: Literal["own-after-all"] = "own-after-all"


@dataclass(frozen=True, slots=True)
class GlassBrokenSince:
    """The glass was broken after the vote."""

    code: Literal["glass-broken-since"] = "glass-broken-since"


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """The content has changed since the vote."""

    code: Literal["changed-since-voted"] = "changed-since-voted"


@dataclass(frozen=True, slots=True)
class OrderRanUnheld:
    """Intune carried out an order of this type without asking a second person."""

    code: Literal["order-ran-unheld"] = "order-ran-unheld"


@dataclass(frozen=True, slots=True)
class NotFiledInTime:
    """The time limit for filing has passed."""

    code: Literal["not-filed-in-time"] = "not-filed-in-time"


@dataclass(frozen=True, slots=True)
class NobodyOnCallAnswered:
    """Everybody on call was paged, without an answer."""

    code: Literal["nobody-on-call-answered"] = "nobody-on-call-answered"


@dataclass(frozen=True, slots=True)
class OtherApproval:
    """The vote stood for an approval in Intune; Intune now shows another one."""

    code: Literal["other-approval"] = "other-approval"


@dataclass(frozen=True, slots=True)
class ApprovalGone:
    """The vote stood for an approval that Intune no longer shows."""

    code: Literal["approval-gone"] = "approval-gone"


@dataclass(frozen=True, slots=True)
class Finished:
    """They carried a decision of others to Intune, and count as one of its voters."""

    code: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True)
class GroupGrew:
    """A group that it reaches holds many more than the voter saw; `before` is nothing where they saw no number."""

    group: str
    before: int | None
    after: int
    code: Literal["group-grew"] = "group-grew"


@dataclass(frozen=True, slots=True)
class ReadableNow:
    """These parts could not be read when the votes were cast, and can be read now."""

    parts: tuple[str, ...]
    code: Literal["readable-now"] = "readable-now"


Fallen = (
    NoApproverAnyMore
    | OwnAfterAll
    | GlassBrokenSince
    | ContentChanged
    | GroupGrew
    | ReadableNow
    | OtherApproval
    | ApprovalGone
)
"""Reason why votes no longer count."""

GivenUp = OrderRanUnheld | NotFiledInTime | NobodyOnCallAnswered
"""Reason for locking a type, dropping an order, or alarming operators."""

# --- causes of the bot's own brakes -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestRanUnheld:
    """This request ran without being held for a second person in Intune."""

    request_id: str
    code: Literal["request-ran-unheld"] = "request-ran-unheld"


@dataclass(frozen=True, slots=True)
class StoreDoubted:
    """The store was reset or went back; `found` describes it."""

    found: str
    code: Literal["store-doubted"] = "store-doubted"


@dataclass(frozen=True, slots=True)
class AcknowledgedLost:
    """The store has lost data that it had acknowledged."""

    code: Literal["acknowledged-lost"] = "acknowledged-lost"


@dataclass(frozen=True, slots=True)
class AccessPolicyChanged:
    """This access policy was created, changed or deleted in Intune, and no approved request explains that."""

    policy: str
    how: Literal["created", "changed", "deleted"]
    code: Literal["access-policy-changed"] = "access-policy-changed"


@dataclass(frozen=True, slots=True)
class NotHeldAnyMore:
    """No access policy in Intune holds this type any more."""

    policy_type: str
    code: Literal["not-held-any-more"] = "not-held-any-more"


Pulled = RequestRanUnheld | StoreDoubted | AcknowledgedLost | AccessPolicyChanged | NotHeldAnyMore
"""The bot's own reason for pulling a brake."""


# --- counts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """The count at that moment, for each workflow."""

    tallies: tuple[Tally, ...]
    code: Literal["counted"] = "counted"


Cause = ReviewCause | UnderReview | Stricter | Fallen | GivenUp | Pulled | Finished | Counted
"""Every cause that the audit keeps."""
