"""Which groups hold a device and the people who use it, and what of them the directory does not know."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from approvals.order import Unknown
from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import NotFound

Groups = frozenset[str]


@dataclass(frozen=True, slots=True)
class Holders:
    """`surely` are the groups that hold the device, or everybody whom Intune names as its user; `perhaps` those that
    hold the device or any of these people."""

    surely: Groups
    perhaps: Groups
    unknown: tuple[Unknown, ...]


async def holders_of(client: GraphClient, place: str, device: Mapping[str, Any]) -> Holders:
    """Read the groups of a managed device, which `place` is the address of, and of its users.

    Not to be allowed to look is no answer: that raises, for a protected target must not pass for another.
    """
    users = await _users_of(client, place, device)
    paths = [f"users/{quote(user, safe='')}" if user else "" for user in users]
    own, *theirs = await asyncio.gather(*(_groups_of(client, path) for path in (_directory_path(device), *paths)))
    by_user = [groups or Groups() for groups in theirs]
    surely = Groups.intersection(*by_user) if by_user else Groups()
    unknown = ((Unknown.USER, None in theirs), (Unknown.DEVICE, own is None))
    return Holders(
        surely | (own or Groups()),
        Groups().union(own or Groups(), *by_user),
        tuple(what for what, is_so in unknown if is_so),
    )


async def _users_of(client: GraphClient, place: str, device: Mapping[str, Any]) -> tuple[str, ...]:
    """The object ids of its primary users and of the user in its record; empty for one who is shown without an id.

    Both are asked, because they differ: the record may name who enrolled it (microsoftgraph/msgraph-sdk-dotnet#1995,
    microsoftgraph/msgraph-beta-sdk-dotnet#871), and its user principal name may be a former one, which by now may be
    somebody else's. A device that nobody uses has none.
    """
    try:
        found = [loose.identifier(user, "id") async for user in client.items(f"{place}/users", {"$select": "id"})]
    except NotFound:
        found = [""]  # the device was there a moment ago
    recorded = loose.identifier(device, "userId")
    if recorded or (loose.text(device, "userPrincipalName") and not found):
        found.append(recorded)
    return tuple(dict.fromkeys(found))


def _directory_path(device: Mapping[str, Any]) -> str:
    device_id = loose.identifier(device, "azureADDeviceId")
    return f"devices(deviceId='{quote(device_id, safe='')}')" if device_id else ""


async def _groups_of(client: GraphClient, path: str) -> Groups | None:
    """The groups that hold it, directly or through others; `None` where the directory does not know it."""
    if not path:
        return None
    query = {"$select": "id", "$top": "999"}
    try:
        found = [one async for one in client.items(f"/v1.0/{path}/transitiveMemberOf", query)]
    except NotFound:
        return None
    return Groups(loose.text(one, "id") for one in found)
