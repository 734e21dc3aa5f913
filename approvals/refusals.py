"""Why somebody is refused: each reason with what it is about. Which words a person reads is not decided here.

Every reason has a `code`, which the audit keeps beside the words of that day.
"""

from dataclasses import dataclass
from typing import Literal

from approvals.disagreement import Disagreement
from approvals.order import Unknown
from approvals.problems import Problem
from approvals.request import Decision, IntuneStatus

# --- the state of a request ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Closed:
    """It takes no votes: it was decided here, or as long as it is open here it ended in Intune."""

    decision: Decision
    intune_status: IntuneStatus | None = None
    code: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class NotWaiting:
    """Nobody has to be hurried or called any more; `decision` is what was decided, where that is told."""

    decision: Decision | None = None
    code: Literal["not-waiting"] = "not-waiting"


@dataclass(frozen=True, slots=True)
class Disagrees:
    """Intune and we do not say the same of it."""

    disagreement: Disagreement
    code: Literal["disagrees"] = "disagrees"


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """Our deadline has passed: no vote, and with `glass` no breaking of the glass either."""

    glass: bool = False
    code: Literal["too-late"] = "too-late"


@dataclass(frozen=True, slots=True)
class Changed:
    """What is asked for is another thing than what the person was looking at."""

    code: Literal["changed"] = "changed"


@dataclass(frozen=True, slots=True)
class Grew:
    """A group that it reaches holds many more by now than the person was shown; `before` is 0 where no number was."""

    group: str
    before: int
    after: int
    code: Literal["grew"] = "grew"


@dataclass(frozen=True, slots=True)
class EndedInIntune:
    """Intune takes nothing for it any more: no decision, or with `completing` not the approved call."""

    completing: bool = False
    code: Literal["ended-in-intune"] = "ended-in-intune"


@dataclass(frozen=True, slots=True)
class AskedAlone:
    """The emergency process is asked for it at this moment."""

    code: Literal["asked-alone"] = "asked-alone"


# --- who somebody is ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkflowsClosed:
    """Nobody here decides: approving is switched off for these operations, or without any no group may."""

    operations: tuple[str, ...] = ()
    code: Literal["nobody-may-decide"] = "nobody-may-decide"


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """They asked for it, or with `glass` they broke the glass on it and so called for another person."""

    glass: bool = False
    code: Literal["own-request"] = "own-request"


@dataclass(frozen=True, slots=True)
class AccountInactive:
    """The account is disabled, or a guest's: it cannot do this."""

    deed: Literal["approve", "ask", "break-glass"]
    code: Literal["account-inactive"] = "account-inactive"


@dataclass(frozen=True, slots=True)
class NotAnApprover:
    """They are in none of the request's approver groups."""

    groups: tuple[str, ...]
    code: Literal["not-an-approver"] = "not-an-approver"


@dataclass(frozen=True, slots=True)
class RequestorUnknown:
    """Nobody can tell who asked: Intune does not say it, or the directory does not know them (`named`)."""

    named: bool
    code: Literal["unknown-requestor"] = "unknown-requestor"


@dataclass(frozen=True, slots=True)
class SignInFirst:
    """Intune has to check by their own token that it was not they who asked."""

    code: Literal["sign-in-first"] = "sign-in-first"


@dataclass(frozen=True, slots=True)
class NotYours:
    """Somebody else asked for it."""

    code: Literal["not-yours"] = "not-yours"


@dataclass(frozen=True, slots=True)
class BegunByAnother:
    """Somebody else began this order, or this emergency, and has not confirmed it yet."""

    code: Literal["begun-by-another"] = "begun-by-another"


@dataclass(frozen=True, slots=True)
class Lapsed:
    """It was open for too long, or was closed: an order that was not confirmed, or the prompt of an emergency."""

    what: Literal["draft", "prompt"]
    code: Literal["lapsed"] = "lapsed"


# --- what somebody has written ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NothingWritten:
    """A reason is missing: for a rejection, for a hurry, or for a brake."""

    purpose: Literal["reject", "urgent", "brake"]
    code: Literal["note-missing"] = "note-missing"


@dataclass(frozen=True, slots=True)
class TooShort:
    """What was written is no reason; so many characters are asked for."""

    purpose: Literal["order", "emergency", "review"]
    least: int
    code: Literal["too-short"] = "too-short"


@dataclass(frozen=True, slots=True)
class TooLong:
    """What was written does not fit: it has so many characters, and so many do."""

    purpose: Literal["order", "emergency", "review"]
    length: int
    most: int
    code: Literal["too-long"] = "too-long"


@dataclass(frozen=True, slots=True)
class WrongName:
    """The name that was typed is not the target's: of an order, or with `glass` of what the glass is broken on."""

    glass: bool = False
    code: Literal["wrong-name"] = "wrong-name"


@dataclass(frozen=True, slots=True)
class BadTicket:
    """What was written is not the number of a ticket."""

    code: Literal["bad-ticket"] = "bad-ticket"


@dataclass(frozen=True, slots=True)
class WhichCustodian:
    """The account is shared, and they did not say who of its custodians they are."""

    code: Literal["which-custodian"] = "which-custodian"


# --- votes and the way to Intune ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NothingToWithdraw:
    """They have no vote on it."""

    code: Literal["nothing-to-withdraw"] = "nothing-to-withdraw"


@dataclass(frozen=True, slots=True)
class VotesAreFrozen:
    """Their vote stays: the request is decided, or they gave it in Intune (`in_intune`) and withdraw it there."""

    in_intune: bool = False
    code: Literal["votes-are-frozen"] = "votes-are-frozen"


@dataclass(frozen=True, slots=True)
class NothingToCarry:
    """Intune has been told already."""

    code: Literal["nothing-to-carry"] = "nothing-to-carry"


@dataclass(frozen=True, slots=True)
class BeingCarried:
    """Somebody is telling Intune at this moment."""

    by: str
    code: Literal["being-carried"] = "being-carried"


@dataclass(frozen=True, slots=True)
class NotFiled:
    """Intune does not hold it yet; `problem` says why where that is known."""

    problem: Problem | None = None
    code: Literal["not-filed"] = "not-filed"


@dataclass(frozen=True, slots=True)
class NoApprovalToWithdraw:
    """Intune holds no approval that nobody here has decided."""

    code: Literal["nothing-to-cancel"] = "nothing-to-cancel"


# --- orders -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotAsked:
    """It was not asked for in chat, so nothing is filed for it."""

    code: Literal["nothing-to-file"] = "nothing-to-file"


@dataclass(frozen=True, slots=True)
class FiledAlready:
    """It was filed, or given up."""

    code: Literal["filed-already"] = "filed-already"


@dataclass(frozen=True, slots=True)
class Hidden:
    """These parts of what was reviewed cannot be read now, so nobody knows whether they are still the same."""

    parts: tuple[str, ...]
    code: Literal["hidden"] = "hidden"


@dataclass(frozen=True, slots=True)
class NotApproved:
    """It is not approved: here, so that it is not filed or not completed, or in Intune (`in_intune`)."""

    completing: bool = False
    in_intune: bool = False
    code: Literal["not-ready"] = "not-ready"


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """Its time to be filed is over."""

    code: Literal["out-of-time"] = "out-of-time"


@dataclass(frozen=True, slots=True)
class NothingToCancel:
    """It cannot be taken back: it is being sent, being carried out, has been sent, or ended in Intune."""

    state: Literal["sending", "completing", "sent", "ended"]
    intune_status: IntuneStatus | None = None
    code: Literal["cannot-be-cancelled"] = "cannot-be-cancelled"


@dataclass(frozen=True, slots=True)
class NotARequester:
    """They may not ask for this operation; `groups` may, and without any nobody."""

    operation: str
    groups: tuple[str, ...]
    code: Literal["not-a-requester"] = "not-a-requester"


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """The target is in none of the groups that this operation is for, as far as the directory knows it."""

    operation: str
    groups: tuple[str, ...]
    unknown: tuple[Unknown, ...]
    code: Literal["out-of-scope"] = "out-of-scope"


# --- reminders ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimedBefore:
    """They are looking at it already, or were until a moment ago (`released`)."""

    released: bool = False
    code: Literal["nothing-to-claim"] = "nothing-to-claim"


@dataclass(frozen=True, slots=True)
class AlreadyUrgent:
    """It cannot become more urgent."""

    code: Literal["already-urgent"] = "already-urgent"


# --- emergencies --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoEmergencyAccess:
    """The emergency path is switched off, or this account is not one of those that may take it (`open`)."""

    open: bool
    code: Literal["no-emergency-access"] = "no-emergency-access"


@dataclass(frozen=True, slots=True)
class BrokenAlready:
    """The glass is broken; one other person has to approve now."""

    code: Literal["broken-already"] = "broken-already"


@dataclass(frozen=True, slots=True)
class NotAlone:
    """The emergency process is not asked for it, and nobody has to be told: one other person approves, as always."""

    code: Literal["not-alone"] = "not-alone"


@dataclass(frozen=True, slots=True)
class NoReview:
    """There is no open review."""

    code: Literal["no-review"] = "no-review"


@dataclass(frozen=True, slots=True)
class HadPart:
    """They had a part in the emergency, or asked for the operation (`asked`)."""

    asked: bool = False
    code: Literal["had-part"] = "had-part"


@dataclass(frozen=True, slots=True)
class NotAReviewer:
    """They are in none of the groups that close its review."""

    groups: tuple[str, ...]
    code: Literal["not-a-reviewer"] = "not-a-reviewer"


# --- brakes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotABrakePuller:
    """Only approvers pull and lift brakes."""

    code: Literal["not-a-brake-puller"] = "not-a-brake-puller"


@dataclass(frozen=True, slots=True)
class NoSuchBrake:
    """There is nothing to lift: no pause, no lock of that type, no doubt about the store."""

    wanted: Literal["pause", "lock", "store"]
    policy_type: str = ""
    code: Literal["no-such-brake"] = "no-such-brake"


@dataclass(frozen=True, slots=True)
class OtherWay:
    """What they want to unlock is no lock; it is lifted by a command in Teams, if there is one, or at a shell."""

    in_teams: str
    at_shell: str
    code: Literal["other-way"] = "other-way"


@dataclass(frozen=True, slots=True)
class RanForThem:
    """They asked for what ran without being held, so somebody else has to unlock the type."""

    policy_type: str
    code: Literal["ran-for-them"] = "ran-for-them"


@dataclass(frozen=True, slots=True)
class CountedAlready:
    """They want it lifted already, or another operator does (`operator`): it takes one more person."""

    operator: bool
    code: Literal["counted-already"] = "counted-already"


Refusal = (
    Closed
    | NotWaiting
    | Disagrees
    | DeadlinePassed
    | Changed
    | Grew
    | EndedInIntune
    | AskedAlone
    | WorkflowsClosed
    | OwnRequest
    | AccountInactive
    | NotAnApprover
    | RequestorUnknown
    | SignInFirst
    | NotYours
    | BegunByAnother
    | Lapsed
    | NothingWritten
    | TooShort
    | TooLong
    | WrongName
    | BadTicket
    | WhichCustodian
    | NothingToWithdraw
    | VotesAreFrozen
    | NothingToCarry
    | BeingCarried
    | NotFiled
    | NoApprovalToWithdraw
    | NotAsked
    | FiledAlready
    | Hidden
    | NotApproved
    | OutOfTime
    | NothingToCancel
    | NotARequester
    | OutOfScope
    | ClaimedBefore
    | AlreadyUrgent
    | NoEmergencyAccess
    | BrokenAlready
    | NotAlone
    | NoReview
    | HadPart
    | NotAReviewer
    | NotABrakePuller
    | NoSuchBrake
    | OtherWay
    | RanForThem
    | CountedAlready
)
"""Every reason for which somebody is refused."""
