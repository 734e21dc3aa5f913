"""What words may mean: devices, scripts, roles, policies and groups by the names that people know them by.

Graph answers an empty filter with everything, and nobody has promised that it compares as we do. So nothing is asked
for blank words, and every answer is compared here once more.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from approvals.order import Act
from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.people import literal
from bot.graph.targets import group_kind
from handlers.ports.orders import MOST_CANDIDATES, Candidate

_DEVICES = "/v1.0/deviceManagement/managedDevices"
_DEVICE_NAMES = ("deviceName", "serialNumber", "userPrincipalName")
_DEVICE_LINES = {
    "Model": "model",
    "User": "userPrincipalName",
    "Serial number": "serialNumber",
    "Owner": "managedDeviceOwnerType",
    "Compliance": "complianceState",
}
_GROUP_FIELDS = "id,displayName,securityEnabled,mailEnabled,groupTypes"

PLACES = {
    Act.SCRIPT: "/beta/deviceManagement/deviceManagementScripts",
    Act.ROLE: "/beta/deviceManagement/roleDefinitions",
    Act.COMPLIANCE: "/beta/deviceManagement/deviceCompliancePolicies",
}
"""Where the things are that can be assigned."""


async def find_targets(client: GraphClient, act: Act, words: str) -> tuple[Candidate, ...]:
    """What an act may be meant to be done to."""
    wanted = words.strip()
    if not wanted:
        return ()
    found = await (_devices(client, wanted) if act.is_on_device else _named(client, PLACES[act], wanted))
    return tuple(found)[:MOST_CANDIDATES]


async def find_groups(client: GraphClient, words: str) -> tuple[Candidate, ...]:
    """Groups of this name, each with its kind: Intune assigns to security groups."""
    wanted = words.strip()
    if not wanted:
        return ()
    query = {"$filter": f"displayName eq {literal(wanted)}", "$select": _GROUP_FIELDS}
    groups = [group async for group in client.items("/v1.0/groups", query) if _is(group, "displayName", wanted)]
    return tuple(
        Candidate(loose.text(group, "id"), loose.text(group, "displayName"), (("Kind", group_kind(group)),))
        for group in loose.once(groups)[:MOST_CANDIDATES]
    )


async def _devices(client: GraphClient, wanted: str) -> Iterable[Candidate]:
    """By name, serial number or user; those of that name first."""
    answers = await asyncio.gather(*(_devices_with(client, name, wanted) for name in _DEVICE_NAMES))
    found = {loose.text(device, "id"): device for devices in answers for device in devices}
    return [_device(device_id, device) for device_id, device in found.items() if device_id]


async def _devices_with(client: GraphClient, name: str, wanted: str) -> list[loose.Object]:
    query = {"$filter": f"{name} eq {literal(wanted)}"}
    return [device async for device in client.items(_DEVICES, query) if _is(device, name, wanted)]


def _device(device_id: str, device: Mapping[str, Any]) -> Candidate:
    lines = [(label, loose.text(device, name)) for label, name in _DEVICE_LINES.items()]
    lines.append(("Last contact", loose.shown_moment(device, "lastSyncDateTime", never=loose.NEVER)))
    return Candidate(device_id, loose.text(device, "deviceName"), tuple(line for line in lines if line[1]))


async def _named(client: GraphClient, place: str, wanted: str) -> Iterable[Candidate]:
    """These lists are short, and not all of them can be filtered."""
    return [
        Candidate(loose.text(one, "id"), loose.text(one, "displayName"), _lines(one))
        async for one in client.items(place)
        if _is(one, "displayName", wanted)
    ]


def _lines(one: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    says = loose.text(one, "lastModifiedDateTime")  # roles do not
    lines = (
        ("Description", loose.text(one, "description")),
        ("Last change", loose.shown_moment(one, "lastModifiedDateTime") if says else ""),
        ("Id", loose.text(one, "id")),
    )
    return tuple(line for line in lines if line[1])


def _is(holder: Mapping[str, Any], name: str, wanted: str) -> bool:
    return loose.text(holder, name).casefold() == wanted.casefold()
