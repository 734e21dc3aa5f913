"""Kinds and fields of audit entries. An entry is stored in the same step as the state that it describes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from approvals.because import Because


class Kind(StrEnum):
    """The kind of an event."""

    PICKED_UP = "picked-up"
    POSTED = "posted"
    COPY_LOST = "copy-lost"
    VOTED = "voted"
    REFUSED = "refused"
    VOTE_WITHDRAWN = "vote-withdrawn"
    VOTE_FELL = "vote-fell"
    VOTES_VOID = "votes-void"
    QUORUM_REACHED = "quorum-reached"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SENT_TO_INTUNE = "sent-to-intune"
    INTUNE_ANSWERED = "intune-answered"
    SIGN_IN_FAILED = "sign-in-failed"
    RECONCILED = "reconciled"
    DECIDED_OUTSIDE = "decided-outside"
    NOT_COUNTED = "approval-not-counted"
    APPROVAL_CANCELLED = "approval-cancelled"
    ASKED = "asked"
    FILED = "filed"
    NOT_FILED = "not-filed"
    RAN_UNHELD = "ran-unheld"
    COMPLETED = "completed"
    NOT_COMPLETED = "not-completed"
    EXECUTED = "executed"
    NOT_SEEN = "not-seen"
    CANCELLED = "cancelled"
    TAKEN_BACK = "taken-back"
    PAUSED = "paused"
    RESUMED = "resumed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    REMINDED = "reminded"
    URGENT = "urgent"
    CLAIMED = "claimed"
    DELEGATED = "delegated"
    ESCALATED = "escalated"
    GLASS_BROKEN = "break-glass-invoked"
    DRILL = "drill"
    ASKED_ALONE = "asked-alone"
    EXECUTED_ALONE = "executed-alone"
    NOT_ALONE = "not-executed-alone"
    REVIEW_OPENED = "review-opened"
    REVIEW_OVERDUE = "review-overdue"
    REVIEW_CLOSED = "review-closed"
    CONFIG_LOADED = "config-loaded"
    ADOPTED = "config-adopted"
    STARTED = "started"
    STOPPED = "stopped"
    PRUNED = "pruned"
    RETENTION_CONFIRMED = "retention-confirmed"
    REJOINED = "rejoined"
    STORE_WENT_BACK = "store-went-back"
    STORE_ACCEPTED = "store-accepted"
    ENTRY_LOST = "entry-lost"


class Identified(StrEnum):
    """The way in which a person's identity is known."""

    BY_CHANNEL = "channel"
    BY_TOKEN = "signed-token"  # noqa: S105  a kind of identification, not a secret
    BY_CREDENTIAL = "credential"  # our own application, by its credential
    BY_INTUNE = "intune"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One audited event: kind, time, request; person (object id, and name at that time); state before and after;
    reason.

    `why` is text that a person wrote. `because` is the rules' reason with its values; our wording of it at that time is
    in `why`, or among the evidence if a person wrote the `why`. `digest` is that of the reviewed content, `evidence`
    holds short texts: group memberships at that moment, Intune's request id, Graph's request-id. Secrets and tokens are
    never included.
    """

    kind: Kind
    at: datetime
    request_id: str = ""
    who: str = ""
    name: str = ""
    identified: Identified = Identified.NOBODY
    before: str = ""
    after: str = ""
    why: str = ""
    because: Because | None = None
    digest: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
