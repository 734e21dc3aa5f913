"""Targets of assignments, and what is done to them: groups by name, kind and size, filters with their rules, intent,
schedules and settings, before and after.

https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappassignment (intent, settings, source)
https://learn.microsoft.com/graph/api/resources/intune-shared-deviceandappmanagementassignmenttarget (filters)
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NewType
from urllib.parse import quote

from approvals.subject import Fate, Reach, Relation, Setting, Target, TargetKind
from bot.graph import loose
from bot.graph.assignments import Assignment, Pair, paired
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

HiddenPart = NewType("HiddenPart", str)
"""A part that Graph does not show: what it is and its id, as "group:6f1c"."""


EVERYTHING = "/"
"""The scope of a role that covers everything."""


FILTER_NAME, FILTER_RULE = "filterName", "filterRule"
"""Settings of an assignment that are read from its filter."""


_Filters = Mapping[str, tuple[Mapping[str, str], tuple[HiddenPart, ...]]]


_EVENTUAL = {"ConsistencyLevel": "eventual"}  # Graph requires this for counting members


@dataclass(frozen=True, slots=True)
class Reached:
    """Every target with its fate, and what Graph did not show of them."""

    reaches: tuple[Reach, ...] = ()
    hidden: tuple[HiddenPart, ...] = ()


async def compared(
    client: GraphClient, standing: Sequence[Assignment], asked: Sequence[Assignment], otherwise: Fate
) -> Reached:
    """Return each assignment with its fate; existing ones that are not requested have the fate `otherwise`."""
    filters = await _filters(client, (one.filter_id for one in (*standing, *asked) if one.filter_id))
    some = (_reach(client, filters, pair, otherwise) for pair in paired(standing, asked))
    return _together(await asyncio.gather(*some))


async def related(client: GraphClient, relation: Relation, fates: Mapping[str, Fate]) -> Reached:
    """Return the groups of these ids with their fates: those that hold a role, that it covers, or that approve."""
    found = zip(await asyncio.gather(*(_related(client, one) for one in fates)), fates.values(), strict=True)
    return _together([(Reach(relation, target, fate), hidden) for (target, hidden), fate in found])


async def _related(client: GraphClient, group_id: str) -> tuple[Target, tuple[HiddenPart, ...]]:
    if group_id == EVERYTHING:
        return Target(TargetKind.OTHER, EVERYTHING), ()
    return await _group(client, group_id)


def both(*some: Reached) -> Reached:
    """Combine these results, in order."""
    return Reached(
        tuple(reach for one in some for reach in one.reaches),
        tuple(dict.fromkeys(part for one in some for part in one.hidden)),
    )


def group_kind(group: Mapping[str, Any]) -> str:
    """Return the kind of a group, in Entra's words."""
    types = [str(word).casefold() for word in loose.elements(loose.get(group, "groupTypes"))]
    if "unified" in types:
        return "Microsoft 365 group"
    if loose.get(group, "mailEnabled"):
        return "mail-enabled security group" if loose.get(group, "securityEnabled") else "distribution list"
    return "dynamic security group" if "dynamicmembership" in types else "security group"


def _fate(old: Assignment | None, new: Assignment | None, otherwise: Fate) -> Fate:
    if new is None:
        return otherwise
    if old is None:
        return Fate.ADDED
    same = (old.how, old.filter_id) == (new.how, new.filter_id)
    return Fate.STANDS if same else Fate.CHANGED


def _together(found: Iterable[tuple[Reach, tuple[HiddenPart, ...]]]) -> Reached:
    return both(*(Reached((reach,), hidden) for reach, hidden in found))


async def _reach(
    client: GraphClient, filters: _Filters, pair: Pair, otherwise: Fate
) -> tuple[Reach, tuple[HiddenPart, ...]]:
    sides = [one for one in pair if one is not None]
    target, hidden = await _target(client, sides[-1])
    before, after = ({**dict(sides[side].how), **filters[sides[side].filter_id][0]} for side in (0, -1))
    unread = tuple(part for one in sides for part in filters[one.filter_id][1])
    reach = Reach(Relation.REACHES, target, _fate(*pair, otherwise), sides[-1].excluded, _how(before, after))
    return reach, (*hidden, *unread)


def _how(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Setting, ...]:
    """Return what the assignment does, each part before and after."""
    names = dict.fromkeys([*after, *before])
    return tuple(_setting(name, before.get(name, ""), after.get(name, "")) for name in names)


def _setting(name: str, old: str, new: str) -> Setting:
    if old == new:
        return Setting(name, new)
    fate = Fate.REMOVED if not new else Fate.CHANGED if old else Fate.ADDED
    return Setting(name, new, old, fate)


async def _filters(client: GraphClient, ids: Iterable[str]) -> _Filters:
    """Read the name and the rule of each filter, by its id: the rule limits whom an assignment reaches."""
    named = list(dict.fromkeys(ids))
    found = await asyncio.gather(*(_filter(client, filter_id) for filter_id in named))
    return {"": ({}, ()), **dict(zip(named, found, strict=True))}


async def _filter(client: GraphClient, filter_id: str) -> tuple[Mapping[str, str], tuple[HiddenPart, ...]]:
    path = f"/beta/deviceManagement/assignmentFilters/{quote(filter_id, safe='')}"
    try:
        found = await client.get(path)
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return {FILTER_NAME: filter_id}, (HiddenPart(f"filter:{filter_id}"),)
    rule = loose.text(found, "rule")
    named = {FILTER_NAME: loose.text(found, "displayName") or filter_id, FILTER_RULE: rule}
    return named, () if rule else (HiddenPart(f"filter:{filter_id}"),)


async def _target(client: GraphClient, one: Assignment) -> tuple[Target, tuple[HiddenPart, ...]]:
    if one.kind is TargetKind.GROUP and one.id:
        return await _group(client, one.id)
    return Target(one.kind, one.id), ()


async def _group(client: GraphClient, group_id: str) -> tuple[Target, tuple[HiddenPart, ...]]:
    """Read a group with its number of members, including nested groups: an assignment reaches them all."""
    path = f"/v1.0/groups/{quote(group_id, safe='')}"
    select = {"$select": "id,displayName,securityEnabled,mailEnabled,groupTypes"}
    unread = Target(TargetKind.GROUP, group_id)
    try:
        group, size = await asyncio.gather(
            client.get(path, select), client.text(f"{path}/transitiveMembers/$count", headers=_EVENTUAL)
        )
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return unread, (HiddenPart(f"group:{group_id}"),)
    members = int(size) if size.isdecimal() else None
    hidden = () if members is not None else (HiddenPart(f"group:{group_id}"),)
    name = loose.text(group, "displayName")
    return replace(unread, name=name, kind_of_group=group_kind(group), members=members), hidden
