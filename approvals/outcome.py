"""What the rules answer: the request as it is now, what follows from it, or why nothing changed."""

from dataclasses import dataclass
from enum import StrEnum

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned
from approvals.request import Request


class Reason(StrEnum):
    """Why a click changed nothing."""

    CLOSED = "closed"
    TOO_LATE = "too-late"
    CHANGED = "changed"
    OWN_REQUEST = "own-request"
    NOT_AN_APPROVER = "not-an-approver"
    NOBODY_MAY_DECIDE = "nobody-may-decide"
    UNKNOWN_REQUESTOR = "unknown-requestor"
    SIGN_IN_FIRST = "sign-in-first"
    NOTE_MISSING = "note-missing"
    NOTHING_TO_WITHDRAW = "nothing-to-withdraw"
    VOTES_ARE_FROZEN = "votes-are-frozen"
    BEING_CARRIED = "being-carried"
    NOTHING_TO_CARRY = "nothing-to-carry"
    NOTHING_TO_CANCEL = "nothing-to-cancel"
    NOTHING_TO_FILE = "nothing-to-file"
    NOT_READY = "not-ready"
    WRONG_APPROVER = "wrong-approver"
    NOT_A_REQUESTER = "not-a-requester"
    OUT_OF_SCOPE = "out-of-scope"
    BAD_REASON = "bad-reason"
    WRONG_NAME = "wrong-name"
    NOT_YOURS = "not-yours"
    NO_EMERGENCY_ACCESS = "no-emergency-access"
    BAD_TICKET = "bad-ticket"
    WHICH_CUSTODIAN = "which-custodian"
    NOTHING_TO_CLAIM = "nothing-to-claim"
    NO_REVIEW = "no-review"
    HAD_PART = "had-part"
    NOT_A_REVIEWER = "not-a-reviewer"
    ALREADY_URGENT = "already-urgent"
    NOT_ALONE = "not-alone"
    BROKEN_ALREADY = "broken-already"
    BRAKED = "braked"
    NO_SUCH_BRAKE = "no-such-brake"
    OTHER_WAY = "other-way"
    COUNTED_ALREADY = "counted-already"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason and the sentence that the person reads."""

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The request after the rules have spoken, what must be done, what is recorded, and the refusal if there is one.

    With a refusal the request is the one that came in and nothing is to be done. What claims a call that
    changes something in Intune is stored only where none of the brakes called `unless` is on; `locks` are pulled.
    """

    request: Request
    planned: tuple[Planned, ...] = ()
    entries: tuple[AuditEntry, ...] = ()
    refusal: Refusal | None = None
    unless: tuple[str, ...] = ()
    locks: tuple[Brake, ...] = ()
