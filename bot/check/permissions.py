"""The worker application's permissions in Microsoft Graph, each with its reason, and how to try them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.graph.http import GraphClient
from handlers.ports.errors import PortError
from handlers.ports.orders import Call


@dataclass(frozen=True, slots=True)
class Permission:
    """An application permission. `place` can be read only with it. Without a `needed` one nothing can be decided.

    Some places are read with a POST of `question`.
    """

    name: str
    why: str
    place: str
    needed: bool = True
    question: Mapping[str, Any] | None = None


PERMISSIONS = (
    Permission(
        "DeviceManagementRBAC.Read.All",
        "to find the requests and to read the access policies",
        "/beta/deviceManagement/operationApprovalRequests",
    ),
    Permission("GroupMember.Read.All", "to know who is in the approver groups", "/v1.0/groups"),
    Permission(
        "User.Read.All", "to recognise disabled accounts, guests, and several accounts of one person", "/v1.0/users"
    ),
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
        "to show the settings that a policy has now, and the rules of assignment filters",
        "/beta/deviceManagement/deviceCompliancePolicies",
        needed=False,
    ),
    Permission(
        "DeviceManagementServiceConfig.Read.All",
        "to show what an Autopilot profile or an enrollment configuration contains now",
        # https://learn.microsoft.com/graph/api/intune-enrollment-windowsautopilotdeploymentprofile-get
        "/beta/deviceManagement/windowsAutopilotDeploymentProfiles",
        needed=False,
    ),
    Permission(
        "Presence.Read.All",
        "to remind those who are at work, and to see who is missing",
        "/v1.0/communications/getPresencesByUserId",
        needed=False,
        question={"ids": ["00000000-0000-0000-0000-000000000000"]},
    ),
)

MAIL = "Mail.Send"
"""The only permission of the worker to do more than read; best limited to one mailbox."""

_TO_NOBODY = {"message": {"subject": "", "body": {"contentType": "Text", "content": ""}, "toRecipients": []}}


async def troubles(graph: GraphClient) -> Sequence[tuple[Permission, PortError]]:
    """Return every permission whose place cannot be read, with Graph's error: `Forbidden` if the permission is
    missing."""
    answers = await asyncio.gather(*(_try(graph, permission) for permission in PERMISSIONS))
    return [(permission, error) for permission, error in zip(PERMISSIONS, answers, strict=True) if error]


async def _try(graph: GraphClient, permission: Permission) -> PortError | None:
    try:
        if permission.question is None:
            await graph.get(permission.place, {"$top": "1"})
        else:
            await graph.ask(permission.place, permission.question)
    except PortError as error:
        return error
    return None


async def why_no_mail(graph: GraphClient, mailbox: str) -> PortError | None:
    """Return why the worker cannot send as this mailbox, if so. Tries a mail without recipients, which is never
    sent."""
    path = f"/v1.0/users/{quote(mailbox, safe='')}/sendMail"
    try:
        reply = await graph.act(Call("POST", path, json.dumps(_TO_NOBODY).encode()), {})
    except PortError as error:
        return error
    return None if reply.ok or reply.status == 400 else reply.error()
