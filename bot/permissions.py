"""What the worker application is allowed to read in Microsoft Graph, each permission with its reason, and trying it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.graph.http import GraphClient
from handlers.ports import PortError


@dataclass(frozen=True, slots=True)
class Permission:
    """An application permission. `place` can be read only with it; without a `needed` one nothing can be decided."""

    name: str
    why: str
    place: str
    needed: bool = True


PERMISSIONS = (
    Permission(
        "DeviceManagementRBAC.Read.All",
        "to find the requests and to read the access policies",
        "/beta/deviceManagement/operationApprovalRequests",
    ),
    Permission("GroupMember.Read.All", "to know who is in the approver groups", "/v1.0/groups"),
    Permission("User.Read.All", "to tell active accounts from disabled ones and guests", "/v1.0/users"),
    Permission(
        "DeviceManagementApps.Read.All",
        "to learn from Intune's audit who filed and who approved",
        "/v1.0/deviceManagement/auditEvents",
        needed=False,
    ),
    Permission(
        "DeviceManagementManagedDevices.Read.All",
        "to show which device will be wiped",
        "/v1.0/deviceManagement/managedDevices",
        needed=False,
    ),
    Permission(
        "Device.Read.All",
        "to know in which groups a device is, before it is asked for in chat",
        "/v1.0/devices",
        needed=False,
    ),
    Permission(
        "DeviceManagementScripts.Read.All",
        "to show what a script does",
        "/beta/deviceManagement/deviceManagementScripts",
        needed=False,
    ),
    Permission(
        "DeviceManagementConfiguration.Read.All",
        "to show the settings that a policy has now",
        "/beta/deviceManagement/deviceCompliancePolicies",
        needed=False,
    ),
)


async def troubles(graph: GraphClient) -> Sequence[tuple[Permission, PortError]]:
    """Every permission whose place cannot be read, and what Graph said: `Forbidden` where the permission is missing."""
    answers = await asyncio.gather(*(_try(graph, permission) for permission in PERMISSIONS))
    return [(permission, error) for permission, error in zip(PERMISSIONS, answers, strict=True) if error]


async def _try(graph: GraphClient, permission: Permission) -> PortError | None:
    try:
        await graph.get(permission.place, {"$top": "1"})
    except PortError as error:
        return error
    return None
