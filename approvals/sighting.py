"""What was seen elsewhere: a person in the directory, a request in Intune."""

from dataclasses import dataclass
from datetime import UTC, datetime

from approvals.people import Person, Requestor
from approvals.request import (
    IntuneStatus,
)
from approvals.subject import Subject

UNCHANGING = datetime.min.replace(tzinfo=UTC)
"""Stands in the place of a time for what nobody can change behind a request: it says all of it itself."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the directory says of a person right now.

    `groups` are those of the asked approver groups that hold the account they act with; `active` means an enabled
    account of the home tenant that is no guest.
    """

    person: Person
    groups: frozenset[str]
    active: bool

    @property
    def is_member(self) -> bool:
        """Whether an active account of theirs is in any of the asked groups."""
        return self.active and bool(self.groups)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A request as Intune shows it.

    `approver` is the native one, with their standing, where Intune or its audit events name a person; `approved_at` is
    when that approval was given. `modified_at` is when the request itself last moved: not before that. `content_at` is
    when what it points to was last changed. All three are nothing where nobody says. `devices` are the ids of all that
    it is done to, empty for one that is not named.
    """

    intune_id: str
    status: IntuneStatus
    subject: Subject
    requestor: Requestor
    approver: Standing | None
    justification: str
    approval_note: str
    filed_at: datetime
    expires_at: datetime
    modified_at: datetime | None
    approved_at: datetime | None = None
    content_at: datetime | None = None
    devices: tuple[str, ...] = ()
