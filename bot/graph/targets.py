"""Whom an assignment reaches: groups by name, kind and size, or everybody."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused


@dataclass(frozen=True, slots=True)
class Line:
    """One target as people read it. `unread` names the group where Graph did not show it."""

    text: str
    unread: str = ""


_EVERYBODY = {
    "alldevicesassignmenttarget": "All devices",
    "alllicensedusersassignmenttarget": "All users",
}
_EXCLUSION = "exclusiongroupassignmenttarget"
_EVENTUAL = {"ConsistencyLevel": "eventual"}  # what Graph wants before it counts members


async def describe(client: GraphClient, parts: Iterable[Any]) -> tuple[Line, ...]:
    """A line for every target in these parts, each once, in the order in which they stand."""
    found = dict.fromkeys(target for part in parts for target in _targets(part))
    return tuple(await asyncio.gather(*(_line(client, group, kind) for group, kind in found)))


async def describe_groups(client: GraphClient, parts: Iterable[Any], member: str) -> tuple[Line, ...]:
    """A line for every group that these parts list under that name, however deep it stands."""
    groups = dict.fromkeys(group for part in parts for group in _listed(part, member))
    return tuple(await asyncio.gather(*(_describe_group(client, group) for group in groups)))


def _listed(part: Any, member: str) -> Iterator[str]:
    for item in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from _listed(item, member)
    listed = loose.get(part, member)
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, str))


def _targets(part: Any) -> Iterator[tuple[str, str]]:
    """Group id and kind of every target, however deep it stands: each resource nests its assignments in its own way."""
    if isinstance(part, list):
        for item in part:
            yield from _targets(item)
    if not isinstance(part, Mapping):
        return
    kind = loose.text(part, "@odata.type").rsplit(".", 1)[-1].casefold()
    group = loose.text(part, "groupId", "targetGroupId")
    if group or kind in _EVERYBODY:
        yield group, kind
        return
    for item in part.values():
        yield from _targets(item)


async def _line(client: GraphClient, group: str, kind: str) -> Line:
    if kind in _EVERYBODY:
        return Line(_EVERYBODY[kind])
    who = await _describe_group(client, group)
    return replace(who, text=f"Not: {who.text}") if kind == _EXCLUSION else who


async def _describe_group(client: GraphClient, group_id: str) -> Line:
    path = f"/v1.0/groups/{quote(group_id, safe='')}"
    select = {"$select": "id,displayName,securityEnabled,mailEnabled,groupTypes"}
    try:
        group, size = await asyncio.gather(
            client.get(path, select), client.text(f"{path}/members/$count", headers=_EVENTUAL)
        )
    except TokenRefused:
        raise  # what could not be asked for is not hidden
    except (NotFound, Forbidden):
        return Line(f"Group {group_id}, which could not be read", unread=group_id)
    members = "1 direct member" if size == "1" else f"{size} direct members"
    return Line(f"{loose.text(group, 'displayName')} ({group_kind(group)}, {members})")


def group_kind(group: Mapping[str, Any]) -> str:
    """What sort of group it is, in Entra's words."""
    types = [str(word).casefold() for word in loose.get(group, "groupTypes") or ()]
    if "unified" in types:
        return "Microsoft 365 group"
    if loose.get(group, "mailEnabled"):
        return "mail-enabled security group" if loose.get(group, "securityEnabled") else "distribution list"
    return "dynamic security group" if "dynamicmembership" in types else "security group"
