"""The subject of a review, read now: of a request in Intune, or of an order that Intune does not hold yet."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.alike import is_set, with_plain_ids
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
        "operation": row.operation.casefold(),
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
    said = _said(row.payload)
    behaviours = [one for one in said.get("obliterationbehavior", ()) if isinstance(one, str)]
    return Wipe(
        keeps_user_data=_is_kept(said.get("keepuserdata")),
        keeps_enrollment=_is_kept(said.get("keepenrollmentdata")),
        keeps_esim=_is_kept(said.get("persistesimdataplan")),
        is_protected=any(map(_is_on, said.get("useprotectedwipe", ()))),
        obliteration=behaviours[0] if behaviours else "",
    )


def _said(payload: Mapping[str, Any]) -> dict[str, list[object]]:
    """Every value that a name has in it, in lower case: a call may be shown twice, and differ."""
    found: dict[str, list[object]] = {}
    for name, value in _leaves(payload):
        found.setdefault(name, []).append(value)
    return found


def _leaves(part: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every named value, however deep it stands, in lower case."""
    if isinstance(part, Mapping):
        for below, value in part.items():
            yield from _leaves(value, str(below))
    elif isinstance(part, list):
        for item in part:
            yield from _leaves(item, name)
    else:
        yield name.casefold(), part


def _is_kept(values: Sequence[object] | None) -> bool:
    """Return whether it is kept: only if everything that is said of it says so."""
    return bool(values) and all(map(_is_on, values or ()))


def _is_on(value: object) -> bool:
    """Return whether it was asked for: only a clear yes keeps anything."""
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")


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
