"""What a held change points to, read now: script text, permissions, settings and targets, with the values before."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from approvals.sighting import UNCHANGING
from bot.graph import loose, targets
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused
from handlers.ports.intune import Content, Row

Fact = tuple[str, str, str]
"""Label, value, value before."""

_OBJECT = "the object that it changes"

MOST_SETTINGS = 40  # lines; the hash covers those that a card has no room for

# Where the present state of a kind of object is read, below deviceManagement unless it says otherwise.
_PLACES = {
    "configurationpolicy": "deviceManagement/configurationPolicies",
    "deviceandappmanagementroledefinition": "deviceManagement/roleDefinitions",
    "devicecategory": "deviceManagement/deviceCategories",
    "devicecompliancepolicy": "deviceManagement/deviceCompliancePolicies",
    "deviceconfiguration": "deviceManagement/deviceConfigurations",
    "devicehealthscript": "deviceManagement/deviceHealthScripts",
    "devicemanagementscript": "deviceManagement/deviceManagementScripts",
    "mobileapp": "deviceAppManagement/mobileApps",
    "operationapprovalpolicy": "deviceManagement/operationApprovalPolicies",
    "roledefinition": "deviceManagement/roleDefinitions",
}
_EXPANDED = {"configurationpolicy": {"$expand": "settings"}}
_SCRIPTS = {
    "scriptContent": "Script",
    "detectionScriptContent": "Detection script",
    "remediationScriptContent": "Remediation script",
}
_GROUPS = {
    "members": "Will hold the role",
    "resourceScopes": "Over",
    "approverGroupIds": "Will approve",
}
# Told in their own way, or moved by Intune alone and so no part of what a reviewer judges.
_NOT_SETTINGS = frozenset(
    {
        "actionparameters",
        "approvergroupids",
        "assignments",
        "createddatetime",
        "devicehealthscriptassignments",
        "devicemanagementscriptassignments",
        "devicemanagementscriptgroupassignments",
        "devicerunstates",
        "id",
        "lastmodifieddatetime",
        "roleassignments",
        "rolepermissions",
        "runsummary",
        "version",
        *(name.casefold() for name in _SCRIPTS),
    }
)


async def read_content(client: GraphClient, row: Row) -> Content:
    """Everything about the change that the request itself does not say; empty for device actions, which say it all.

    What we may not read, or what is gone, is said so in a line. A neighbour that fails raises: half of the content
    would look like another content. Once the change has been carried out, the present state is the new one: what is
    read then is no longer what was reviewed.
    """
    if row.kind.casefold() == "manageddevice":
        return Content(modified_at=UNCHANGING)
    change, reached = _Change(row, await _present_state(client, row)), await _reached(client, row)
    facts = [*change.facts(), *((label, line.text, "") for label, line in reached)]
    script, modified_at = change.script(), change.modified_at
    if not facts:
        return Content(modified_at=modified_at)
    whole = json.dumps([facts, script], ensure_ascii=False)
    digest = hashlib.sha256(whole.encode()).hexdigest()
    unread = [
        *([_OBJECT] if change.present is None else []),
        *(f"the group {one.unread}" for _, one in reached if one.unread),
    ]
    return Content(digest, _shortened(facts), script, modified_at, tuple(dict.fromkeys(unread)))


async def _present_state(client: GraphClient, row: Row) -> dict[str, Any] | None:
    """The object as it stands; empty where there is none yet or its kind is unknown, `None` where it is hidden."""
    place = _PLACES.get(row.kind.casefold())
    if place is None or not row.target_id or row.operation.casefold() == "create":
        return {}
    try:
        # Scripts and access policies exist in beta only, and the rest reads the same there.
        found = await client.get(f"/beta/{place}/{quote(row.target_id, safe='')}", _EXPANDED.get(row.kind.casefold()))
    except TokenRefused:
        raise  # what could not be asked for is not hidden
    except (NotFound, Forbidden):
        return None
    present: dict[str, Any] = loose.without_secrets(found)
    return present


async def _reached(client: GraphClient, row: Row) -> list[tuple[str, targets.Line]]:
    asked, standing = _asked_and_standing(row)
    lines = {
        "Will reach": await targets.describe(client, asked),
        "Reached until now": await targets.describe(client, standing),
        **{label: await targets.describe_groups(client, asked, member) for member, label in _GROUPS.items()},
    }
    return [(label, line) for label, found in lines.items() for line in found]


def _asked_and_standing(row: Row) -> tuple[list[Any], list[Any]]:
    """The parts of a row that say whom it will reach, and those that say whom its object reaches already."""
    match row.operation.casefold():
        case "delete":
            return [], [*row.existing, row.payload]
        case "assign" if row.added:
            return [*row.added, row.payload.get("actionParameters")], [*row.existing]
        case _:
            return [*row.added, row.patch or row.payload], [*row.existing]


@dataclass(frozen=True, slots=True)
class _Change:
    """A held change beside the present state of what it changes (`None`: could not be read)."""

    row: Row
    present: Mapping[str, Any] | None

    @property
    def _before(self) -> Mapping[str, Any]:
        return self.present or {}

    @property
    def _after(self) -> Mapping[str, Any]:
        """What is asked for; where that says nothing (a deletion, an assignment), the object as it stands."""
        if self.row.operation.casefold() == "assign":
            return self._before
        return self.row.patch or self.row.payload or self._before

    @property
    def _changes(self) -> bool:
        return self.row.operation.casefold() == "update"

    @property
    def modified_at(self) -> datetime | None:
        """Return when the object was last changed, if it says that; roles do not.

        Behind something new, and behind an action on a device, there is nothing that could be swapped.
        """
        if self.row.operation.casefold() == "create" or self.row.action:
            return UNCHANGING
        return loose.moment(self.present, "lastModifiedDateTime")

    def facts(self) -> Iterator[Fact]:
        """Everything that is no target."""
        if self.present is None:
            yield "Present state", "could not be read", ""
        yield from self._script_facts()
        yield from self._permission_facts()
        yield from self._setting_facts()

    def script(self) -> str:
        """The text that will run, each part under its name where there are several."""
        texts = [(label, _decode(code)) for label, code, _ in self._scripts()]
        if len(texts) == 1:
            return texts[0][1]
        return "\n".join(f"# --- {label} ---\n{text}" for label, text in texts)

    def _scripts(self) -> Iterator[tuple[str, str, str]]:
        for name, label in _SCRIPTS.items():
            old = loose.text(self._before, name)
            new = loose.text(self._after, name) or old
            if new:
                yield label, new, old if self._changes and old != new else ""

    def _script_facts(self) -> Iterator[Fact]:
        for label, new, old in self._scripts():
            yield label, _fingerprint(new), _fingerprint(old) if old else ""

    def _permission_facts(self) -> Iterator[Fact]:
        old, new = _permissions(self._before), _permissions(self._after)
        if not self._changes or not loose.get(self._after, "rolePermissions"):
            new = new or old
            if new:
                yield "Permissions", ", ".join(sorted(new)), ""
            return
        yield "Permissions added", ", ".join(sorted(new - old)) or "none", ""
        yield "Permissions removed", ", ".join(sorted(old - new)) or "none", ""

    def _setting_facts(self) -> Iterator[Fact]:
        after = _settings(self._after)
        if not self._changes:
            yield from ((name, value, "") for name, value in after.items() if value)
            return
        # A change speaks only of the members it names; within those, what is no longer there is removed.
        named = {name: part for name, part in self._before.items() if name in self._after}
        before = _settings(named)
        for name in dict.fromkeys([*after, *before]):
            old, new = before.get(name, ""), after.get(name, "")
            if old != new:
                yield name, new or "removed", old


def _settings(held: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: part for name, part in held.items() if name.casefold() not in _NOT_SETTINGS and "@" not in name}
    return dict(loose.leaves(kept)) if kept else {}


def _permissions(role: Mapping[str, Any]) -> frozenset[str]:
    """Everything a role allows, and what it denies with a "not" in front."""
    granted: set[str] = set()
    for permission in loose.objects(loose.get(role, "rolePermissions", "permissions")):
        for actions in loose.objects(loose.get(permission, "resourceActions")):
            granted |= set(loose.get(actions, "allowedResourceActions") or ())
            granted |= {f"not {name}" for name in loose.get(actions, "notAllowedResourceActions") or ()}
    return frozenset(granted)


def _fingerprint(code: str) -> str:
    """Length and SHA-256 of the script's bytes, as `Get-FileHash` would give it for the file."""
    try:
        raw = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError):
        return f"not readable, SHA-256 {hashlib.sha256(code.encode()).hexdigest()}"
    lines = len(_text(raw).splitlines())
    return f"{lines} line{'' if lines == 1 else 's'}, SHA-256 {hashlib.sha256(raw).hexdigest()}"


def _decode(code: str) -> str:
    try:
        return _text(base64.b64decode(code, validate=True))
    except (binascii.Error, ValueError):
        return ""


def _text(raw: bytes) -> str:
    """PowerShell writes UTF-16 with a mark, or UTF-8 with or without one."""
    encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return raw.decode(encoding, errors="replace")


def _shortened(facts: list[Fact]) -> tuple[Fact, ...]:
    hidden = len(facts) - MOST_SETTINGS
    return tuple(facts) if hidden <= 0 else (*facts[:MOST_SETTINGS], ("And more", f"{hidden} further lines", ""))
