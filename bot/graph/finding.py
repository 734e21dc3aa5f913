"""Finding devices, scripts, roles, policies and groups by the names that people use.

Graph answers an empty filter with everything, and does not promise to compare as we do. So blank words are not sent,
and every answer is compared again here.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from approvals.naming import canonical
from approvals.order import Act
from approvals.serials import is_dummy
from bot.graph import loose
from bot.graph.called import filter_for, is_called
from bot.graph.http import GraphClient
from bot.graph.people import literal
from bot.graph.targets import group_kind
from handlers.ports.orders import Candidate, Matches

_DEVICES = "/v1.0/deviceManagement/managedDevices"
_OTHER_NAMES = ("serialNumber", "userPrincipalName")
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
"""Paths of the objects that can be assigned."""


async def find_targets(client: GraphClient, act: Act, words: str) -> Matches:
    """Return the possible targets of an act."""
    wanted = canonical(words)
    if not wanted:
        return Matches()
    return Matches(await (_devices(client, wanted) if act.is_on_device else _named(client, PLACES[act], wanted)))


async def find_groups(client: GraphClient, words: str) -> Matches:
    """Return the groups of this name, each with its kind: Intune assigns to security groups."""
    wanted = canonical(words)
    if not wanted:
        return Matches()
    query = {"$filter": filter_for("displayName", wanted), "$select": _GROUP_FIELDS}
    groups = [one async for one in client.items("/v1.0/groups", query) if is_called(one, "displayName", wanted)]
    return Matches(
        [
            Candidate(loose.text(group, "id"), loose.text(group, "displayName"), (("Kind", group_kind(group)),))
            for group in loose.once(groups)
        ]
    )


async def _devices(client: GraphClient, wanted: str) -> list[Candidate]:
    """Find devices by name, serial number or user; those of that name first. Serial numbers that many devices share
    are ignored."""
    known_by = {"deviceName": filter_for("deviceName", wanted)}
    known_by |= {name: f"{name} eq {literal(wanted)}" for name in _OTHER_NAMES}
    if is_dummy(wanted):
        del known_by["serialNumber"]
    answers = await asyncio.gather(*(_devices_with(client, name, known_by[name], wanted) for name in known_by))
    found = loose.once(device for devices in answers for device in devices)
    return [_device(device_id, device) for device in found if (device_id := loose.text(device, "id"))]


async def _devices_with(client: GraphClient, name: str, those: str, wanted: str) -> list[loose.Object]:
    return [device async for device in client.items(_DEVICES, {"$filter": those}) if is_called(device, name, wanted)]


def _device(device_id: str, device: Mapping[str, Any]) -> Candidate:
    lines = [(label, loose.text(device, name)) for label, name in _DEVICE_LINES.items()]
    lines.append(("Last contact", loose.shown_moment(device, "lastSyncDateTime", never=loose.NEVER)))
    return Candidate(device_id, loose.text(device, "deviceName"), tuple(line for line in lines if line[1]))


async def _named(client: GraphClient, place: str, wanted: str) -> list[Candidate]:
    """Read all and compare here: these lists are short, and not all of them can be filtered."""
    found = loose.once([one async for one in client.items(place) if is_called(one, "displayName", wanted)])
    return [Candidate(loose.text(one, "id"), loose.text(one, "displayName"), _lines(one)) for one in found]


def _lines(one: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    says = loose.text(one, "lastModifiedDateTime")  # roles have none
    lines = (
        ("Description", loose.text(one, "description")),
        ("Last change", loose.shown_moment(one, "lastModifiedDateTime") if says else ""),
        ("Id", loose.text(one, "id")),
    )
    return tuple(line for line in lines if line[1])
