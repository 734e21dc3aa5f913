"""Requests in forms that no schema promises: nothing that is asked for disappears from what a reviewer sees."""

import json
from typing import Any

import pytest

from approvals.subject import Fate, Permissions, Relation, Setting
from bot.graph.content import read_content
from bot.graph.http import GraphClient
from bot.graph.rows import parse_row
from bot.graph.targets import group_kind
from handlers.ports.intune import Content
from tests.bot.graph.scripted import ScriptedGraph

GROUP = "0aaaaaaa-1111-2222-3333-444444444441"
DEEP = 100


async def read(client: GraphClient, kind: str, operation: str, **parts: Any) -> Content:
    row = {"id": "r", "payloadId": "x", "payloadType": kind, "payloadOperation": operation}
    return await read_content(client, parse_row(row | parts))


def settings(content: Content) -> list[tuple[str, str, str, Fate]]:
    return [(one.name, one.before, one.value, one.fate) for one in content.facts if isinstance(one, Setting)]


def permissions(content: Content) -> list[tuple[tuple[str, ...], Fate]]:
    return [(one.names, one.fate) for one in content.facts if isinstance(one, Permissions)]


def targets(content: Content) -> list[tuple[Relation, str, Fate]]:
    return [(one.relation, one.target.id, one.fate) for one in content.reaches]


def tell_group(graph: ScriptedGraph) -> None:
    graph.tell(f"/v1.0/groups/{GROUP}", {"id": GROUP, "displayName": "G", "securityEnabled": True})
    graph.tell(f"/v1.0/groups/{GROUP}/transitiveMembers/$count", "12")


def choice(value: str) -> dict[str, Any]:
    return {"settingInstance": {"settingDefinitionId": "firewall", "choiceSettingValue": {"value": value}}}


POLICY = "/beta/deviceManagement/configurationPolicies/x"
NEW = choice("off")
INSTANCE = NEW["settingInstance"]
VALUE_IN_TEXT = {"settingInstance": INSTANCE | {"choiceSettingValue": json.dumps(INSTANCE["choiceSettingValue"])}}
FORMS_OF_SETTINGS = [
    [NEW],
    json.dumps([NEW]),
    json.dumps(json.dumps([NEW])),
    [json.dumps(NEW)],
    [{"settingInstance": json.dumps(INSTANCE)}],
    [VALUE_IN_TEXT],
    NEW,
    json.dumps(NEW),
]


@pytest.fixture
def policy(graph: ScriptedGraph) -> None:
    """Set up a policy of the settings catalogue with one setting."""
    graph.tell(POLICY, {"id": "x", "name": "P"})
    graph.tell(f"{POLICY}/settings", {"value": [choice("on")]})


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("form", FORMS_OF_SETTINGS)
async def test_every_form_of_catalogue_settings(client: GraphClient, form: Any) -> None:
    """Settings are read as a list, as one object, and as JSON in a string on every level."""
    content = await read(client, "ConfigurationPolicy", "Update", patchPayload={"settings": form})
    assert settings(content) == [("firewall", "on", "off", Fate.CHANGED)]
    new = await read(client, "ConfigurationPolicy", "Create", payload={"settings": form})
    assert settings(new) == [("firewall", "", "off", Fate.STANDS)]


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("nothing", [None, [], "[]", "null", ""])
async def test_settings_that_are_emptied(client: GraphClient, nothing: Any) -> None:
    """If a call names no settings any more, each present one is shown as removed; a whole object that does not list
    its settings removes none."""
    content = await read(client, "ConfigurationPolicy", "Update", patchPayload={"settings": nothing})
    assert settings(content) == [("firewall", "on", "", Fate.REMOVED)]
    whole = await read(client, "ConfigurationPolicy", "Update", payload={"settings": nothing})
    assert settings(whole) == []
    gone = await read(client, "ConfigurationPolicy", "Delete", payload={"settings": nothing})
    assert ("firewall", "", "on", Fate.STANDS) in settings(gone)


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("form", ["firewall off", ["firewall off"], [{"settingInstance": "firewall off"}]])
async def test_settings_that_cannot_be_read(client: GraphClient, form: Any) -> None:
    """What is no setting is shown as it was sent."""
    for operation, part in (("Update", "patchPayload"), ("Create", "payload")):
        content = await read(client, "ConfigurationPolicy", operation, **{part: {"settings": form}})
        assert ("settings", "firewall off") in [(name, value) for name, _, value, _ in settings(content)]
    long = await read(client, "ConfigurationPolicy", "Create", payload={"settings": "all of them\nare off"})
    assert settings(long)[0][2].startswith("sha256:")


INTENT = "/beta/deviceManagement/intents/x"
ENCRYPT = {"definitionId": "x_encrypt", "valueJson": "false"}


@pytest.mark.parametrize("form", [[ENCRYPT], json.dumps([ENCRYPT]), [json.dumps(ENCRYPT)], ENCRYPT])
async def test_every_form_of_a_baseline(graph: ScriptedGraph, client: GraphClient, form: Any) -> None:
    """The body of `updateSettings` is read in every form."""
    graph.tell(INTENT, {"id": "x"})
    graph.tell(f"{INTENT}/settings", {"value": [ENCRYPT | {"valueJson": "true"}]})
    content = await read(client, "DeviceManagementIntent", "Update", actionParameters={"settings": form})
    assert settings(content) == [("x_encrypt", "true", "false", Fate.CHANGED)]


async def test_a_baseline_that_cannot_be_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """What is no setting is shown as it was sent, and the present settings stay."""
    graph.tell(INTENT, {"id": "x"})
    graph.tell(f"{INTENT}/settings", {"value": [ENCRYPT]})
    content = await read(client, "DeviceManagementIntent", "Update", actionParameters={"settings": "all off"})
    assert settings(content) == [("settings", "", "all off", Fate.ADDED)]


ADMX = "/beta/deviceManagement/groupPolicyConfigurations/x"
OFF = {"id": "v", "enabled": False}
ON_TO_OFF = [("d", "enabled", "disabled", Fate.CHANGED)]
GONE = [("d", "enabled", "", Fate.REMOVED)]
CALLS: list[tuple[dict[str, Any], list[tuple[str, str, str, Fate]]]] = [
    ({"updated": [{"id": "v", "enabled": "false"}]}, ON_TO_OFF),
    ({"updated": [{"id": "v", "enabled": "False"}]}, ON_TO_OFF),
    ({"updated": [{"id": "v", "enabled": 0}]}, ON_TO_OFF),
    ({"updated": [{"id": "v", "enabled": "on"}]}, [("d", "enabled", "on", Fate.CHANGED)]),
    ({"updated": json.dumps([OFF])}, ON_TO_OFF),
    ({"updated": OFF}, ON_TO_OFF),
    ({"updated": "all off"}, [("definitionValues", "", "all off", Fate.ADDED)]),
    ({"definitionValues": json.dumps([OFF])}, ON_TO_OFF),
    ({"definitionValues": []}, GONE),
    ({"deletedIds": json.dumps(["v"])}, GONE),
    ({"deletedIds": "v"}, GONE),
    ({"deletedIds": [{"id": "V"}]}, GONE),
    ({"deletedIds": ["v;w"]}, [("deletedIds", "", "v;w", Fate.ADDED)]),
]


@pytest.fixture
def admx(graph: ScriptedGraph) -> None:
    """Set up an administrative template with one setting."""
    graph.tell(ADMX, {"id": "x", "displayName": "Browser"})
    value = {"id": "v", "enabled": True, "definition": {"id": "d", "displayName": "Home page"}}
    graph.tell(f"{ADMX}/definitionValues", {"value": [value]})


@pytest.mark.usefixtures("admx")
@pytest.mark.parametrize("member", ["patchPayload", "actionParameters"])
@pytest.mark.parametrize(("call", "shown"), CALLS)
async def test_every_form_of_a_template(
    client: GraphClient, call: dict[str, Any], shown: list[tuple[str, str, str, Fate]], member: str
) -> None:
    """The body of `updateDefinitionValues` is read in every form, with switches that are words or numbers."""
    parts = {"payload": {"displayName": "Browser"}, member: call}
    content = await read(client, "GroupPolicyConfiguration", "Update", **parts)
    assert settings(content) == shown


async def test_a_new_template_in_a_string(client: GraphClient) -> None:
    """The values of a new template are read from JSON in a string."""
    value = {"enabled": True, "definition@odata.bind": "https://x/groupPolicyDefinitions('d1')"}
    content = await read(
        client, "GroupPolicyConfiguration", "Create", payload={"definitionValues": json.dumps([value])}
    )
    assert settings(content) == [("d1", "", "enabled", Fate.STANDS)]


@pytest.mark.usefixtures("admx")
async def test_a_patch_and_a_call_at_once(client: GraphClient) -> None:
    """If a request holds a patch and the body of a call, both are shown, also where they contradict each other."""
    parts = {"patchPayload": {"displayName": "Edge", "description": "a"}}
    called = {"updated": [OFF], "description": "b"}
    content = await read(client, "GroupPolicyConfiguration", "Update", actionParameters=called, **parts)
    assert settings(content) == [
        ("displayName", "Browser", "Edge", Fate.CHANGED),
        ("description", "", "a", Fate.ADDED),
        ("actionParameters.description", "", "b", Fate.ADDED),
        *ON_TO_OFF,
    ]


async def test_groups_in_a_patch_and_a_call_at_once(graph: ScriptedGraph, client: GraphClient) -> None:
    """Groups that only the body of a call names are shown beside a patch."""
    tell_group(graph)
    graph.tell("/beta/deviceManagement/operationApprovalPolicies/x", {"id": "x", "approverGroupIds": []})
    parts = {"patchPayload": {"description": "a"}, "actionParameters": {"approverGroupIds": [GROUP]}}
    content = await read(client, "OperationApprovalPolicy", "Update", **parts)
    assert targets(content) == [(Relation.APPROVES, GROUP, Fate.ADDED)]


PROFILE = "/beta/deviceManagement/deviceConfigurations/x"
OMA = {"omaUri": "./X/Y", "displayName": "Firewall", "value": 0}
HELD = OMA | {"value": 1, "description": None, "@odata.type": "#microsoft.graph.omaSettingInteger"}


@pytest.mark.parametrize("form", [[OMA], json.dumps([OMA]), [json.dumps(OMA)], OMA])
async def test_every_form_of_plain_settings(graph: ScriptedGraph, client: GraphClient, form: Any) -> None:
    """A list among the properties is read in every form. What Graph adds to its elements does not count as removed."""
    graph.tell(PROFILE, {"id": "x", "omaSettings": [HELD]})
    content = await read(client, "Windows10CustomConfiguration", "Update", patchPayload={"omaSettings": form})
    assert settings(content) == [("omaSettings[1].value", "1", "0", Fate.CHANGED)]


async def test_elements_that_really_go(graph: ScriptedGraph, client: GraphClient) -> None:
    """An element that the change omits is removed, even if it is nothing but an id."""
    graph.tell(PROFILE, {"id": "x", "omaSettings": [HELD], "parts": [{"id": "a"}, {"id": "b"}]})
    patch = {"omaSettings": [], "parts": [{"id": "a"}]}
    content = await read(client, "Windows10CustomConfiguration", "Update", patchPayload=patch)
    assert settings(content) == [
        ("omaSettings[1].omaUri", "./X/Y", "", Fate.REMOVED),
        ("omaSettings[1].displayName", "Firewall", "", Fate.REMOVED),
        ("omaSettings[1].value", "1", "", Fate.REMOVED),
        ("parts[2].id", "b", "", Fate.REMOVED),
    ]


async def test_the_ids_of_compliance_rules(graph: ScriptedGraph, client: GraphClient) -> None:
    """The ids that Graph gives to the actions of a compliance policy do not count as removed; a changed one counts."""
    now = [{"id": "a", "ruleName": "R", "scheduledActionConfigurations": [{"id": "b", "gracePeriodHours": 0}]}]
    graph.tell("/beta/deviceManagement/deviceCompliancePolicies/x", {"id": "x", "scheduledActionsForRule": now})
    for outer, ids in (({}, []), ({"id": "c"}, [("scheduledActionsForRule[1].id", "a", "c", Fate.CHANGED)])):
        rule = {**outer, "ruleName": "R", "scheduledActionConfigurations": [{"gracePeriodHours": 72}]}
        patch = {"scheduledActionsForRule": [rule]}
        content = await read(client, "Windows10CompliancePolicy", "Update", patchPayload=patch)
        hours = "scheduledActionsForRule[1].scheduledActionConfigurations[1].gracePeriodHours"
        assert sorted(settings(content)) == sorted([(hours, "0", "72", Fate.CHANGED), *ids])


def test_texts_stay_texts() -> None:
    """A text that looks like JSON stays a text where a text belongs, and so does one that is nested too deeply."""
    payload = {
        "description": "[1]",
        "omaSettings": [{"omaUri": "./X", "value": '{"a": 1}'}],
        "scriptContent": "[1]",
        "deep": "[" * DEEP + "]" * DEEP,
        "quoted": '"yes"',
    }
    assert parse_row({"id": "r", "payload": payload}).payload == payload


def test_what_is_unfolded_has_no_secrets() -> None:
    """A secret in JSON in a string is hidden, also where only the object around it says that it is one."""
    instance = {"settingDefinitionId": "vpn_presharedkey", "simpleSettingValue": json.dumps({"value": "hunter2"})}
    payload = {"settings": json.dumps([{"settingInstance": json.dumps(instance)}]), "wifi": '{"password": "hunter2"}'}
    assert "hunter2" not in str(parse_row({"id": "r", "payload": json.dumps(payload)}).payload)


ROLES = [
    [{"actions": ["A"]}],
    json.dumps([{"actions": ["A"]}]),
    {"actions": "A"},
    [{"resourceActions": [{"allowedResourceActions": ["A"]}]}],
    [{"resourceActions": {"allowedResourceActions": "A"}}],
    [{"resourceActions": ["A"]}],
    ["A"],
]


@pytest.mark.parametrize("member", ["rolePermissions", "permissions"])
@pytest.mark.parametrize("form", ROLES)
async def test_every_form_of_permissions(graph: ScriptedGraph, client: GraphClient, form: Any, member: str) -> None:
    """The permissions of a role are read from either member, also from the older one below it, and in every form."""
    now = [{"actions": [], "resourceActions": [{"allowedResourceActions": ["B"]}]}]
    graph.tell("/beta/deviceManagement/roleDefinitions/x", {"id": "x", "rolePermissions": now, "permissions": now})
    new = await read(client, "RoleDefinition", "Create", payload={member: form})
    assert permissions(new) == [(("A",), Fate.STANDS)]
    assert settings(new) == []
    changed = await read(client, "RoleDefinition", "Update", patchPayload={member: form})
    assert permissions(changed) == [(("A",), Fate.ADDED), (("B",), Fate.REMOVED)]
    assert settings(changed) == []


@pytest.mark.parametrize(
    ("kind", "place", "member", "relation"),
    [
        ("DeviceAndAppManagementRoleAssignment", "roleAssignments", "members", Relation.HOLDS),
        ("DeviceAndAppManagementRoleAssignment", "roleAssignments", "resourceScopes", Relation.OVER),
        ("OperationApprovalPolicy", "operationApprovalPolicies", "approverGroupIds", Relation.APPROVES),
    ],
)
async def test_the_groups_of_what_is_deleted(
    graph: ScriptedGraph, client: GraphClient, kind: str, place: str, member: str, relation: Relation
) -> None:
    """A deletion shows whom it concerns, from the present object if the request does not say it."""
    tell_group(graph)
    graph.tell(f"/beta/deviceManagement/{place}/x", {"id": "x", member: [GROUP]})
    content = await read(client, kind, "Delete", payload=None)
    assert targets(content) == [(relation, GROUP, Fate.REMOVED)]


@pytest.mark.parametrize("types", ["Unified", '["Unified"]', ["Unified"]])
def test_the_types_of_a_group_in_any_form(types: Any) -> None:
    """The types of a group are read from a list, from one word, and from JSON."""
    assert group_kind({"groupTypes": types}) == "Microsoft 365 group"


@pytest.mark.parametrize("types", [7, True, {"a": 1}, None])
def test_types_of_a_group_that_say_nothing(types: Any) -> None:
    """Types in an unknown form do not prevent the group from being shown."""
    assert group_kind({"groupTypes": types, "securityEnabled": True}) == "security group"
