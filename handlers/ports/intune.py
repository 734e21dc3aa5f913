"""Approval requests in Intune, and its audit."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from approvals.request import Verdict
from approvals.subject import Fact, Reach
from handlers.ports.sign_in import UserToken


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody named in Graph: `is_person` tells a user from an application."""

    id: str
    name: str
    is_person: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A request as Graph returns it, parsed tolerantly. `raw_status` is kept for words we do not know.

    `payload` is the decoded held object or action parameters; `existing` and `added` are assignments. Missing
    fields are empty. `modified_at` is when the request itself last moved, `None` where Intune does not say.
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
    """What a payload points to, read now: a hash over its meaning, what of it a card has room for, and script text
    where there is one.

    `facts` are the first of them all, with `left_out` more; `reaches` are its targets.

    `modified_at` is when that was last changed: `None` where Intune does not say, `UNCHANGING` where the request itself
    says everything. It is no part of the hash, because it also moves where nothing changes that a reviewer judges.
    `unread` names the parts that Graph did not show now: "object", or "group:", "filter:", "role:", "script:" with an
    id. `raw` is what was filed, word for word, where nobody knows that type of object.
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
    """What Intune's audit says that an account did: the event's id, what, to what (`about` are the ids), and when."""

    event_id: str
    by: str
    what: str
    target: str
    about: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalEvent:
    """An approval by Intune's audit: when it was given, and by whom where the event names somebody."""

    at: datetime
    by: Identity | None


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """A device among many as Intune knows it now: Intune's word for its owner, who uses it, and its last contact."""

    name: str
    owner: str
    user: str
    contact_at: datetime | None


class Intune(Protocol):
    """Approval requests in Intune."""

    def changed_since(self, since: datetime | None) -> AsyncIterator[Row]:
        """Requests of every status that changed at or after `since`, in no particular order."""

    async def get(self, intune_id: str) -> Row:
        """One request; `NotFound` if it is gone or hidden."""

    async def content(self, row: Row) -> Content:
        """What the payload points to, as far as it can be read."""

    async def device_facts(self, device_id: str) -> tuple[tuple[str, str], ...]:
        """Label and value of what an approver wants to know of a device now (model, owner, last contact)."""

    async def devices_now(self, device_ids: Sequence[str]) -> tuple[DeviceNow | None, ...]:
        """Each of these devices in their order; nothing in the place of one that is gone or hidden."""

    async def who_filed(self, intune_id: str) -> Identity | None:
        """The requestor by Intune's audit events, for rows that do not say."""

    async def who_approved(self, intune_id: str) -> ApprovalEvent | None:
        """Return the latest approval by Intune's audit events, for rows that do not say who gave it, or when."""

    async def actions_of(self, accounts: Collection[str], since: datetime) -> Sequence[Audited]:
        """What these accounts have changed in Intune since then, by its audit."""

    async def decide(self, intune_id: str, verdict: Verdict, note: str, token: UserToken) -> str:
        """Approve or reject in that person's name, once, without retry. Returns Graph's request-id."""

    async def cancel_approval(self, intune_id: str, note: str, token: UserToken) -> str:
        """Withdraw a native approval in that person's name. Returns Graph's request-id."""
