"""The subject of a review, read now: of a request in Intune, or of an order that Intune does not hold yet."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.order import Order
from approvals.subject import Device, Subject, Wipe
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
    payload = {
        "operation": row.operation,
        "payload": _alike(row.payload),
        "patch": _alike(row.patch),
        "added": _unordered(row.added),
        "existing": _unordered(row.existing),
        "devices": _unordered(row.devices),
    }
    return Subject(
        policy_types=row.policy_types,
        kind=row.kind,
        action=(row.action or row.operation or "change").lower(),
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
        wipe=_wipe(row),
    )


def _wipe(row: Row) -> Wipe | None:
    """Return how the device is wiped. Intune does only what the call says:
    https://learn.microsoft.com/graph/api/intune-devices-manageddevice-wipe
    """
    if row.action.casefold() != "wipe":
        return None
    said = dict(_leaves(row.payload))
    behaviour = said.get("obliterationbehavior")
    return Wipe(
        keeps_user_data=_is_on(said.get("keepuserdata")),
        keeps_enrollment=_is_on(said.get("keepenrollmentdata")),
        keeps_esim=_is_on(said.get("persistesimdataplan")),
        is_protected=_is_on(said.get("useprotectedwipe")),
        obliteration=behaviour if isinstance(behaviour, str) else "",
    )


def _leaves(payload: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield every named value, however deeply nested, its name in lower case."""
    for name, value in payload.items():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield name.casefold(), value


def _is_on(value: object) -> bool:
    """Return whether it was asked for: only a clear yes keeps anything."""
    return value is True or (isinstance(value, str) and value.casefold() == "true")


def device_of(shown: Mapping[str, str]) -> Device:
    """Return a device as Intune's request describes it."""
    by_name = {name.casefold(): value for name, value in shown.items()}
    user = by_name.get("primaryuseremail") or by_name.get("primaryuser", "")
    serial = by_name.get("serialnumber", "")
    return Device(by_name.get("deviceid", ""), by_name.get("devicename", ""), serial, user)


def _alike(part: object) -> object:
    """Return the same for a call that lists the same assignments in another order."""
    if isinstance(part, Mapping):
        return {name: _listed(name, item) for name, item in part.items()}
    return [_alike(item) for item in part] if isinstance(part, list) else part


def _listed(name: str, item: object) -> object:
    if isinstance(item, list) and name.casefold().endswith("assignments"):
        return _unordered(item)
    return _alike(item)


def _unordered(parts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the same list for the same parts in any order."""
    return sorted(json.dumps(part, sort_keys=True, default=list) for part in parts)


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=list).encode()).hexdigest()
