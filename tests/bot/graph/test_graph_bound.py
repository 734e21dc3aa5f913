"""What a vote on an assignment or a deletion binds to: what will run or be lost, and nothing that changes by itself."""

import base64
from typing import Any

import pytest

from bot.graph.content import read_content
from bot.graph.http import GraphClient
from bot.graph.rows import parse_row
from handlers.gathering.subjects import subject_of
from tests.bot.graph.scripted import ScriptedGraph

GROUP = "0aaaaaaa-1111-2222-3333-444444444441"
PLACES = {
    "IosVppApp": "deviceAppManagement/mobileApps",
    "Win32LobApp": "deviceAppManagement/mobileApps",
    "WindowsDriverUpdateProfile": "deviceManagement/windowsDriverUpdateProfiles",
    "DeviceHealthScript": "deviceManagement/deviceHealthScripts",
    "DeviceManagementScript": "deviceManagement/deviceManagementScripts",
    "Windows10GeneralConfiguration": "deviceManagement/deviceConfigurations",
    "RoleDefinition": "deviceManagement/roleDefinitions",
}
OPERATIONS: dict[str, dict[str, Any]] = {
    "Assign": {"actionParameters": {"assignments": [{"target": {"groupId": GROUP}}]}},
    "Delete": {"payload": None},
}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def role(name: str) -> list[dict[str, Any]]:
    return [{"resourceActions": [{"allowedResourceActions": [name]}]}]


TICKING: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("IosVppApp", {"usedLicenseCount": 10}, {"usedLicenseCount": 11}),
    ("IosVppApp", {"totalLicenseCount": 500}, {"totalLicenseCount": 600}),
    ("IosVppApp", {"releaseDateTime": "2026-01-01T00:00:00Z"}, {"releaseDateTime": "2026-02-01T00:00:00Z"}),
    ("IosVppApp", {"assignedLicenses": []}, {"assignedLicenses": [{"userId": "a"}]}),
    ("IosVppApp", {"description": "old"}, {"description": "from the store"}),
    ("WindowsDriverUpdateProfile", {"newUpdates": 1}, {"newUpdates": 2}),
    ("WindowsDriverUpdateProfile", {"deviceReporting": 40}, {"deviceReporting": 41}),
    (
        "WindowsDriverUpdateProfile",
        {"inventorySyncStatus": {"lastSuccessfulSyncDateTime": "2026-11-01T00:00:00Z"}},
        {"inventorySyncStatus": {"lastSuccessfulSyncDateTime": "2026-11-02T00:00:00Z"}},
    ),
    ("DeviceHealthScript", {"highestAvailableVersion": "1"}, {"highestAvailableVersion": "2"}),
    ("DeviceManagementScript", {"runSummary": {"successDeviceCount": 1}}, {"runSummary": {"successDeviceCount": 2}}),
    ("Windows10GeneralConfiguration", {"deviceStatusOverview": {"n": 1}}, {"deviceStatusOverview": {"n": 2}}),
]
CONTENT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("DeviceManagementScript", {"scriptContent": encoded("a\n")}, {"scriptContent": encoded("b\n")}),
    ("DeviceManagementScript", {"runAsAccount": "user"}, {"runAsAccount": "system"}),
    ("Win32LobApp", {"installCommandLine": "a.exe"}, {"installCommandLine": "b.exe"}),
    ("Win32LobApp", {"committedContentVersion": "1"}, {"committedContentVersion": "2"}),
    ("Windows10GeneralConfiguration", {"cameraBlocked": True}, {"cameraBlocked": False}),
    ("Windows10GeneralConfiguration", {"passwordMinimumCharacterSetCount": 3}, {"passwordMinimumCharacterSetCount": 1}),
    ("WindowsDriverUpdateProfile", {"approvalType": "manual"}, {"approvalType": "automatic"}),
    ("RoleDefinition", {"rolePermissions": role("Read")}, {"rolePermissions": role("Wipe")}),
]


async def digests(
    graph: ScriptedGraph, client: GraphClient, kind: str, operation: str, *states: dict[str, Any], **parts: Any
) -> list[str]:
    """Return the digest of this operation on an object in each of these states, one after the other."""
    for held in states:
        graph.tell(f"/beta/{PLACES[kind]}/x", {"id": "x", "displayName": "X"} | held)
    row = parse_row({"id": "r", "payloadId": "x", "payloadType": kind, "payloadOperation": operation} | parts)
    return [subject_of(row, await read_content(client, row)).digest() for _ in states]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("kind", "before", "after"), TICKING)
async def test_what_changes_by_itself(
    graph: ScriptedGraph, client: GraphClient, kind: str, operation: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """What the service counts and synchronises leaves a vote on an assignment or a deletion as it is."""
    one, other = await digests(graph, client, kind, operation, before, after, **OPERATIONS[operation])
    assert one == other


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("kind", "before", "after"), CONTENT)
async def test_what_will_run(
    graph: ScriptedGraph, client: GraphClient, kind: str, operation: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """If what will run or be lost becomes different, the digest does, too."""
    one, other = await digests(graph, client, kind, operation, before, after, **OPERATIONS[operation])
    assert one != other


async def test_words_that_are_asked_for(graph: ScriptedGraph, client: GraphClient) -> None:
    """An update of a description binds to it, before and after, but not to a counter that it repeats."""
    patch = {"patchPayload": {"description": "new", "usedLicenseCount": 10}}
    states = [{"description": "a", "usedLicenseCount": count} for count in (10, 11)] + [{"description": "b"}]
    one, same, other = await digests(graph, client, "IosVppApp", "Update", *states, **patch)
    assert one == same != other


async def test_settings_with_the_name_of_a_counter(graph: ScriptedGraph, client: GraphClient) -> None:
    """A setting of the catalogue counts whatever its name is."""
    path = "/beta/deviceManagement/configurationPolicies/x"
    graph.tell(path, {"id": "x"})
    for value in ("on", "off"):
        instance = {"settingDefinitionId": "hide_license_summary", "choiceSettingValue": {"value": value}}
        graph.tell(f"{path}/settings", {"value": [{"settingInstance": instance}]})
    row = parse_row({"id": "r", "payloadId": "x", "payloadType": "ConfigurationPolicy", "payloadOperation": "Delete"})
    one, other = [subject_of(row, await read_content(client, row)).digest() for _ in range(2)]
    assert one != other
