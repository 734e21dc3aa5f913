"""An emergency account that acts in Intune directly, without a request: this raises an alarm and opens a review."""

from dataclasses import dataclass
from datetime import datetime

from approvals.audit import Identified, Kind
from approvals.causes import PastRequests
from approvals.change import Change
from approvals.effects import Alarm, Announce, NotificationKind
from approvals.emergency import Emergency
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.request import (
    DecisionsMode,
    IntuneStatus,
    Request,
)
from approvals.review import open_review
from approvals.subject import Subject


@dataclass(frozen=True, slots=True)
class DirectAction:
    """One action from an event of Intune's audit: event id, person, action, target, and time."""

    event_id: str
    by: Person
    what: str
    target: str
    target_id: str
    at: datetime

    @property
    def key(self) -> str:
        """The substitute for a request's Intune id. A direct action has none; its audit event's id is as unique."""
        return f"audit:{self.event_id}"


def review_action(
    request_id: str, action: DirectAction, emergency: Emergency, config_digest: str, now: datetime
) -> Outcome:
    """Open a request that is already over, so that the action can be reviewed; it takes no votes."""
    request = Request(
        id=request_id,
        intune_id=action.key,
        subject=Subject((), "", action.what.casefold(), action.target_id, action.target, ""),
        workflows=(),
        config_digest=config_digest,
        decisions=DecisionsMode.TRACK,
        requestor=action.by,
        initiator=None,
        justification="",
        filed_at=action.at,
        opened_at=now,
        deadline=now,
        intune_expires_at=now,
        intune_status=IntuneStatus.COMPLETED,
    )
    change = Change(request, now)
    change.note_subject(Kind.PICKED_UP, action.by, Identified.BY_INTUNE, IntuneStatus.COMPLETED)
    cause = PastRequests(action.by.account, action.by.name)
    open_review(change, emergency, cause, emergency.people_behind(action.by))
    change.plan(Alarm(request_id, NotificationKind.REVIEW_OPENED))
    change.plan(Announce(request_id, NotificationKind.REVIEW_OPENED))
    return change.outcome()
