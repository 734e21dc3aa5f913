"""What keeps something from getting to Intune: each problem with what it is about. Which words a person reads is not
decided here.

Every problem has a `code`, which the audit keeps beside the words of that day.
"""

from dataclasses import dataclass
from typing import Literal

# --- before an order is filed -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The store has lost that it was called off: an approver has to say that it is wanted after all."""

    code: Literal["called-off"] = "called-off"


@dataclass(frozen=True, slots=True)
class NotSetUp:
    """There is no application of ours any more that could file it."""

    code: Literal["not-set-up"] = "not-set-up"


@dataclass(frozen=True, slots=True)
class TargetGone:
    """Intune does not show what it is about; for a while it may be there all the same."""

    code: Literal["target-gone"] = "target-gone"


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """What it is about is no longer what was decided on."""

    code: Literal["content-changed"] = "content-changed"


@dataclass(frozen=True, slots=True)
class GrownSince:
    """A group that it reaches holds many more than when it was decided."""

    code: Literal["grown-since"] = "grown-since"


@dataclass(frozen=True, slots=True)
class DoneBefore:
    """Intune shows that it was done already."""

    code: Literal["done-before"] = "done-before"


@dataclass(frozen=True, slots=True)
class NothingHolds:
    """No access policy would hold an order of this type on this platform for a second person."""

    policy_type: str
    platform: str
    code: Literal["nothing-holds"] = "nothing-holds"


@dataclass(frozen=True, slots=True)
class GroupExcluded:
    """The group that it is to be assigned to is excluded from it now."""

    group: str
    code: Literal["group-excluded"] = "group-excluded"


@dataclass(frozen=True, slots=True)
class AssignedOtherwise:
    """It is assigned to the group already, in another way: with a filter, or by a policy set."""

    group: str
    code: Literal["assigned-otherwise"] = "assigned-otherwise"


@dataclass(frozen=True, slots=True)
class NoTarget:
    """Intune lists an assignment of it that names no target: nobody can say that it is kept."""

    code: Literal["no-target"] = "no-target"


# --- an order's two calls -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetTaken:
    """Intune has an open request for the same target; which one, what it asks for and who asked, where we know it."""

    request_id: str = ""
    title: str = ""
    asker: str = ""
    code: Literal["target-taken"] = "target-taken"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Intune did not take the order, and `said` why."""

    said: str
    code: Literal["not-taken"] = "not-taken"


@dataclass(frozen=True, slots=True)
class NoTrace:
    """The filing call got no answer, and Intune has shown nothing of it since."""

    code: Literal["no-trace"] = "no-trace"


@dataclass(frozen=True, slots=True)
class OtherActor:
    """Another application filed it than the one that is ours now."""

    code: Literal["other-actor"] = "other-actor"


@dataclass(frozen=True, slots=True)
class OtherKey:
    """The stored call was sealed with another key."""

    code: Literal["other-key"] = "other-key"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What it is about could not be read right before the completing call, and the neighbour `said` why."""

    said: str
    code: Literal["unreadable"] = "unreadable"


@dataclass(frozen=True, slots=True)
class NotCarriedOut:
    """Intune did not take the completing call, and `said` why."""

    said: str
    code: Literal["not-carried-out"] = "not-carried-out"


# --- any call -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Busy:
    """Intune takes no more calls at this moment."""

    call: Literal["decision", "filing"]
    code: Literal["busy"] = "busy"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Intune did not answer, and may have done it all the same."""

    call: Literal["decision", "filing", "completing"]
    code: Literal["no-answer"] = "no-answer"


# --- a decision on its way ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """The one whose token it takes has not signed in."""

    name: str
    code: Literal["not-signed-in"] = "not-signed-in"


@dataclass(frozen=True, slots=True)
class CutOff:
    """Their call to Intune was cut off."""

    name: str
    code: Literal["cut-off"] = "cut-off"


@dataclass(frozen=True, slots=True)
class Braked:
    """They wanted to tell Intune while a brake was on."""

    name: str
    code: Literal["braked"] = "braked"


@dataclass(frozen=True, slots=True)
class OtherContent:
    """The approval that Intune holds was given for other content."""

    code: Literal["other-content"] = "other-content"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The approval that had been carried was withdrawn in Intune."""

    code: Literal["taken-back"] = "taken-back"


@dataclass(frozen=True, slots=True)
class EndedUntold:
    """Intune ended the request before it was told."""

    code: Literal["ended-untold"] = "ended-untold"


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Intune does not count this person as an approver."""

    code: Literal["not-counted"] = "not-counted"


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """The request is in another state in Intune by now."""

    code: Literal["changed-meanwhile"] = "changed-meanwhile"


@dataclass(frozen=True, slots=True)
class NotShown:
    """Intune does not show the request any more."""

    code: Literal["not-shown"] = "not-shown"


# --- somebody's token ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoConsent:
    """Nobody has consented that we may approve in their name."""

    code: Literal["no-consent"] = "no-consent"


@dataclass(frozen=True, slots=True)
class MoreProof:
    """Entra wants more proof of who they are."""

    code: Literal["more-proof"] = "more-proof"


@dataclass(frozen=True, slots=True)
class SignInBlocked:
    """Conditional Access does not let them sign in from where they are."""

    code: Literal["sign-in-blocked"] = "sign-in-blocked"


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Another account signed in than the one that clicked."""

    code: Literal["other-person"] = "other-person"


@dataclass(frozen=True, slots=True)
class SignInInvalid:
    """What they brought from signing in could not be checked."""

    code: Literal["sign-in-invalid"] = "sign-in-invalid"


@dataclass(frozen=True, slots=True)
class SignInExpired:
    """They signed in too long ago."""

    code: Literal["sign-in-expired"] = "sign-in-expired"


@dataclass(frozen=True, slots=True)
class EntraAway:
    """Entra does not answer, so Intune was told nothing."""

    code: Literal["entra-away"] = "entra-away"


Problem = (
    CalledOff
    | NotSetUp
    | TargetGone
    | ContentChanged
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
    | Unreadable
    | NotCarriedOut
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
