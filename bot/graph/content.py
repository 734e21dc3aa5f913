"""What a held change points to, read now: script text, permissions, settings and targets, with the values before."""

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from approvals.sighting import UNCHANGING
from approvals.subject import Fact, Fate, Permissions, Reach, Relation, Script, Setting, Target
from bot.graph import loose, targets
from bot.graph.http import GraphClient
from bot.graph.targets import Assignment
from handlers.ports.errors import Forbidden, NotFound, TokenRefused
from handlers.ports.intune import Content, Row

THE_OBJECT = "object"
"""What is unread where the object that it changes does not show."""

MOST_FACTS = 40
"""So many are kept; the hash covers every one."""

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
_SCRIPTS = ("scriptContent", "detectionScriptContent", "remediationScriptContent")
_GROUPS = {
    "members": Relation.HOLDS,
    "resourceScopes": Relation.OVER,
    "approverGroupIds": Relation.APPROVES,
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

    What we may not read, or what is gone, is said to be unread. A neighbour that fails raises: half of the content
    would look like another content. Once the change has been carried out, the present state is the new one: what is
    read then is no longer what was reviewed.
    """
    if row.kind.casefold() == "manageddevice":
        return Content(modified_at=UNCHANGING)
    present, reached = await asyncio.gather(_present_state(client, row), _reached(client, row))
    change = _Change(row, present)
    facts = tuple(change.facts())
    unread = (*([THE_OBJECT] if present is None else []), *reached.hidden)
    return Content(
        sha256=_meaning(facts, reached.reaches, hidden=present is None),
        facts=facts[:MOST_FACTS],
        left_out=max(len(facts) - MOST_FACTS, 0),
        reaches=reached.reaches,
        script=change.script(),
        modified_at=change.modified_at,
        unread=unread,
    )


def _meaning(facts: Sequence[Fact], reaches: Sequence[Reach], *, hidden: bool) -> str:
    """SHA-256 (hex) over what is asked for, in Intune's codes and values: no name for people is part of it, no order,
    and no group's size. Empty where there is nothing."""
    if not (facts or reaches or hidden):
        return ""
    whole = [*map(_coded, facts), *map(_coded, map(_unnamed, reaches)), *(["hidden"] if hidden else [])]
    return hashlib.sha256(json.dumps(sorted(whole), ensure_ascii=False).encode()).hexdigest()


def _coded(part: Fact | Reach) -> str:
    return json.dumps([type(part).__name__, asdict(part)], sort_keys=True, ensure_ascii=False)


def _unnamed(reach: Reach) -> Reach:
    """The same without what the directory says of its target."""
    how = tuple(sorted((one for one in reach.how if one.name != targets.FILTER_NAME), key=lambda one: one.name))
    return replace(reach, target=Target(reach.target.kind, reach.target.id), how=how)


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


async def _reached(client: GraphClient, row: Row) -> targets.Reached:
    """Whom it reaches, and what becomes of those whom it reaches already."""
    asked, standing, otherwise = _asked_and_standing(row)
    deleted = row.operation.casefold() == "delete"
    held, fate = ([row.payload], Fate.REMOVED) if deleted else ([*row.added, row.patch or row.payload], Fate.ADDED)
    some = [
        targets.compared(client, standing, asked, otherwise),
        *(targets.related(client, how, targets.listed_in(held, member), fate) for member, how in _GROUPS.items()),
    ]
    return targets.both(*await asyncio.gather(*some))


def _asked_and_standing(row: Row) -> tuple[Sequence[Assignment], Sequence[Assignment], Fate]:
    """Whom it will reach, whom its object reaches already, and what becomes of those of whom only the latter speaks.

    To assign replaces every assignment by what is in the call's own body, where Intune shows that, and an empty body
    takes all of them away; an assignment of a role comes beside the others. https://learn.microsoft.com/graph/api/intune-shared-mobileapp-assign
    """
    added, existing = targets.assignments_of(row.added), targets.assignments_of(row.existing)
    body = targets.body_in(row.payload.get("actionParameters"))
    match row.operation.casefold():
        case "delete":
            return (), tuple(dict.fromkeys([*existing, *targets.assignments_in([row.payload])])), Fate.REMOVED
        case "assign" if body is not None:
            return body, existing, Fate.REMOVED
        case "assign" if added:
            return added, existing, Fate.STANDS if "role" in row.kind.casefold() else Fate.UNSAID
        case _:
            named = targets.assignments_in([row.patch or row.payload])
            return tuple(dict.fromkeys([*added, *named])), existing, Fate.UNSAID


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
        yield from self._script_facts()
        yield from self._permission_facts()
        yield from self._setting_facts()

    def script(self) -> str:
        """The text that will run, each part under its name where there are several."""
        texts = [(name, _decode(code)) for name, code, _ in self._scripts()]
        if len(texts) == 1:
            return texts[0][1]
        return "\n".join(f"# --- {name} ---\n{text}" for name, text in texts)

    def _scripts(self) -> Iterator[tuple[str, str, str]]:
        for name in _SCRIPTS:
            old = loose.text(self._before, name)
            new = loose.text(self._after, name) or old
            if new:
                yield name, new, old if self._changes and old != new else ""

    def _script_facts(self) -> Iterator[Script]:
        for name, new, old in self._scripts():
            sha256, lines = _fingerprint(new)
            yield Script(name, sha256, lines, _fingerprint(old)[0] if old else "")

    def _permission_facts(self) -> Iterator[Permissions]:
        old, new = _permissions(self._before), _permissions(self._after)
        if not self._changes or not loose.get(self._after, "rolePermissions"):
            new = new or old
            if new:
                yield Permissions(tuple(sorted(new)))
            return
        yield Permissions(tuple(sorted(new - old)), Fate.ADDED)
        yield Permissions(tuple(sorted(old - new)), Fate.REMOVED)

    def _setting_facts(self) -> Iterator[Setting]:
        after = _settings(self._after)
        if not self._changes:
            yield from (Setting(name, value) for name, value in after.items() if value)
            return
        # A change speaks only of the members it names; within those, what is no longer there is removed.
        named = {name: part for name, part in self._before.items() if name in self._after}
        before = _settings(named)
        for name in dict.fromkeys([*after, *before]):
            old, new = before.get(name, ""), after.get(name, "")
            if old != new:
                yield Setting(name, new, old, Fate.CHANGED if old and new else Fate.ADDED if new else Fate.REMOVED)


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


def _fingerprint(code: str) -> tuple[str, int | None]:
    """SHA-256 of the script's bytes, as `Get-FileHash` would give it for the file, and its number of lines.

    Of what is no base64 the text itself is hashed, and there are no lines.
    """
    try:
        raw = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError):
        return hashlib.sha256(code.encode()).hexdigest(), None
    return hashlib.sha256(raw).hexdigest(), len(_text(raw).splitlines())


def _decode(code: str) -> str:
    try:
        return _text(base64.b64decode(code, validate=True))
    except (binascii.Error, ValueError):
        return ""


def _text(raw: bytes) -> str:
    """PowerShell writes UTF-16 with a mark, or UTF-8 with or without one."""
    encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return raw.decode(encoding, errors="replace")
