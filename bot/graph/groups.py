"""Groups in the directory: their members, and which of them Intune accepts for approvals."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from approvals.naming import canonical
from approvals.people import Group
from bot.graph import loose
from bot.graph.called import filter_for, is_called
from bot.graph.http import GraphClient
from bot.graph.people import ACCOUNT_FIELDS, Account, is_object_id, parse_account
from bot.graph.targets import group_kind
from handlers.ports.errors import Conflict, Forbidden, NotFound

MOST_PER_CHECK = 20  # groups that one checkMemberGroups call accepts
_FIELDS = "id,displayName,securityEnabled,mailEnabled,groupTypes"
_FULL_PAGES = {"$top": "999"}


async def direct_groups(client: GraphClient, account: str, groups: frozenset[str]) -> frozenset[str]:
    """Return which of the groups contain this account directly: one call, for any number of groups."""
    path = f"/v1.0/users/{quote(account, safe='')}/memberOf"
    held = {loose.text(group, "id").casefold() async for group in client.items(path, {"$select": "id", **_FULL_PAGES})}
    return frozenset(group for group in groups if group.casefold() in held)


async def transitive_groups(client: GraphClient, account: str, groups: frozenset[str]) -> frozenset[str]:
    """Return which of the groups contain this account, directly or through nested groups."""
    path = f"/v1.0/users/{quote(account, safe='')}/checkMemberGroups"
    answers = await asyncio.gather(*(client.ask(path, {"groupIds": chunk}) for chunk in _chunks(sorted(groups))))
    held = {str(group).casefold() for answer in answers for group in loose.get(answer, "value") or ()}
    return frozenset(group for group in groups if group.casefold() in held)


async def group_members(client: GraphClient, group_id: str, *, direct: bool) -> tuple[Account, ...]:
    """Return the active people of a group."""
    relation = "members" if direct else "transitiveMembers"
    path = f"/v1.0/groups/{quote(group_id, safe='')}/{relation}"
    query = {"$select": ACCOUNT_FIELDS, **_FULL_PAGES}
    found = [item async for item in client.items(path, query) if _is_user(item)]
    people = map(parse_account, loose.once(found))
    return tuple(person for person in people if person.active)


async def find_group(client: GraphClient, name_or_id: str) -> Group:
    """Return one plain security group; raise `NotFound`, `Conflict` (several) or `Forbidden` (a kind Intune
    ignores)."""
    name = canonical(name_or_id)
    if not name:
        raise NotFound("a group without a name was asked for")
    found = [await _group_by_id(client, name)] if is_object_id(name) else await _groups_by_name(client, name)
    if not found:
        raise NotFound(f'there is no group "{name}"')
    if len(found) > 1:
        ids = ", ".join(sorted(loose.text(group, "id") for group in found))
        raise Conflict(f'there are {len(found)} groups called "{name}"; name one by its object id: {ids}')
    return _plain_security_group(found[0])


async def _group_by_id(client: GraphClient, group_id: str) -> loose.Object:
    try:
        return await client.get(f"/v1.0/groups/{group_id}", {"$select": _FIELDS})
    except NotFound as trouble:
        raise NotFound(f"there is no group with the object id {group_id}", request_id=trouble.request_id) from None


async def _groups_by_name(client: GraphClient, name: str) -> list[loose.Object]:
    query = {"$filter": filter_for("displayName", name), "$select": _FIELDS}
    found = [one async for one in client.items("/v1.0/groups", query) if is_called(one, "displayName", name)]
    return loose.once(found)


def _plain_security_group(group: Mapping[str, Any]) -> Group:
    name, kind = loose.text(group, "displayName"), group_kind(group)
    if "security group" not in kind or "mail" in kind or not loose.get(group, "securityEnabled"):
        raise Forbidden(f'"{name}" is a {kind}; Intune accepts only plain security groups as approver groups')
    return Group(id=loose.text(group, "id"), name=name)


def _is_user(item: Mapping[str, Any]) -> bool:
    return loose.text(item, "@odata.type").casefold() == "#microsoft.graph.user"


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + MOST_PER_CHECK] for start in range(0, len(ids), MOST_PER_CHECK))
