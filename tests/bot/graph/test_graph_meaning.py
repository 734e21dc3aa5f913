"""The digest that a vote is bound to: the same for other spellings of a request, and different for another meaning."""

import json
from typing import Any

import pytest

from bot.graph.content import read_content
from bot.graph.http import GraphClient
from bot.graph.rows import parse_row
from handlers.gathering.subjects import subject_of
from tests.bot.graph.scripted import ScriptedGraph

PC, MAC = "0aaaaaaa-1111-2222-3333-444444444441", "0aaaaaaa-1111-2222-3333-444444444442"
DEVICES = [{"deviceName": "PC-1", "deviceId": PC}, {"deviceName": "MAC-1", "deviceId": MAC}]
BULK = {
    "payloadType": "Microsoft.Management.Services.Api.ManagedDevice",
    "payloadOperation": "Action",
    "actionName": "wipe",
    "requiredOperationApprovalPolicyTypes": ["deviceWipe", "deviceRetire"],
    "displayPayload": DEVICES,
    "actionParameters": {"deviceIds": [PC, MAC], "keepUserData": False},
}
ROLE = {
    "payloadType": "RoleDefinition",
    "payloadOperation": "Create",
    "payloadName": "Desk",
    "payload": {
        "roleScopeTagIds": ["0", "1"],
        "rolePermissions": [{"resourceActions": [{"allowedResourceActions": ["a", "b"]}]}],
    },
}
TARGETS = [{"target": {"groupId": one}, "intent": "required"} for one in (PC, MAC)]
ASSIGNED = {
    "payloadType": "MobileApp",
    "payloadOperation": "Assign",
    "payloadId": PC,
    "actionParameters": {"mobileAppAssignments": TARGETS},
}
DNS = {
    "payloadType": "WindowsVpnConfiguration",
    "payloadOperation": "Create",
    "payload": {"dnsServers": ["1.1", "2.2"]},
}


async def digest(graph: ScriptedGraph, client: GraphClient, raw: dict[str, Any]) -> str:
    """Return the digest that a vote on this row would be bound to."""
    for group in (PC, MAC, PC.upper(), MAC.upper()):
        graph.tell(f"/v1.0/groups/{group}", {"id": group, "displayName": "G", "securityEnabled": True})
        graph.tell(f"/v1.0/groups/{group}/transitiveMembers/$count", "12")
    row = parse_row({"id": "r"} | raw)
    return subject_of(row, await read_content(client, row)).digest()


def _upper(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the row with every object id in capital letters."""
    written: dict[str, Any] = json.loads(json.dumps(raw).replace(PC, PC.upper()).replace(MAC, MAC.upper()))
    return written


ROLE_TURNED = {
    "roleScopeTagIds": ["1", "0"],
    "RolePermissions": [{"resourceActions": [{"allowedResourceActions": ["b", "a"]}]}],
}
ALIKE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (BULK, {"displayPayload": DEVICES[::-1]}),
    (BULK, {"actionParameters": {"keepUserData": False, "deviceIds": [MAC, PC]}}),
    (BULK, {"actionParameters": {"KeepUserData": False, "DeviceIds": [PC, MAC]}}),
    (BULK, {"requiredOperationApprovalPolicyTypes": ["DeviceRetire", "deviceWipe", "deviceWipe"]}),
    (BULK, {"payloadType": "#microsoft.graph.managedDevice", "payloadOperation": "action"}),
    (BULK, _upper(BULK)),
    (ROLE, {"payload": ROLE_TURNED}),
    (ASSIGNED, {"actionParameters": {"MobileAppAssignments": TARGETS[::-1]}}),
    (ASSIGNED, _upper(ASSIGNED)),
]
OTHER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (BULK, {"actionParameters": {"deviceIds": [PC, MAC], "keepUserData": True}}),
    (BULK, {"actionParameters": {"deviceIds": [PC, MAC, ROLE["payloadName"]], "keepUserData": False}}),
    (ROLE, {"payload": {**ROLE_TURNED, "roleScopeTagIds": ["1", "2"]}}),
    (ASSIGNED, {"actionParameters": {"mobileAppAssignments": TARGETS[:1]}}),
    (DNS, {"payload": {"dnsServers": ["2.2", "1.1"]}}),
    (DNS, {"payload": {"dnsServers": ["1.1", "2.2"], "DnsServers": []}}),
]


@pytest.mark.parametrize(("raw", "differently"), ALIKE)
async def test_written_otherwise(
    graph: ScriptedGraph, client: GraphClient, raw: dict[str, Any], differently: dict[str, Any]
) -> None:
    """Another order or another casing gives the same digest."""
    assert await digest(graph, client, raw | differently) == await digest(graph, client, raw)


@pytest.mark.parametrize(("raw", "differently"), OTHER)
async def test_another_meaning(
    graph: ScriptedGraph, client: GraphClient, raw: dict[str, Any], differently: dict[str, Any]
) -> None:
    """Another value, one more device, or another order where order matters gives another digest."""
    assert await digest(graph, client, raw | differently) != await digest(graph, client, raw)
