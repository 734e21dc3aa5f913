"""Effects: work to be done, as data. An effect names a request and contains no copy of it, so it shows the present
state even if it is done late, twice or out of order. A few belong to no request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals.brake import Brake
from approvals.brake_news import BrakeNews
from approvals.incident import Incident
from approvals.ladder import Rung


class NotificationKind(StrEnum):
    """The kind of a notification."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    DECIDED_ELSEWHERE = "decided-elsewhere"
    WAITS_FOR_ONE = "waits-for-one"
    VOTES_VOID = "votes-void"
    MORE_READABLE = "more-readable"
    VOTE_FELL = "vote-fell"
    ASKED_ANEW = "asked-anew"
    NATIVE_VOID = "native-void"
    BELOW_QUORUM = "below-quorum"
    APPROVED_AFTER_END = "approved-after-end"
    CHANGED_AFTER_DECISION = "changed-after-decision"
    GROUP_GREW = "group-grew"
    GROWN_AFTER_DECISION = "grown-after-decision"
    APPROVED_FOR_OTHER_CONTENT = "approved-for-other-content"
    POLICY_CHANGE = "policy-change"
    UNKNOWN_STATUS = "unknown-status"
    COPY_LOST = "copy-lost"
    COPY_UNNAMED = "copy-unnamed"
    HELD = "held"
    BLOCKED = "blocked"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    NOTHING_SHOWS = "nothing-shows"
    OUTCOME_UNKNOWN = "outcome-unknown"
    DROPPED = "dropped"
    COMPLETE_SOON = "complete-soon"
    RAN_UNHELD = "ran-unheld"
    WRONG_APPROVER = "wrong-approver"
    WAITS = "waits"
    URGENT = "urgent"
    CLAIMED = "claimed"
    PAGED = "paged"
    NOBODY_ANSWERS = "nobody-answers"
    GLASS_BROKEN = "glass-broken"
    REVIEW_OPENED = "review-opened"
    REVIEW_DUE = "review-due"
    REVIEW_OVERDUE = "review-overdue"
    REVIEW_CLOSED = "review-closed"
    STORE_WENT_BACK = "store-went-back"


class Medium(StrEnum):
    """The way a message reaches a person or channel."""

    THREAD = "thread"  # a channel, by its id
    CHAT = "chat"  # a 1:1 chat, by the account's object id
    MAIL = "mail"  # a mailbox, by the account's object id
    ALARM = "alarm"  # the operations channel, by its id


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is combined with others until delivery."""

    request_id: str
    notification: NotificationKind


@dataclass(frozen=True, slots=True)
class PostCards:
    """Post the card to every channel of the request's workflows that has none yet."""

    request_id: str


@dataclass(frozen=True, slots=True)
class RefreshCards:
    """Redraw every posted copy with the present state."""

    request_id: str


@dataclass(frozen=True, slots=True)
class AwaitIntune:
    """Read the request from Intune now. It changes nothing there."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Close the vote if our deadline has passed."""

    request_id: str


@dataclass(frozen=True, slots=True)
class File:
    """Send an order from chat to Intune, now that it is approved here."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Send the filed call again, now that Intune has approved it."""

    request_id: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Cancel in Intune what we filed and no longer want."""

    request_id: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Drop an order that was approved here and could not be filed in time."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Follow:
    """Look how far the operation has come; with many devices, at a part of them from this number on, counted from 0."""

    request_id: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class EndAttempt:
    """Mark a call to the emergency process as in doubt if its answer was not recorded."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Climb:
    """Take this step of the request's ladder, unless it has become pointless. The first step has the `number` 0."""

    request_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Page:
    """Page the next person on call, if nobody has answered. The first person has the `number` 0."""

    request_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Release:
    """Remove an expired claim."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind the people who can still help, through the channel of this rung."""

    request_id: str
    rung: Rung


@dataclass(frozen=True, slots=True)
class Announce:
    """Notify by mail everybody who could have decided."""

    request_id: str
    notification: NotificationKind


@dataclass(frozen=True, slots=True)
class RemindReview:
    """Ask for the review again, if it is still open; reminders count from 1."""

    request_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send the combined notices of one recipient as one message, for any number of requests."""

    medium: Medium
    target: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Read Intune and every open request again, because another server answers, or the store went back."""


@dataclass(frozen=True, slots=True)
class SayToOperators:
    """Write one line about an event to the operations channel. Unlike other effects it keeps its original text, because
    the event is over; `at` distinguishes two events with the same text."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class SayPulled:
    """Tell the operations channel that this brake was pulled, as it was then."""

    at: datetime
    brake: Brake


@dataclass(frozen=True, slots=True)
class SayMoved:
    """Send news about a brake to the operations channel; `at` distinguishes two moves with the same text."""

    at: datetime
    news: BrakeNews


@dataclass(frozen=True, slots=True)
class Recheck:
    """Redraw the requests that a brake of this name stops; if it is lifted, retry their calls."""

    brake: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Write one line under the card, because edits notify nobody."""

    request_id: str
    notification: NotificationKind


@dataclass(frozen=True, slots=True)
class Alarm:
    """Send an alarm to the operations channel."""

    request_id: str
    notification: NotificationKind


@dataclass(frozen=True, slots=True)
class CallOut:
    """Send an alarm or a page outside the tenant, independently of Teams. `at` distinguishes it from an earlier one on
    the same occasion."""

    request_id: str
    notification: NotificationKind
    at: datetime


@dataclass(frozen=True, slots=True)
class SayIncident:
    """Report an incident to the operations channel."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class CallOutIncident:
    """Report an incident outside the tenant, independently of Teams."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class TellPerson:
    """Tell one person (an account's object id) in private, or where they can be reached."""

    request_id: str
    notification: NotificationKind
    account: str


@dataclass(frozen=True, slots=True)
class MailPerson:
    """Tell one person (an account's object id) by mail."""

    request_id: str
    notification: NotificationKind
    account: str


@dataclass(frozen=True, slots=True)
class AskPeople:
    """Mention by name, once, the people who can fill an open seat, under the card that this attempt has posted."""

    request_id: str
    attempt: str


OnOrder = File | Complete | TakeBack | GiveUp | Follow | EndAttempt
"""Effects on an order from chat."""

OnLadder = Climb | Page | Release | Remind | Announce | RemindReview
"""Effects that remind people."""

OnPeople = AskPeople | Reply | Alarm | CallOut | TellPerson | MailPerson
"""Effects that notify people."""

ForRequest = PostCards | RefreshCards | AwaitIntune | Expire | OnOrder | OnLadder | OnPeople
"""Every effect that names a request."""

Effect = (
    ForRequest | Deliver | SayToOperators | SayPulled | SayMoved | SayIncident | CallOutIncident | Recheck | LookAgain
)


@dataclass(frozen=True, slots=True)
class Planned:
    """An effect and its due time; at once if there is none."""

    effect: Effect
    due: datetime | None = None


def told(incident: Incident) -> tuple[Planned, Planned]:
    """Return both notifications of an incident; neither waits for the other."""
    return Planned(SayIncident(incident)), Planned(CallOutIncident(incident))


def effect_id(effect: Effect) -> str:
    """Return the id of this work. An effect planned twice is done once, at the later plan's due time."""
    parts = [type(effect).__name__, *(str(getattr(effect, name)) for name in effect.__slots__)]
    return ":".join(parts)
