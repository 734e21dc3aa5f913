"""Refusals: why a click or command changes nothing, with its values. The wording is in `cards/`.

Every refusal has a `code`, which the audit keeps beside the wording at that time.
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
    """It takes no votes: it was decided here or, while `decision` is open, ended in Intune."""

    decision: Decision
    intune_status: IntuneStatus | None = None
    code: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class NotWaiting:
    """The request no longer waits for anybody; `decision` is set if the text names it."""

    decision: Decision | None = None
    code: Literal["not-waiting"] = "not-waiting"


@dataclass(frozen=True, slots=True)
class Disagrees:
    """Intune's state and ours differ."""

    disagreement: Disagreement
    code: Literal["disagrees"] = "disagrees"


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """Our deadline has passed: no vote is possible, nor, with `glass`, break-glass."""

    glass: bool = False
    code: Literal["too-late"] = "too-late"


@dataclass(frozen=True, slots=True)
class Changed:
    """The content differs from what the person saw."""

    code: Literal["changed"] = "changed"


@dataclass(frozen=True, slots=True)
class Grew:
    """A group that it reaches holds many more by now than the person was shown; `before` is nothing if none was."""

    group: str
    before: int | None
    after: int
    code: Literal["grew"] = "grew"


@dataclass(frozen=True, slots=True)
class EndedInIntune:
    """Intune accepts nothing more for it: no decision or, with `completing`, not the approved call."""

    completing: bool = False
    code: Literal["ended-in-intune"] = "ended-in-intune"


@dataclass(frozen=True, slots=True)
class AskedAlone:
    """The emergency process is being called for it now."""

    code: Literal["asked-alone"] = "asked-alone"


# --- the person ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkflowsClosed:
    """Nobody may decide here: approving is switched off for these operations; without operations, no group is set
    up."""

    operations: tuple[str, ...] = ()
    code: Literal["nobody-may-decide"] = "nobody-may-decide"


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """They requested it or, with `glass`, used break-glass on it and so called for another person."""

    glass: bool = False
    code: Literal["own-request"] = "own-request"


@dataclass(frozen=True, slots=True)
class AccountInactive:
    """The account is disabled, or is a guest: it cannot do this."""

    deed: Literal["approve", "ask", "break-glass"]
    code: Literal["account-inactive"] = "account-inactive"


@dataclass(frozen=True, slots=True)
class NotAnApprover:
    """They are in none of the request's approver groups."""

    groups: tuple[str, ...]
    code: Literal["not-an-approver"] = "not-an-approver"


@dataclass(frozen=True, slots=True)
class RequestorUnknown:
    """The requestor is unknown: Intune does not name them, or the directory does not know them (`named`)."""

    named: bool
    code: Literal["unknown-requestor"] = "unknown-requestor"


@dataclass(frozen=True, slots=True)
class SignInFirst:
    """They have to sign in, so that Intune can check that they are not the requestor."""

    code: Literal["sign-in-first"] = "sign-in-first"


@dataclass(frozen=True, slots=True)
class NotYours:
    """Another person requested it."""

    code: Literal["not-yours"] = "not-yours"


@dataclass(frozen=True, slots=True)
class BegunByAnother:
    """Another person began this draft or prompt, and has not confirmed it yet."""

    code: Literal["begun-by-another"] = "begun-by-another"


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The draft or break-glass prompt has expired, or was closed."""

    what: Literal["draft", "prompt"]
    code: Literal["lapsed"] = "lapsed"


# --- typed text ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NothingWritten:
    """A reason is missing: for a rejection, for urgency, or for a brake."""

    purpose: Literal["reject", "urgent", "brake"]
    code: Literal["note-missing"] = "note-missing"


@dataclass(frozen=True, slots=True)
class TooShort:
    """The text is not enough as a reason; at least `least` characters are needed."""

    purpose: Literal["order", "emergency", "review"]
    least: int
    code: Literal["too-short"] = "too-short"


@dataclass(frozen=True, slots=True)
class TooLong:
    """The text is too long: it has `length` characters, and `most` are allowed."""

    purpose: Literal["order", "emergency", "review"]
    length: int
    most: int
    code: Literal["too-long"] = "too-long"


@dataclass(frozen=True, slots=True)
class WrongName:
    """The typed name is not the target's: of an order or, with `glass`, of the request for break-glass."""

    glass: bool = False
    code: Literal["wrong-name"] = "wrong-name"


@dataclass(frozen=True, slots=True)
class BadTicket:
    """The text is not a valid ticket number."""

    code: Literal["bad-ticket"] = "bad-ticket"


@dataclass(frozen=True, slots=True)
class WhichCustodian:
    """The account is shared, and they did not say which custodian they are."""

    code: Literal["which-custodian"] = "which-custodian"


# --- votes and the way to Intune ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NothingToWithdraw:
    """They have no vote on it."""

    code: Literal["nothing-to-withdraw"] = "nothing-to-withdraw"


@dataclass(frozen=True, slots=True)
class VotesAreFrozen:
    """Their vote stays: the request is decided, or they voted in Intune (`in_intune`) and have to withdraw it there."""

    in_intune: bool = False
    code: Literal["votes-are-frozen"] = "votes-are-frozen"


@dataclass(frozen=True, slots=True)
class NothingToCarry:
    """There is no decision to carry, or Intune already has it."""

    code: Literal["nothing-to-carry"] = "nothing-to-carry"


@dataclass(frozen=True, slots=True)
class BeingCarried:
    """Another person's call to Intune is under way."""

    by: str
    code: Literal["being-carried"] = "being-carried"


@dataclass(frozen=True, slots=True)
class NotFiled:
    """Intune does not hold it yet; `problem` says why, if known."""

    problem: Problem | None = None
    code: Literal["not-filed"] = "not-filed"


@dataclass(frozen=True, slots=True)
class NoApprovalToWithdraw:
    """Intune holds no approval that was not decided here."""

    code: Literal["nothing-to-cancel"] = "nothing-to-cancel"


# --- orders -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotAsked:
    """It was not requested in chat, so there is nothing to file."""

    code: Literal["nothing-to-file"] = "nothing-to-file"


@dataclass(frozen=True, slots=True)
class FiledAlready:
    """It was already filed, or given up."""

    code: Literal["filed-already"] = "filed-already"


@dataclass(frozen=True, slots=True)
class Hidden:
    """These parts of the reviewed content cannot be read now, so they may have changed."""

    parts: tuple[str, ...]
    code: Literal["hidden"] = "hidden"


@dataclass(frozen=True, slots=True)
class NotApproved:
    """It is not approved here, so it is not filed or (`completing`) completed; or it is not approved in Intune
    (`in_intune`)."""

    completing: bool = False
    in_intune: bool = False
    code: Literal["not-ready"] = "not-ready"


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """The time limit for filing it has passed."""

    code: Literal["out-of-time"] = "out-of-time"


@dataclass(frozen=True, slots=True)
class NothingToCancel:
    """It cannot be cancelled: it is being sent or completed, was sent, or ended in Intune."""

    state: Literal["sending", "completing", "sent", "ended"]
    intune_status: IntuneStatus | None = None
    code: Literal["cannot-be-cancelled"] = "cannot-be-cancelled"


@dataclass(frozen=True, slots=True)
class NotARequester:
    """They may not request this operation; members of `groups` may, and nobody if there are none."""

    operation: str
    groups: tuple[str, ...]
    code: Literal["not-a-requester"] = "not-a-requester"


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """The target is in none of this operation's groups, as far as the directory knows it."""

    operation: str
    groups: tuple[str, ...]
    unknown: tuple[Unknown, ...]
    code: Literal["out-of-scope"] = "out-of-scope"


# --- reminders ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimedBefore:
    """They have a claim on it, or had one until a moment ago (`released`)."""

    released: bool = False
    code: Literal["nothing-to-claim"] = "nothing-to-claim"


@dataclass(frozen=True, slots=True)
class AlreadyUrgent:
    """The request is urgent already."""

    code: Literal["already-urgent"] = "already-urgent"


# --- emergencies --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoEmergencyAccess:
    """Break-glass is switched off or, if `open`, this account may not use it."""

    open: bool
    code: Literal["no-emergency-access"] = "no-emergency-access"


@dataclass(frozen=True, slots=True)
class BrokenAlready:
    """Break-glass was used already; one other person has to approve now."""

    code: Literal["broken-already"] = "broken-already"


@dataclass(frozen=True, slots=True)
class NotAlone:
    """The emergency process is not called. This needs no message: one other person has to approve, as usual."""

    code: Literal["not-alone"] = "not-alone"


@dataclass(frozen=True, slots=True)
class NoReview:
    """There is no open review."""

    code: Literal["no-review"] = "no-review"


@dataclass(frozen=True, slots=True)
class HadPart:
    """They had a part in the emergency, or requested the operation (`asked`)."""

    asked: bool = False
    code: Literal["had-part"] = "had-part"


@dataclass(frozen=True, slots=True)
class NotAReviewer:
    """They are in none of its reviewer groups."""

    groups: tuple[str, ...]
    code: Literal["not-a-reviewer"] = "not-a-reviewer"


# --- brakes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotABrakePuller:
    """Only approvers pull and lift brakes."""

    code: Literal["not-a-brake-puller"] = "not-a-brake-puller"


@dataclass(frozen=True, slots=True)
class NoSuchBrake:
    """There is nothing to lift: no pause, no lock of that type, no store in doubt."""

    wanted: Literal["pause", "lock", "store"]
    policy_type: str = ""
    code: Literal["no-such-brake"] = "no-such-brake"


@dataclass(frozen=True, slots=True)
class OtherWay:
    """The brake to unlock is not a lock; it is lifted by a command in Teams, if there is one, or at a shell."""

    in_teams: str
    at_shell: str
    code: Literal["other-way"] = "other-way"


@dataclass(frozen=True, slots=True)
class RanForThem:
    """They requested what ran without being held, so another person has to unlock the type."""

    policy_type: str
    code: Literal["ran-for-them"] = "ran-for-them"


@dataclass(frozen=True, slots=True)
class CountedAlready:
    """They have already asked to lift it, or another operator has (`operator`): one more person is needed."""

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
"""Every refusal."""
