"""The subject of a review, read now: of a request in Intune, or of an order that Intune does not hold yet."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.alike import is_set, with_plain_ids
from approvals.device_actions import ON_DEVICE, action_of, is_on_device
from approvals.kinds import Shape, kind_of
from approvals.order import Order
from approvals.subject import Device, Subject
from handlers.gathering.wipes import wipe_of
from handlers.ports.intune import Content, Intune, Row
from handlers.ports.orders import Orders, Plan

MOST_DEVICES = 40
"""Most devices that are stored with one request; Details lists every one."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The subject, and when it was last changed; `None` if not known."""

    subject: Subject
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subjects:
    """Reads subjects."""

    intune: Intune
    orders: Orders

    async def of_row(self, row: Row) -> Reviewed:
        """Return the subject of a row."""
        content = await self.intune.content(row)
        return Reviewed(subject_of(row, content), content.modified_at)

    async def of_order(self, order: Order) -> tuple[Reviewed, Plan]:
        """Return the subject of an order, and what it would do; raise `NotFound` if its target is gone."""
        plan = await self.orders.plan(order)
        return await self.of_row(plan.row), plan


def subject_of(row: Row, content: Content) -> Subject:
    """Return everything a reviewer judges, without what changes by itself (last contact, status, times)."""
    kind, action = _operation(row)
    payload = {
        "operation": row.operation.casefold(),
        "payload": _alike(row.payload),
        "patch": _alike(row.patch),
        "added": _unordered(row.added),
        "existing": _unordered(row.existing),
        "devices": _unordered(row.devices),
    }
    return Subject(
        policy_types=row.policy_types,
        kind=kind,
        action=action,
        target_id=row.target_id,
        target=row.target,
        payload_sha256=_sha256(payload),
        content_sha256=content.sha256,
        facts=content.facts,
        left_out=content.left_out,
        reaches=content.reaches,
        devices=tuple(map(device_of, row.devices[:MOST_DEVICES])),
        device_count=len(row.devices),
        unread=content.unread,
        wipe=wipe_of(row.payload, row.patch) if action == "wipe" else None,
    )


def _operation(row: Row) -> tuple[str, str]:
    """Return the type of the target and what is done to it. Intune may leave out the type of a device, and has several
    names for one action."""
    kind = row.kind or (ON_DEVICE if is_on_device(row.action, row.policy_types) else "")
    known, action = kind_of(kind, row.policy_types), row.action or row.operation or "change"
    on_device = known is not None and known.shape is Shape.DEVICE
    return kind, action_of(action) if on_device else action.lower()


def device_of(shown: Mapping[str, str]) -> Device:
    """Return a device as Intune's request describes it."""
    by_name = {name.casefold(): value for name, value in shown.items()}
    user = by_name.get("primaryuseremail") or by_name.get("primaryuser", "")
    serial = by_name.get("serialnumber", "")
    return Device(by_name.get("deviceid", ""), by_name.get("devicename", ""), serial, user)


def _alike(part: object, name: str = "") -> object:
    """The same for a call that says the same: names and ids in any casing, sets in any order."""
    if isinstance(part, Mapping):
        pairs = ([one.casefold(), _alike(item, one)] for one, item in part.items())
        return _sorted(pairs)
    if isinstance(part, list):
        items = [_alike(item) for item in part]
        return _sorted(items) if is_set(name, part) else items
    return with_plain_ids(part) if isinstance(part, str) else part


def _unordered(parts: Iterable[Mapping[str, Any]]) -> list[object]:
    """The same list for the same parts in any order."""
    return _sorted(map(_alike, parts))


def _sorted(parts: Iterable[object]) -> list[object]:
    return sorted(parts, key=lambda part: json.dumps(part, default=list))


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=list).encode()).hexdigest()
