"""Approval requests in Intune, and its audit."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from approvals.request import Verdict
from approvals.subject import Fact, Reach
from handlers.ports.sign_in import UserToken


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or an application named in Graph; `is_person` tells which."""

    id: str
    name: str
    is_person: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A request as Graph returns it, parsed tolerantly. `raw_status` is kept for statuses that we do not know.

    `payload` is the decoded held object or action parameters; `existing` and `added` are assignments. Missing fields
    are empty. `modified_at` is when the request itself last changed, `None` if Intune does not say.
    """

    id: str
    raw_status: str
    policy_types: tuple[str, ...]
    kind: str
    operation: str
    action: str
    target_id: str
    target: str
    payload: Mapping[str, Any]
    devices: tuple[Mapping[str, str], ...]
    requestor: Identity | None
    approver: Identity | None
    justification: str
    approval_note: str
    filed_at: datetime
    expires_at: datetime
    modified_at: datetime | None
    patch: Mapping[str, Any] = field(default_factory=dict)
    added: tuple[Mapping[str, Any], ...] = ()
    existing: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The objects that a payload refers to, read now: a hash of their meaning, facts that fit on a card, and a script's
    text.

    `facts` are the first ones, `left_out` the number of the others; `reaches` are the targets.

    `modified_at` is their last change: `None` if Intune does not say, `UNCHANGING` if the request itself contains
    everything. It is not part of the hash, because it also changes if nothing that a reviewer judges has changed.
    `unread` names the parts that Graph did not show now: "object", or "group:", "filter:", "role:", "script:" with an
    id. `raw` is the filed text, if that type of object is unknown.
    """

    sha256: str = ""
    facts: tuple[Fact, ...] = ()
    left_out: int = 0
    reaches: tuple[Reach, ...] = ()
    script: str = ""
    modified_at: datetime | None = None
    unread: tuple[str, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Audited:
    """An action of an account in Intune's audit: the event's id, the action, its target (`about` are the ids), and the
    time."""

    event_id: str
    by: str
    what: str
    target: str
    about: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalEvent:
    """An approval in Intune's audit: its time, and the person if the event names one."""

    at: datetime
    by: Identity | None


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """One of many devices as Intune knows it now: Intune's word for its owner, its user, and its last contact."""

    name: str
    owner: str
    user: str
    contact_at: datetime | None


IsNews = Callable[[str, str], bool]
"""Whether the request of this id, which Intune shows in this status (in its own word), is worth reading."""


def nothing_else(_intune_id: str, _raw_status: str) -> bool:
    """Return false: what changed earlier is not worth reading."""
    return False


class Intune(Protocol):
    """Approval requests in Intune."""

    def changed_since(self, since: datetime | None, is_news: IsNews = nothing_else) -> AsyncIterator[Row]:
        """Requests of every status that changed at or after `since`, and those that are news whenever they changed, in
        no particular order."""

    async def get(self, intune_id: str) -> Row:
        """Return one request; raise `NotFound` if it is gone or hidden."""

    async def content(self, row: Row) -> Content:
        """Return what the payload refers to, as far as it can be read."""

    async def device_facts(self, device_id: str) -> tuple[tuple[str, str], ...]:
        """Return label and value of a device's present facts for approvers (model, owner, last contact)."""

    async def devices_now(self, device_ids: Sequence[str]) -> tuple[DeviceNow | None, ...]:
        """Return each of these devices in their order; `None` for one that is gone or hidden."""

    async def who_filed(self, intune_id: str) -> Identity | None:
        """Return the requestor from Intune's audit events, for rows that name none."""

    async def who_approved(self, intune_id: str) -> ApprovalEvent | None:
        """Return the latest approval from Intune's audit events, for rows that do not say who gave it, or when."""

    async def actions_of(self, accounts: Collection[str], since: datetime) -> Sequence[Audited]:
        """Return what these accounts have changed in Intune since then, from its audit."""

    async def decide(self, intune_id: str, verdict: Verdict, note: str, token: UserToken) -> str:
        """Approve or reject in that person's name, once, without retry. Return Graph's request-id."""

    async def cancel_approval(self, intune_id: str, note: str, token: UserToken) -> str:
        """Withdraw a native approval in that person's name. Return Graph's request-id."""
