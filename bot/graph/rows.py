"""An approval request as Intune returns it, read tolerantly.

Half of what a reviewer needs is in no schema, and reports disagree on the rest: names come in several casings, parts as
objects or as JSON in a string, identities as null. Missing values are empty; unknown values stay as written.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from approvals.kinds import Shape, kind_of
from bot.graph import encoded, hiding, loose
from bot.graph.named_devices import named_devices
from handlers.ports.errors import Unavailable
from handlers.ports.intune import Identity, Row

NEVER = datetime.min.replace(tzinfo=UTC)
"""Stands for a time that Intune did not give: long past, so that everything that waits for it has ended."""

_LONGEST = timedelta(days=30)
"""Time for which Intune shows a request (Microsoft Learn, "Use Multi Admin Approval in Intune")."""

_KNOWN = ("needsApproval", "approved", "rejected", "cancelled", "completed", "expired")
_STATUS = {word.casefold(): word for word in _KNOWN} | {"canceled": "cancelled"}

# The action on the device, for rows that do not name it.
_ACTION_BY_POLICY = {
    "devicewipe": "wipe",
    "deviceretire": "retire",
    "devicedelete": "delete",
    "devicedeprovision": "deprovision",
}


def parse_row(raw: Mapping[str, Any]) -> Row:
    """Parse one request; raise `Unavailable` if it has no id, because then nothing can be said or done about it."""
    intune_id = loose.text(raw, "id")
    if not intune_id:
        raise Unavailable("Intune returned a request without an id")
    payload = _payload(raw)
    policy_types = _policy_types(raw)
    kind = _last_part(loose.text(raw, "payloadType", "payloadSubtype"))
    devices = named_devices(loose.get(raw, "displayPayload"), payload) if _may_be_on_device(kind) else ()
    filed_at = loose.moment(raw, "requestDateTime") or NEVER
    return Row(
        id=intune_id,
        raw_status=_status(raw),
        policy_types=policy_types,
        kind=kind,
        operation=loose.text(raw, "payloadOperation"),
        action=_action(raw, policy_types),
        target_id=loose.identifier(raw, "payloadId") or _only(devices, "deviceId"),
        target=loose.text(raw, "payloadName", "displayName") or _only(devices, "deviceName"),
        payload=payload,
        devices=devices,
        requestor=identity(loose.get(raw, "requestor")),
        approver=identity(loose.get(raw, "approver")),
        justification=loose.text(raw, "requestJustification"),
        approval_note=loose.text(raw, "approvalJustification"),
        filed_at=filed_at,
        expires_at=_ends(raw, filed_at),
        modified_at=loose.moment(raw, "lastModifiedDateTime"),
        patch=_object(loose.get(raw, "patchPayload")),
        added=loose.objects(loose.get(raw, "addedAssignments")),
        existing=loose.objects(loose.get(raw, "existingAssignments")),
    )


def identity(raw: Any) -> Identity | None:
    """Return the person in an identity set, else the application; `None` for an empty set.

    A person's id is the account's object id, or its user principal name if there is nothing else.
    """
    for part, is_person in (("user", True), ("application", False)):
        holder = loose.get(raw, part)
        found = loose.text(holder, "id", "userId", "upn", "userPrincipalName")
        if found and found != loose.NO_ID:
            name = loose.text(holder, "displayName", "upn", "userPrincipalName")
            return Identity(id=found, name=name, is_person=is_person)
    return None


def _ends(raw: Any, filed_at: datetime) -> datetime:
    """Return when the request ends. One that Intune calls endless, or whose end it does not say, gets the latest end:
    an unknown time must not end what still waits."""
    said = loose.moment(raw, "expirationDateTime") or NEVER
    if said > filed_at or filed_at == NEVER:
        return said
    return filed_at + _LONGEST


def _status(raw: Any) -> str:
    word = loose.text(raw, "status")
    return _STATUS.get(word.casefold(), word)


def _policy_types(raw: Any) -> tuple[str, ...]:
    named = loose.get(raw, "requiredOperationApprovalPolicyTypes", "requiredApprovalRequestPolicies")
    return tuple(str(word) for word in named if word) if isinstance(named, list) else ()


def _action(raw: Any, policy_types: tuple[str, ...]) -> str:
    """Return what is done to a device ("wipe"), in lower case; empty if it is not a device action."""
    named = _last_part(loose.text(raw, "actionName")).casefold()
    known = (_ACTION_BY_POLICY.get(word.casefold(), "") for word in policy_types)
    return named or next(filter(None, known), "")


def _payload(raw: Any) -> dict[str, Any]:
    """Return the held object or the action's parameters; if a row has both, neither may hide the other from a
    reviewer."""
    held = _object(loose.get(raw, "payload"))
    parameters = _object(loose.get(raw, "actionParameters"))
    operation = loose.text(raw, "payloadOperation").casefold()
    if not parameters or not (held or operation == "assign" or loose.get(raw, "patchPayload")):
        return held or parameters
    if operation == "action":
        return parameters | ({"payload": held} if held else {})
    return held | {"actionParameters": parameters}


def _object(part: Any) -> dict[str, Any]:
    """Return a part as one object, with the JSON in strings below it. What cannot be read is replaced by its hash, so
    that a vote is still bound to it."""
    value = loose.decoded(part)
    if isinstance(value, str) and isinstance(found := loose.decoded(encoded.decode(value).text), (dict, list)):
        value = found  # it was written in base64
    # Only in the whole can a name tell that a value below it is secret.
    value = hiding.without_secrets(loose.unfolded_within(value))
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {"items": value}
    return {"unreadable": hashlib.sha256(encoded.as_sent(str(value))).hexdigest()} if value is not None else {}


def _may_be_on_device(kind: str) -> bool:
    """Return whether it may be an action on devices; for anything else, what Intune displays are not devices."""
    known = kind_of(kind)
    return known is None or known.shape is Shape.DEVICE


def _only(devices: tuple[dict[str, str], ...], name: str) -> str:
    return loose.text(devices[0], name) if len(devices) == 1 else ""


def _last_part(name: str) -> str:
    return name.rsplit(".", 1)[-1].lstrip("#")
