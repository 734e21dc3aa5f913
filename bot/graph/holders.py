"""The groups of a device and of the people who use it, and what the directory does not know of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from approvals.order import Unknown
from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import NotFound

GroupIds = frozenset[str]


@dataclass(frozen=True, slots=True)
class Holders:
    """`surely` are the groups that contain the device, or everybody whom Intune names as its user; `perhaps` those
    that contain the device or any of these people."""

    surely: GroupIds
    perhaps: GroupIds
    unknown: tuple[Unknown, ...]


async def holders_of(client: GraphClient, place: str, device: Mapping[str, Any]) -> Holders:
    """Read the groups of a managed device, whose address is `place`, and of its users.

    Raises if reading is not allowed: a protected target must not be taken for an unprotected one.
    """
    users = await _users_of(client, place, device)
    paths = [f"users/{quote(user, safe='')}" if user else "" for user in users]
    own, *theirs = await asyncio.gather(*(_groups_of(client, path) for path in (_directory_path(device), *paths)))
    by_user = [groups or GroupIds() for groups in theirs]
    surely = GroupIds.intersection(*by_user) if by_user else GroupIds()
    unknown = ((Unknown.USER, None in theirs), (Unknown.DEVICE, own is None))
    return Holders(
        surely | (own or GroupIds()),
        GroupIds().union(own or GroupIds(), *by_user),
        tuple(what for what, is_so in unknown if is_so),
    )


async def _users_of(client: GraphClient, place: str, device: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the object ids of its primary users and of the user in its record; empty for a user who is shown without
    an id.

    Both are read, because they differ: the record may name who enrolled it (microsoftgraph/msgraph-sdk-dotnet#1995,
    microsoftgraph/msgraph-beta-sdk-dotnet#871), and its user principal name may be an old one, which may now belong to
    somebody else. A device without users has none.
    """
    try:
        found = [loose.identifier(user, "id") async for user in client.items(f"{place}/users", {"$select": "id"})]
    except NotFound:
        found = [""]  # the device existed a moment ago
    recorded = loose.identifier(device, "userId")
    if recorded or (loose.text(device, "userPrincipalName") and not found):
        found.append(recorded)
    return tuple(dict.fromkeys(found))


def _directory_path(device: Mapping[str, Any]) -> str:
    device_id = loose.identifier(device, "azureADDeviceId")
    return f"devices(deviceId='{quote(device_id, safe='')}')" if device_id else ""


async def _groups_of(client: GraphClient, path: str) -> GroupIds | None:
    """Return the groups that contain it, directly or through others; `None` if the directory does not know it."""
    if not path:
        return None
    query = {"$select": "id", "$top": "999"}
    try:
        found = [one async for one in client.items(f"/v1.0/{path}/transitiveMemberOf", query)]
    except NotFound:
        return None
    return GroupIds(loose.text(one, "id") for one in found)
