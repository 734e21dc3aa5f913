"""Why the rules did something: each cause with what it is about. Which words a person reads is not decided here.

People stand here by account and name of that day, so that two of one name are two, and what is learned later of a
person's other accounts makes no other cause.
"""

from dataclasses import dataclass
from typing import Literal

from approvals.order import Unknown
from approvals.tally import Tally

# --- what is reviewed ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrokeGlass:
    """Somebody broke the glass; `custodian` is who says that they are behind a shared account."""

    account: str
    name: str
    justification: str
    custodian: str = ""
    code: Literal["broke-glass"] = "broke-glass"


@dataclass(frozen=True, slots=True)
class InIntune:
    """An emergency account asked for this in Intune itself, or decided it there."""

    account: str
    name: str
    did: Literal["asked", "decided"]
    code: Literal["in-intune"] = "in-intune"


@dataclass(frozen=True, slots=True)
class PastRequests:
    """An emergency account did this in Intune itself, past every request."""

    account: str
    name: str
    code: Literal["past-requests"] = "past-requests"


@dataclass(frozen=True, slots=True)
class OpenedByOperator:
    """An operator knows of it, and says this."""

    said: str
    code: Literal["opened-by-operator"] = "opened-by-operator"


ReviewCause = BrokeGlass | InIntune | PastRequests | OpenedByOperator
"""Why a review is opened."""


@dataclass(frozen=True, slots=True)
class UnderReview:
    """Everything that the open review is about."""

    causes: tuple[ReviewCause, ...]
    code: Literal["under-review"] = "under-review"


# --- why an order takes more people -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetProtected:
    """The target, or whoever uses it, is in these protected groups."""

    groups: tuple[str, ...]
    code: Literal["target-protected"] = "target-protected"


@dataclass(frozen=True, slots=True)
class TargetUnknown:
    """The directory does not know all of the target, so it may be protected."""

    unknown: tuple[Unknown, ...]
    code: Literal["target-unknown"] = "target-unknown"


@dataclass(frozen=True, slots=True)
class ManyByOne:
    """One person has asked for more than so many operations within the guard's time."""

    most: int
    code: Literal["many-by-one"] = "many-by-one"


@dataclass(frozen=True, slots=True)
class ManyByAll:
    """All together have asked for more than so many."""

    most: int
    code: Literal["many-by-all"] = "many-by-all"


Stricter = TargetProtected | TargetUnknown | ManyByOne | ManyByAll
"""Why an order takes the guard on top."""

# --- why something fell away, was given up or stopped -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoApproverAnyMore:
    """Who voted may not decide this request any more."""

    code: Literal["no-approver-any-more"] = "no-approver-any-more"


@dataclass(frozen=True, slots=True)
class OwnAfterAll:
    """Who voted turned out to be who asked."""

    code: Literal["own-after-all"] = "own-after-all"


@dataclass(frozen=True, slots=True)
class GlassBrokenSince:
    """The glass was broken after the vote."""

    code: Literal["glass-broken-since"] = "glass-broken-since"


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """What is asked for is another thing than what was voted on."""

    code: Literal["changed-since-voted"] = "changed-since-voted"


@dataclass(frozen=True, slots=True)
class OrderRanUnheld:
    """Intune carried out an order of this type without asking a second person."""

    code: Literal["order-ran-unheld"] = "order-ran-unheld"


@dataclass(frozen=True, slots=True)
class NotFiledInTime:
    """The time in which it could be filed is over."""

    code: Literal["not-filed-in-time"] = "not-filed-in-time"


@dataclass(frozen=True, slots=True)
class NobodyOnCallAnswered:
    """Everybody who is on call was paged."""

    code: Literal["nobody-on-call-answered"] = "nobody-on-call-answered"


@dataclass(frozen=True, slots=True)
class OtherApproval:
    """Intune shows another approval now than the one that it stood for."""

    code: Literal["other-approval"] = "other-approval"


@dataclass(frozen=True, slots=True)
class ApprovalGone:
    """Intune does not show the approval any more that it stood for."""

    code: Literal["approval-gone"] = "approval-gone"


@dataclass(frozen=True, slots=True)
class Finished:
    """They took a decision to Intune that others had made, and count as one of those who made it."""

    code: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True)
class GroupGrew:
    """A group that it reaches holds many more than the voter saw; `before` is 0 where they saw no number."""

    group: str
    before: int
    after: int
    code: Literal["group-grew"] = "group-grew"


@dataclass(frozen=True, slots=True)
class ReadableNow:
    """These parts could not be read when the votes were cast, and can be now."""

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
"""Why votes do not count any more."""

GivenUp = OrderRanUnheld | NotFiledInTime | NobodyOnCallAnswered
"""Why a type is locked, an order dropped, or operators asked."""

# --- why the bot pulls a brake ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestRanUnheld:
    """This request ran without being held for a second person in Intune."""

    request_id: str
    code: Literal["request-ran-unheld"] = "request-ran-unheld"


@dataclass(frozen=True, slots=True)
class StoreDoubted:
    """The store was reset or went back; this was found."""

    found: str
    code: Literal["store-doubted"] = "store-doubted"


@dataclass(frozen=True, slots=True)
class AcknowledgedLost:
    """The store has lost something that it had acknowledged."""

    code: Literal["acknowledged-lost"] = "acknowledged-lost"


Pulled = RequestRanUnheld | StoreDoubted | AcknowledgedLost
"""Why the bot pulls a brake itself."""


# --- how far it had come ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted when it happened, workflow by workflow."""

    tallies: tuple[Tally, ...]
    code: Literal["counted"] = "counted"


Cause = ReviewCause | UnderReview | Stricter | Fallen | GivenUp | Pulled | Finished | Counted
"""Every cause that the audit keeps."""
