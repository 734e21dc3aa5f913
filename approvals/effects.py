"""What must now be done, as data. An effect names a request and carries no copy of it: done late, twice or out of
order, it shows the present. Few belong to no request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals.brake import Brake
from approvals.brake_news import BrakeNews
from approvals.incident import Incident
from approvals.ladder import Rung


class Occasion(StrEnum):
    """What an effect speaks of."""

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
    """How a message reaches somebody."""

    THREAD = "thread"  # a channel, by its id
    CHAT = "chat"  # a 1:1 chat, by the account's object id
    MAIL = "mail"  # a mailbox, by the account's object id
    ALARM = "alarm"  # the operations channel, by its id


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told to somebody, gathered with others until it is delivered."""

    request_id: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class PostCards:
    """Post the card to every channel of the request's workflows that has none yet."""

    request_id: str


@dataclass(frozen=True, slots=True)
class RefreshCards:
    """Bring every posted copy up to the present."""

    request_id: str


@dataclass(frozen=True, slots=True)
class AwaitIntune:
    """Look what Intune says of the request now. It only looks."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Close the vote if our deadline has passed."""

    request_id: str


@dataclass(frozen=True, slots=True)
class File:
    """Send to Intune what was asked for in chat, now that it is approved here."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Send the filed call again, now that Intune has approved it."""

    request_id: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Cancel in Intune what we filed and do not want any more."""

    request_id: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Drop what was approved here and could not be filed, if its time is over."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Follow:
    """Look how far the operation itself has come; of many devices at some, from this one on. They count from 0."""

    request_id: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class EndAttempt:
    """Whoever asked the emergency process has not written its answer down: from now on it is in doubt."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Climb:
    """Take this step of the request's ladder, if it still has a point; steps count from 0."""

    request_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Page:
    """Ask the next person on call, if nobody has answered; people count from 0."""

    request_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Release:
    """Take a claim away whose time is over."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Remind:
    """Tell those who can still help, by what a rung of the ladder is called."""

    request_id: str
    rung: Rung


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell by mail everybody who could have decided."""

    request_id: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class RemindReview:
    """Ask for the review again, if it is still open; reminders count from 1."""

    request_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send what has been gathered for one recipient: one message, however many requests it is about."""

    medium: Medium
    target: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look at Intune and at every open request once more, because another server answers, or the store went back."""


@dataclass(frozen=True, slots=True)
class Say:
    """Write one line about an event to the operations channel. An event is over, so unlike everything else the line is
    said as it was written then; `at` tells two events with the same words apart."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class SayPulled:
    """Tell the operations channel that this brake was pulled, as it was then."""

    at: datetime
    brake: Brake


@dataclass(frozen=True, slots=True)
class SayMoved:
    """Tell the operations channel what became of a brake; `at` tells two moves with the same words apart."""

    at: datetime
    news: BrakeNews


@dataclass(frozen=True, slots=True)
class Recheck:
    """Redraw what a brake of this name stops; if it is lifted, try what it held back."""

    brake: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Write one line under the card, because edits notify nobody."""

    request_id: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell the operations channel."""

    request_id: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class CallOut:
    """Tell an alarm or a page outside of the tenant, whatever becomes of it in Teams. `at` tells it from an earlier one
    on the same occasion."""

    request_id: str
    occasion: Occasion
    at: datetime


@dataclass(frozen=True, slots=True)
class SayIncident:
    """Tell the operations channel of an incident."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class CallOutIncident:
    """Tell an incident outside of the tenant, whatever becomes of it in Teams."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class TellPerson:
    """Tell one person (an account's object id) in private, or where they can be reached."""

    request_id: str
    occasion: Occasion
    account: str


@dataclass(frozen=True, slots=True)
class MailPerson:
    """Tell one person (an account's object id) by mail."""

    request_id: str
    occasion: Occasion
    account: str


@dataclass(frozen=True, slots=True)
class AskPeople:
    """Call those by name who can fill an open seat, once, under the card that this attempt has posted."""

    request_id: str
    attempt: str


OnOrder = File | Complete | TakeBack | GiveUp | Follow | EndAttempt
"""What has to be done about something that was asked for in chat."""

OnLadder = Climb | Page | Release | Remind | Announce | RemindReview
"""What reminds people."""

OnPeople = AskPeople | Reply | Alarm | CallOut | TellPerson | MailPerson
"""What tells people what has happened."""

OnRequest = PostCards | RefreshCards | AwaitIntune | Expire | OnOrder | OnLadder | OnPeople
"""Everything that names a request."""

Effect = OnRequest | Deliver | Say | SayPulled | SayMoved | SayIncident | CallOutIncident | Recheck | LookAgain


@dataclass(frozen=True, slots=True)
class Planned:
    """An effect and when it is due; at once without a time."""

    effect: Effect
    due: datetime | None = None


def told(incident: Incident) -> tuple[Planned, Planned]:
    """Both ways in which an incident is told; neither waits for the other."""
    return Planned(SayIncident(incident)), Planned(CallOutIncident(incident))


def effect_id(effect: Effect) -> str:
    """The same for the same work: planned twice, it is done once with the later plan's due time."""
    parts = [type(effect).__name__, *(str(getattr(effect, name)) for name in effect.__slots__)]
    return ":".join(parts)
