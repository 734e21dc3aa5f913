"""Problems: what stops a call to Intune, with its values. The wording is in `cards/problems.py`.

Every problem has a `code`, which the audit keeps beside the wording at that time.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

# --- before an order is filed -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The store has lost that the order was cancelled: an approver has to confirm that it is wanted."""

    code: Literal["called-off"] = "called-off"


@dataclass(frozen=True, slots=True)
class NotSetUp:
    """The application that could file it is no longer configured."""

    code: Literal["not-set-up"] = "not-set-up"


@dataclass(frozen=True, slots=True)
class TargetGone:
    """Intune does not show the target; this may be temporary."""

    code: Literal["target-gone"] = "target-gone"


@dataclass(frozen=True, slots=True)
class ChangedSinceDecision:
    """The content has changed since the decision."""

    code: Literal["content-changed"] = "content-changed"


@dataclass(frozen=True, slots=True)
class GrownSince:
    """A target group has many more members than at the decision."""

    code: Literal["grown-since"] = "grown-since"


@dataclass(frozen=True, slots=True)
class DoneBefore:
    """Intune shows that it was already done."""

    code: Literal["done-before"] = "done-before"


@dataclass(frozen=True, slots=True)
class NothingHolds:
    """No access policy would hold an order of this type on this platform for a second person."""

    policy_type: str
    platform: str
    code: Literal["nothing-holds"] = "nothing-holds"


@dataclass(frozen=True, slots=True)
class GroupExcluded:
    """The group of the assignment is now excluded from it."""

    group: str
    code: Literal["group-excluded"] = "group-excluded"


@dataclass(frozen=True, slots=True)
class AssignedOtherwise:
    """It is already assigned to the group in another way: with a filter, or by a policy set."""

    group: str
    code: Literal["assigned-otherwise"] = "assigned-otherwise"


@dataclass(frozen=True, slots=True)
class NoTarget:
    """Intune lists an existing assignment without a target, so it may not be preserved."""

    code: Literal["no-target"] = "no-target"


# --- an order's two calls -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetTaken:
    """Intune has an open request for the same target; if known, its id, its title and the person who asked."""

    request_id: str = ""
    title: str = ""
    asker: str = ""
    code: Literal["target-taken"] = "target-taken"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Intune did not take the order; `said` is its error text."""

    said: str
    code: Literal["not-taken"] = "not-taken"


@dataclass(frozen=True, slots=True)
class NoTrace:
    """The filing call got no answer, and Intune has not shown it since."""

    code: Literal["no-trace"] = "no-trace"


@dataclass(frozen=True, slots=True)
class OtherActor:
    """It was filed by another application than the present one."""

    code: Literal["other-actor"] = "other-actor"


@dataclass(frozen=True, slots=True)
class OtherKey:
    """The stored call was sealed with another key."""

    code: Literal["other-key"] = "other-key"


@dataclass(frozen=True, slots=True)
class NotReadable:
    """The content could not be read right before the completing call; `said` is the error text."""

    said: str
    code: Literal["unreadable"] = "unreadable"


@dataclass(frozen=True, slots=True)
class NotCarriedOut:
    """Intune did not take the completing call; `said` is its error text."""

    said: str
    code: Literal["not-carried-out"] = "not-carried-out"


# --- any call -----------------------------------------------------------------------------------------------------


class Trouble(StrEnum):
    """What may pass by itself, and stops no order before it has lasted."""

    BUSY = "busy"
    REFUSED = "refused"
    MISSING = "missing"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Passing:
    """An order was not filed or completed just now, and is tried again by itself."""

    trouble: Trouble
    code: Literal["passing"] = "passing"


@dataclass(frozen=True, slots=True)
class Busy:
    """Intune takes no decision at this moment."""

    code: Literal["busy"] = "busy"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Intune did not answer, and may still have carried out the call."""

    call: Literal["decision", "filing", "completing"]
    code: Literal["no-answer"] = "no-answer"


# --- carrying a decision ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """The person whose token is needed has not signed in."""

    name: str
    code: Literal["not-signed-in"] = "not-signed-in"


@dataclass(frozen=True, slots=True)
class CutOff:
    """Their call to Intune was cut off."""

    name: str
    code: Literal["cut-off"] = "cut-off"


@dataclass(frozen=True, slots=True)
class Braked:
    """A brake stopped their call to Intune."""

    name: str
    code: Literal["braked"] = "braked"


@dataclass(frozen=True, slots=True)
class OtherContent:
    """The approval in Intune was given for other content."""

    code: Literal["other-content"] = "other-content"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The carried approval was withdrawn in Intune."""

    code: Literal["taken-back"] = "taken-back"


@dataclass(frozen=True, slots=True)
class EndedUntold:
    """Intune ended the request before it received the decision."""

    code: Literal["ended-untold"] = "ended-untold"


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Intune does not count this person as an approver."""

    code: Literal["not-counted"] = "not-counted"


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """The request's state in Intune has changed."""

    code: Literal["changed-meanwhile"] = "changed-meanwhile"


@dataclass(frozen=True, slots=True)
class NotShown:
    """Intune no longer shows the request."""

    code: Literal["not-shown"] = "not-shown"


# --- a person's token ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoConsent:
    """The consent to approve in their name is missing."""

    code: Literal["no-consent"] = "no-consent"


@dataclass(frozen=True, slots=True)
class MoreProof:
    """Entra requires more proof of their identity."""

    code: Literal["more-proof"] = "more-proof"


@dataclass(frozen=True, slots=True)
class SignInBlocked:
    """Conditional Access blocks signing in from where they are."""

    code: Literal["sign-in-blocked"] = "sign-in-blocked"


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """The account that signed in is not the one that clicked."""

    code: Literal["other-person"] = "other-person"


@dataclass(frozen=True, slots=True)
class SignInInvalid:
    """The result of their sign-in could not be verified."""

    code: Literal["sign-in-invalid"] = "sign-in-invalid"


@dataclass(frozen=True, slots=True)
class SignInExpired:
    """Their sign-in is too old."""

    code: Literal["sign-in-expired"] = "sign-in-expired"


@dataclass(frozen=True, slots=True)
class EntraAway:
    """Entra does not answer, so Intune was not called."""

    code: Literal["entra-away"] = "entra-away"


Problem = (
    CalledOff
    | NotSetUp
    | TargetGone
    | ChangedSinceDecision
    | GrownSince
    | DoneBefore
    | NothingHolds
    | GroupExcluded
    | AssignedOtherwise
    | NoTarget
    | TargetTaken
    | NotTaken
    | NoTrace
    | OtherActor
    | OtherKey
    | NotReadable
    | NotCarriedOut
    | Passing
    | Busy
    | NoAnswer
    | NotSignedIn
    | CutOff
    | Braked
    | OtherContent
    | TakenBack
    | EndedUntold
    | NotCounted
    | ChangedMeanwhile
    | NotShown
    | NoConsent
    | MoreProof
    | SignInBlocked
    | OtherPerson
    | SignInInvalid
    | SignInExpired
    | EntraAway
)
"""Every problem on the way to Intune."""
