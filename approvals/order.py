"""Orders from chat: one act on one target, before and after it becomes a request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from approvals.problems import Problem


class Act(StrEnum):
    """Every operation that can be requested in chat. The first three act on a device, the others assign to a group."""

    WIPE = "wipe"
    RETIRE = "retire"
    DELETE = "delete"
    SCRIPT = "script"
    ROLE = "role"
    COMPLIANCE = "compliance"

    @property
    def is_on_device(self) -> bool:
        """Return whether its target is a device; otherwise it assigns something to a group."""
        match self:
            case Act.WIPE | Act.RETIRE | Act.DELETE:
                return True
            case Act.SCRIPT | Act.ROLE | Act.COMPLIANCE:
                return False
            case _:
                assert_never(self)

    @property
    def policy_type(self) -> str:
        """Intune's name for the access policies that hold it."""
        return _POLICY_TYPES[self]

    @property
    def kind(self) -> str:
        """Intune's name for its target."""
        match self:
            case Act.WIPE | Act.RETIRE | Act.DELETE:
                return "ManagedDevice"
            case Act.SCRIPT:
                return "DeviceManagementScript"
            case Act.ROLE:
                return "RoleDefinition"
            case Act.COMPLIANCE:
                return "DeviceCompliancePolicy"
            case _:
                assert_never(self)


_POLICY_TYPES = {
    Act.WIPE: "deviceWipe",
    Act.RETIRE: "deviceRetire",
    Act.DELETE: "deviceDelete",
    Act.SCRIPT: "script",
    Act.ROLE: "role",
    Act.COMPLIANCE: "compliancePolicy",
}


class Unknown(StrEnum):
    """A part of an order's device that the directory may not know."""

    USER = "its user"
    DEVICE = "the device itself"


class Option(StrEnum):
    """An option of a wipe."""

    KEEP_USER_DATA = "keep-user-data"
    KEEP_ENROLLMENT = "keep-enrollment"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Order:
    """One act on one target, by ids. `target_id` is the device, or the object that is assigned to the group
    `group_id`."""

    act: Act
    target_id: str
    group_id: str = ""
    options: frozenset[Option] = frozenset()


class FilingState(StrEnum):
    """The state of an order in Intune."""

    WAITS = "waits"  # for our quorum; nothing has been sent
    CALLING = "calling"  # the filing call is under way
    LOST = "lost"  # its answer was lost; we look for its result
    BLOCKED = "blocked"  # nothing was filed, and `problem` says why
    HELD = "held"  # Intune holds it
    COMPLETING = "completing"  # the approved call is being sent again
    COMPLETED = "completed"  # Intune has taken the approved call
    RAN = "ran"  # the filing call was carried out at once, without approval in Intune
    DROPPED = "dropped"  # given up before it ran: cancelled, or out of time


@dataclass(frozen=True, slots=True)
class Filing:
    """An order and its way through Intune.

    `sealed_call` is the exact call, encrypted, from the filing until the end; `app_id` is the application that made
    it. `since` is when the state was reached, `held_at` when Intune took the order, `called_at` when it was completed
    for the first time of which nobody knows what it did, `done_at` when the operation itself was over. `put_off_since`
    is when the first of the calls was refused that are tried again by themselves.
    """

    order: Order
    since: datetime
    state: FilingState = FilingState.WAITS
    problem: Problem | None = None
    app_id: str = ""
    sealed_call: str = ""
    held_at: datetime | None = None
    called_at: datetime | None = None
    done_at: datetime | None = None
    put_off_since: datetime | None = None

    @property
    def is_unanswered(self) -> bool:
        """Return whether the filing call was made and its result is unknown."""
        return self.state in (FilingState.CALLING, FilingState.LOST)

    @property
    def completed_at(self) -> datetime | None:
        """The time when Intune took the approved call, or carried out the order without one."""
        return self.since if self.state in (FilingState.COMPLETED, FilingState.RAN) else None

    @property
    def ended_at(self) -> datetime | None:
        """The time when it was given up, or the operation was over."""
        return self.since if self.state is FilingState.DROPPED else self.done_at
