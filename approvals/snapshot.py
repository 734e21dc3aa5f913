"""Facts seen elsewhere: a person in the directory, a request in Intune."""

from dataclasses import dataclass
from datetime import UTC, datetime

from approvals.people import Person, Requestor
from approvals.request import (
    IntuneStatus,
)
from approvals.subject import Subject

UNCHANGING = datetime.min.replace(tzinfo=UTC)
"""Used instead of a time for content that cannot change after filing: the request itself contains all of it."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A person's groups and account status in the directory right now.

    `groups` are the requested groups that contain the account they act with; `active` means an enabled account of the
    home tenant that is not a guest.
    """

    person: Person
    groups: frozenset[str]
    active: bool

    @property
    def is_member(self) -> bool:
        """Return whether their account is active and in any of the requested groups."""
        return self.active and bool(self.groups)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A request as Intune shows it.

    `approver` is the native one, with their standing, if Intune or its audit events name a person; `approved_at` is
    when that approval was given. `modified_at` is when the request itself last changed, which is not before the
    approval. `content_at` is when the content it points to last changed. All three are `None` if unknown. `devices` are
    the ids of all its devices, an empty id for one that is not named.
    """

    intune_id: str
    status: IntuneStatus
    subject: Subject
    requestor: Requestor
    approver: Eligibility | None
    justification: str
    approval_note: str
    filed_at: datetime
    expires_at: datetime
    modified_at: datetime | None
    approved_at: datetime | None = None
    content_at: datetime | None = None
    devices: tuple[str, ...] = ()
