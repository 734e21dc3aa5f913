"""The content that a change refers to: scripts, permissions and the people and devices that it reaches."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from approvals.snapshot import UNCHANGING
from approvals.subject import Fate, Setting
from bot.graph.content import MOST_FACTS, read_content
from bot.graph.http import GraphClient
from bot.graph.loose import leaves
from bot.graph.rows import parse_row
from cards.reviewing import lines
from handlers.gathering.subjects import subject_of
from handlers.ports.errors import Throttled, TokenRefused, Unavailable
from handlers.ports.intune import Content, Row
from simulator.graph.faults import Fault, Kind
from tests.bot.graph.scripted import ScriptedGraph
from tests.bot.graph.tenant import Tenant

NO_ROW = parse_row({"id": "r", "payloadType": "DeviceManagementScript"})
EVIL = "Remove-Item C:\\ -Recurse\n"


def encoded(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


def by_label(content: Content) -> dict[str, tuple[str, str]]:
    """Return the lines that people read, as value and value before, by label."""
    return {line.label: (line.value, line.before) for line in lines(subject_of(NO_ROW, content))}


def size_of(content: Content) -> int:
    """Return how many members the groups in the content have together."""
    return sum(size.members for size in subject_of(NO_ROW, content).sizes)


async def filed(tenant: Tenant, path: str, body: Any = None, **how: Any) -> tuple[Row, Content]:
    """File a change, and return its row and its content as the bot reads them."""
    row = await tenant.intune.get(await tenant.file(path, body, **how))
    return row, await tenant.intune.content(row)


async def test_a_device_action_says_it_all(tenant: Tenant) -> None:
    """Nothing more is read for a device action, because its request says everything."""
    row = await tenant.intune.get(await tenant.file_wipe())
    calls = len(tenant.graph.calls)
    assert await tenant.intune.content(row) == Content(modified_at=UNCHANGING)
    assert len(tenant.graph.calls) == calls


@pytest.mark.parametrize(
    "named",
    [
        {"roleDefinition@odata.bind": "https://graph.microsoft.com/beta/deviceManagement/roleDefinitions('{}')"},
        {"roleDefinition@odata.bind": "https://graph.microsoft.com/v1.0/deviceManagement/roleDefinitions/{}"},
        {"roleDefinition": {"id": "{}"}},
    ],
)
async def test_nobody_says_when_a_given_role_was_changed(tenant: Tenant, named: dict[str, Any]) -> None:
    """The time of the last change is unknown for a role that is given, in each form in which the call can name the
    role."""
    role = next(iter(tenant.world.role_definitions.values()))
    body = json.loads(json.dumps({"displayName": "Nights", "members": [], **named}).replace("{}", role["id"]))
    _, content = await filed(tenant, "roleAssignments", body)
    assert content.modified_at is None
    assert (role["displayName"], "") in by_label(content).values()
    assert "Permissions" in by_label(content)


async def test_when_the_content_was_last_changed(tenant: Tenant) -> None:
    """The time of the last change comes from the object itself, and is not part of the hash that votes are bound to."""
    script = next(iter(tenant.world.scripts.values()))
    row, before = await filed(
        tenant, f"deviceManagementScripts/{script['id']}", {"runAsAccount": "user"}, method="PATCH"
    )
    assert before.modified_at == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    script["lastModifiedDateTime"] = "2026-11-23T09:00:00.1234567Z"
    touched = await tenant.intune.content(row)
    assert touched.modified_at == datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
    assert touched.sha256 == before.sha256


@pytest.mark.parametrize("written", [None, "", "0001-01-01T00:00:00Z"])
async def test_when_nobody_says_when_the_content_was_changed(tenant: Tenant, written: str | None) -> None:
    """If the object does not say when it was changed, the time is unknown, and not a time long ago."""
    script = next(iter(tenant.world.scripts.values()))
    script["lastModifiedDateTime"] = written
    _, content = await filed(
        tenant, f"deviceManagementScripts/{script['id']}", {"runAsAccount": "user"}, method="PATCH"
    )
    assert content.modified_at is None


async def test_what_is_new_has_no_past(tenant: Tenant) -> None:
    """A new object counts as unchanged; for a role, and for an object that cannot be read, the time of the change is
    unknown."""
    _, new = await filed(tenant, "deviceManagementScripts", {"displayName": "x", "scriptContent": encoded(EVIL)})
    assert new.modified_at == UNCHANGING
    role = next(one for one in tenant.world.role_definitions.values() if not one["isBuiltIn"])
    changed, content = await filed(tenant, f"roleDefinitions/{role['id']}", {"displayName": "y"}, method="PATCH")
    assert content.modified_at is None
    del tenant.world.role_definitions[role["id"]]
    assert (await tenant.intune.content(changed)).modified_at is None


async def test_a_new_script(tenant: Tenant) -> None:
    """A new script is shown with its text, its number of lines and the hash that `Get-FileHash` gives, and how it runs
    is shown beside it."""
    body = {"displayName": "Tidy", "scriptContent": encoded(EVIL), "runAsAccount": "system"}
    _, content = await filed(tenant, "deviceManagementScripts", body)
    facts = by_label(content)
    assert content.script == EVIL
    assert facts["Script"] == (f"1 line, SHA-256 {hashlib.sha256(EVIL.encode()).hexdigest()}", "")
    assert facts["Run as account"] == ("system", "")


async def test_a_changed_script(tenant: Tenant) -> None:
    """For a changed script, the new text and the hash of the old one are shown; properties that stay are left out."""
    script = next(iter(tenant.world.scripts.values()))
    before = base64.b64decode(script["scriptContent"])
    patch = {"scriptContent": encoded(EVIL), "runAsAccount": script["runAsAccount"], "description": ""}
    _, content = await filed(tenant, f"deviceManagementScripts/{script['id']}", patch, method="PATCH")
    facts = by_label(content)
    assert content.script == EVIL
    assert hashlib.sha256(before).hexdigest() in facts["Script"][1]
    assert facts["Description"] == ("removed", script["description"])
    assert "Run as account" not in facts


async def test_a_change_beside_the_script_shows_the_script(tenant: Tenant) -> None:
    """If only another property of a script changes, its text is shown, too."""
    script = next(iter(tenant.world.scripts.values()))
    path = f"deviceManagementScripts/{script['id']}"
    _, content = await filed(tenant, path, {"runAsAccount": "user"}, method="PATCH")
    assert content.script == base64.b64decode(script["scriptContent"]).decode()
    assert by_label(content)["Run as account"] == ("user", "system")


async def test_both_scripts_of_a_remediation(tenant: Tenant) -> None:
    """Both scripts of a remediation are shown under their names, also the unchanged one."""
    script = next(iter(tenant.world.health_scripts.values()))
    path, patch = f"deviceHealthScripts/{script['id']}", {"remediationScriptContent": encoded(EVIL)}
    _, content = await filed(tenant, path, patch, method="PATCH")
    detection = base64.b64decode(script["detectionScriptContent"]).decode()
    assert (
        content.script == f"# --- detectionScriptContent ---\n{detection}\n# --- remediationScriptContent ---\n{EVIL}"
    )
    assert by_label(content)["Detection script"][1] == ""


async def test_an_assignment_names_whom_it_reaches(tenant: Tenant) -> None:
    """An assignment of a script shows the script, and the group with its name, kind and size."""
    script = next(iter(tenant.world.scripts.values()))
    laptops = tenant.world.group("All-Windows-Laptops")
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": laptops.id}
    body = {"deviceManagementScriptAssignments": [{"target": target}]}
    _, content = await filed(tenant, f"deviceManagementScripts/{script['id']}/assign", body)
    members = f"{len(laptops.members)} members"
    assert by_label(content)["Will reach"] == (f"All-Windows-Laptops (security group, {members})", "")
    assert content.script


async def test_a_grown_group_is_no_other_content(tenant: Tenant) -> None:
    """A group's size is not part of the hash, and counts members of nested groups."""
    script = next(iter(tenant.world.scripts.values()))
    laptops = tenant.world.group("All-Windows-Laptops")
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": laptops.id}
    body = {"deviceManagementScriptAssignments": [{"target": target}]}
    row, content = await filed(tenant, f"deviceManagementScripts/{script['id']}/assign", body)
    assert (await tenant.intune.content(row)).sha256 == content.sha256
    laptops.members.add(tenant.world.group("Night-Shift").id)
    grown = await tenant.intune.content(row)
    assert grown.sha256 == content.sha256
    assert size_of(grown) == size_of(content) + 2


async def test_targets_that_are_everybody_or_not(tenant: Tenant) -> None:
    """All devices, all users, an excluded group and a group that is gone are each shown in one line."""
    policy = next(iter(tenant.world.compliance_policies.values()))
    group = tenant.world.group("Everyone")
    kinds: list[dict[str, Any]] = [
        {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"},
        {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"},
        {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": group.id},
        {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "gone"},
        {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"},
    ]
    body = {"assignments": [{"target": target} for target in kinds]}
    _, content = await filed(tenant, f"deviceCompliancePolicies/{policy['id']}/assign", body)
    assert [one.value for one in lines(subject_of(NO_ROW, content)) if one.label == "Will reach"] == [
        "All devices",
        "All users",
        "Not: Everyone (Microsoft 365 group, 3 members)",
        "Group gone, which could not be read",
    ]


async def test_a_changed_role(tenant: Tenant) -> None:
    """A changed role shows which permissions are added and which are removed."""
    role = next(role for role in tenant.world.role_definitions.values() if not role["isBuiltIn"])
    allowed = ["Microsoft.Intune_ManagedDevices_Read", "Microsoft.Intune_RemoteTasks_Wipe"]
    actions = {"allowedResourceActions": allowed, "notAllowedResourceActions": ["Microsoft.Intune_Roles_Read"]}
    patch = {"rolePermissions": [{"resourceActions": [actions]}]}
    _, content = await filed(tenant, f"roleDefinitions/{role['id']}", patch, method="PATCH")
    facts = by_label(content)
    assert facts["Permissions added"][0] == "Microsoft.Intune_RemoteTasks_Wipe, not Microsoft.Intune_Roles_Read"
    assert facts["Permissions removed"][0] == "Microsoft.Intune_RemoteTasks_RemoteLock"


async def test_a_role_for_somebody(tenant: Tenant) -> None:
    """A role assignment shows who will hold the role and what the role allows."""
    role = next(iter(tenant.world.role_definitions.values()))
    body = {"displayName": "Night", "members": [tenant.world.group("Night-Shift").id], "resourceScopes": []}
    _, content = await filed(tenant, f"roleDefinitions/{role['id']}/roleAssignments", body)
    facts = by_label(content)
    assert facts["Will hold the role"][0] == "Night-Shift (security group, 1 member)"
    assert "Microsoft.Intune_RemoteTasks_Wipe" in facts["Permissions"][0]


async def test_a_changed_setting(tenant: Tenant) -> None:
    """A changed setting is shown with its value before and after."""
    policy = next(iter(tenant.world.compliance_policies.values()))
    path, patch = f"deviceCompliancePolicies/{policy['id']}", {"bitLockerEnabled": False, "passwordRequired": True}
    _, content = await filed(tenant, path, patch, method="PATCH")
    assert content.facts == (Setting("bitLockerEnabled", "false", "true", Fate.CHANGED),)
    assert by_label(content) == {"BitLocker enabled": ("no", "yes")}


async def test_a_deletion_shows_what_will_be_gone(tenant: Tenant) -> None:
    """A deletion shows the settings of the object and what it reached."""
    policy = next(iter(tenant.world.compliance_policies.values()))
    policy["assignments"] = [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]
    _, content = await filed(tenant, f"deviceCompliancePolicies/{policy['id']}", method="DELETE")
    facts = by_label(content)
    assert facts["BitLocker enabled"] == ("yes", "")
    assert facts["No longer reaches"] == ("All devices", "")


async def test_a_changed_access_policy_names_its_approvers(tenant: Tenant) -> None:
    """A changed access policy shows its old and new approver groups by name, because such a change could remove the
    second person."""
    policy = next(policy for policy in tenant.world.policies.values() if policy.policy_type == "deviceWipe")
    patch = {"approverGroupIds": [tenant.world.group("Night-Shift").id]}
    _, content = await filed(tenant, f"operationApprovalPolicies/{policy.id}", patch, method="PATCH")
    facts = by_label(content)
    assert facts["Will approve"][0] == "Night-Shift (security group, 1 member)"
    former = [tenant.world.groups[one].name for one in policy.approver_group_ids]
    assert [name for name in former if name in facts["Approved until now"][0]]


async def test_what_may_not_be_read_is_said(tenant: Tenant) -> None:
    """If the object cannot be read any more, a line says so, and the hash changes."""
    script = next(iter(tenant.world.scripts.values()))
    path = f"deviceManagementScripts/{script['id']}"
    row, content = await filed(tenant, path, {"runAsAccount": "user"}, method="PATCH")
    del tenant.world.scripts[script["id"]]
    hidden = await tenant.intune.content(row)
    assert by_label(hidden)["Could not be read"] == ("the object that it changes", "")
    assert hidden.sha256 != content.sha256


@pytest.mark.parametrize(
    ("kind", "error"),
    [(Kind.UNAVAILABLE, Unavailable), (Kind.THROTTLED, Throttled), (Kind.UNAUTHORIZED, TokenRefused)],
)
async def test_half_a_content_is_none(tenant: Tenant, kind: Kind, error: type[Exception]) -> None:
    """If Graph fails, reading the content raises; half a content would look like a changed one and void every vote."""
    script = next(iter(tenant.world.scripts.values()))
    row, _ = await filed(tenant, f"deviceManagementScripts/{script['id']}", {"runAsAccount": "user"}, method="PATCH")
    tenant.graph.faults.append(Fault(kind, "deviceManagementScripts", times=99))
    with pytest.raises(error):
        await tenant.intune.content(row)


async def test_without_undocumented_fields_there_is_nothing_to_read(tenant: Tenant) -> None:
    """If the row has only documented fields, the content is empty, and nothing is guessed."""
    tenant.graph.knobs.extra_fields = False
    _, content = await filed(tenant, "deviceManagementScripts", {"displayName": "x", "scriptContent": ""})
    assert content == Content()


# --- unusual content ----------------------------------------------------------------------------------------------


def held(payload: dict[str, Any], kind: str = "SomethingNew", **more: Any) -> Row:
    row = parse_row({"id": "r", "payload": payload, "payloadOperation": "Create", "payloadType": kind})
    return replace(row, **more)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16"],
)
async def test_scripts_in_any_encoding(client: GraphClient, encoding: str) -> None:
    """A script is decoded from any encoding that PowerShell writes, and its hash is that of the stored bytes."""
    content = await read_content(client, held({"scriptContent": encoded("Stop-Übung\n", encoding)}))
    assert content.script == "Stop-Übung\n"
    assert hashlib.sha256("Stop-Übung\n".encode(encoding)).hexdigest() in by_label(content)["Script"][0]


async def test_a_script_that_cannot_be_decoded(client: GraphClient) -> None:
    """A script that cannot be decoded is shown as not readable, and two such scripts have different hashes."""
    one, other = [await read_content(client, held({"scriptContent": text})) for text in ("%%1", "%%2")]
    assert one.script == ""
    assert "not readable" in by_label(one)["Script"][0]
    assert one.sha256 != other.sha256


async def test_a_kind_that_nobody_knows(graph: ScriptedGraph, client: GraphClient) -> None:
    """For an unknown kind of object, all held values are shown, and Graph is not asked."""
    content = await read_content(client, held({"a": {"b": [1, 2]}, "c": [{"d": True}], "e": None}))
    assert content.facts == (Setting("a.b", "1, 2"), Setting("c[1].d", "true"))
    assert graph.calls == []


async def test_more_settings_than_a_card_has_room_for(client: GraphClient) -> None:
    """Settings beyond the number that fits on a card are counted, and are part of the hash."""
    many = {f"setting{number}": number for number in range(100)}
    content = await read_content(client, held(many))
    assert len(content.facts) == MOST_FACTS
    assert by_label(content)["And more"] == ("60 further lines", "")
    changed = await read_content(client, held(many | {"setting99": "other"}))
    assert changed.facts == content.facts
    assert changed.sha256 != content.sha256


async def test_removed_settings_are_seen(graph: ScriptedGraph, client: GraphClient) -> None:
    """A setting that becomes null, an empty list or a shorter list is shown as removed."""
    graph.tell(
        "/beta/deviceManagement/deviceConfigurations/c1",
        {"limit": 5, "rules": [{"on": True}, {"on": False}], "names": ["a"], "other": 1, "password": "hunter2"},
    )
    row = replace(
        held({}, kind="DeviceConfiguration"),
        operation="Update",
        target_id="c1",
        patch={"limit": None, "rules": [{"on": True}], "names": []},
    )
    content = await read_content(client, row)
    assert content.facts == (
        Setting("limit", "", "5", Fate.REMOVED),
        Setting("rules[2].on", "", "false", Fate.REMOVED),
        Setting("names", "", "a", Fate.REMOVED),
    )


async def test_a_new_key_is_seen_and_not_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """A new key of a wireless network is shown as a secret setting, without its value."""
    graph.tell("/beta/deviceManagement/deviceConfigurations/c1", {"id": "c1", "preSharedKey": None})
    raw = {"id": "r", "payloadType": "WindowsWifiConfiguration", "payloadOperation": "Update", "payloadId": "c1"}
    content = await read_content(client, parse_row(raw | {"patchPayload": '{"preSharedKey": "hunter2"}'}))
    assert [(one.name, one.value, one.is_secret) for one in content.facts if isinstance(one, Setting)] == [
        ("preSharedKey", "", True)
    ]
    assert "hunter2" not in repr(content)


def test_leaves_of_nothing() -> None:
    """Empty objects and lists count as empty values, so that emptying a setting is shown."""
    assert dict(leaves({"a": {}, "b": [], "c": [{}], "d": False})) == {"a": "", "b": "", "c[1]": "", "d": "false"}


def updated(patch: Any, kind: str, operation: str = "Update") -> Row:
    """Return the row of a change of the object x."""
    raw = {"id": "r", "payloadType": kind, "payloadOperation": operation, "payloadId": "x", "patchPayload": patch}
    return parse_row(raw)


GROUPS = ["g1", "g2"]


@pytest.mark.parametrize(
    ("named", "fates"),
    [
        ([], [("g1", Fate.REMOVED), ("g2", Fate.REMOVED)]),
        (["G1", "g3"], [("G1", Fate.STANDS), ("g3", Fate.ADDED), ("g2", Fate.REMOVED)]),
    ],
)
async def test_who_approves_no_more(
    graph: ScriptedGraph, client: GraphClient, named: list[str], fates: list[tuple[str, Fate]]
) -> None:
    """An update of an access policy names all future approver groups; a group that it does not name is shown as
    removed."""
    graph.tell("/beta/deviceManagement/operationApprovalPolicies/x", {"id": "x", "approverGroupIds": GROUPS})
    content = await read_content(client, updated({"approverGroupIds": named}, "OperationApprovalPolicy"))
    assert [(one.target.id, one.fate) for one in content.reaches] == fates


async def test_a_role_that_loses_all_permissions(graph: ScriptedGraph, client: GraphClient) -> None:
    """An empty list of permissions is shown as removing all permissions."""
    allowed = [{"resourceActions": [{"allowedResourceActions": ["a", "b"]}]}]
    graph.tell("/beta/deviceManagement/roleDefinitions/x", {"id": "x", "rolePermissions": allowed})
    content = await read_content(client, updated({"rolePermissions": []}, "RoleDefinition"))
    assert by_label(content)["Permissions removed"] == ("a, b", "")


async def test_the_scope_of_everything_is_no_group(graph: ScriptedGraph, client: GraphClient) -> None:
    """The scope of everything is shown as such, and is not looked up as a group."""
    role = {"members": ["g1"], "resourceScopes": ["/"]}
    content = await read_content(client, held(role, kind="DeviceAndAppManagementRoleAssignment"))
    assert by_label(content)["Over"] == ("Everything", "")
    assert content.unread == ("group:g1",)
    assert content.facts == ()
    assert not [call for call in graph.called() if "%2F" in call]


@pytest.mark.parametrize("before", [[], None])
async def test_a_list_that_is_filled_is_not_removed(graph: ScriptedGraph, client: GraphClient, before: Any) -> None:
    """A list that was empty and is filled is shown as added, without a removed line."""
    graph.tell("/beta/deviceManagement/deviceConfigurations/x", {"id": "x", "rules": before})
    content = await read_content(client, updated({"rules": [{"wipe": True}]}, "DeviceConfiguration"))
    assert content.facts == (Setting("rules[1].wipe", "true", "", Fate.ADDED),)


@pytest.mark.parametrize("operation", ["Update", "UPDATE", "Patch", "", "Replace"])
@pytest.mark.parametrize("written", [lambda text: text, encoded, lambda text: encoded(text).rstrip("=")])
async def test_a_change_by_whatever_name(
    graph: ScriptedGraph, client: GraphClient, operation: str, written: Callable[[str], str]
) -> None:
    """A change is shown from old to new, whatever the name of its operation, also if the part is written in base64."""
    graph.tell("/beta/deviceManagement/deviceConfigurations/x", {"id": "x", "limit": 5})
    row = updated(written('{"limit": 6}'), "DeviceConfiguration", operation)
    assert (await read_content(client, row)).facts == (Setting("limit", "6", "5", Fate.CHANGED),)


@pytest.mark.parametrize("member", ["relationships", "Relationships"])
@pytest.mark.parametrize("part", ["patchPayload", "actionParameters"])
async def test_what_an_app_no_longer_replaces(
    graph: ScriptedGraph, client: GraphClient, part: str, member: str
) -> None:
    """A change of an app's relationships replaces all of them, so those that it does not name are shown as removed."""
    old, new = ({"targetId": one, "supersedenceType": "replace"} for one in ("a1", "a2"))
    graph.tell("/beta/deviceAppManagement/mobileApps/x", {"id": "x"})
    graph.tell("/beta/deviceAppManagement/mobileApps/x/relationships", {"value": [old]})
    raw = {"id": "r", "payloadType": "MobileApp", "payloadOperation": "Update", "payloadId": "x"}
    held = {"payload": {"displayName": "X"}} if part == "actionParameters" else {}
    content = await read_content(client, parse_row(raw | held | {part: {member: [new]}}))
    told = [(one.name, one.fate) for one in content.facts if isinstance(one, Setting)]
    assert told == [("relationships.a2", Fate.ADDED), ("relationships.a1", Fate.REMOVED)]


async def test_an_empty_body_in_another_casing_takes_all_away(graph: ScriptedGraph, client: GraphClient) -> None:
    """An empty list of assignments is read in any casing of its names."""
    graph.tell("/beta/deviceAppManagement/mobileApps/x", {"id": "x"})
    raw = {"id": "r", "payloadType": "MobileApp", "payloadOperation": "Assign", "payloadId": "x"}
    payload: dict[str, Any] = {"ActionParameters": {"MobileAppAssignments": []}}
    row = parse_row(raw | {"payload": payload, "existingAssignments": [{"target": {"groupId": "g1"}}]})
    assert [one.fate for one in (await read_content(client, row)).reaches] == [Fate.REMOVED]
