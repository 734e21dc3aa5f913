"""Whom an assignment reaches, and what it does to them: groups by name, kind and size, filters with their rules,
intent, schedules and settings, from what stands now to what is asked for.

https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappassignment (intent, settings, source)
https://learn.microsoft.com/graph/api/resources/intune-shared-deviceandappmanagementassignmenttarget (filters)
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NewType
from urllib.parse import quote

from approvals.subject import Fate, Reach, Relation, Setting, Target, TargetKind
from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

Hidden = NewType("Hidden", str)
"""A part that Graph does not show: what it is and its id, as "group:6f1c"."""

FILTER_NAME, FILTER_RULE = "filterName", "filterRule"
"""Settings of an assignment that are read from its filter."""

_EVERYBODY = {
    "alldevicesassignmenttarget": TargetKind.ALL_DEVICES,
    "alllicensedusersassignmenttarget": TargetKind.ALL_USERS,
}
_GROUP, _EXCLUSION, _ANY_TARGET = "groupassignmenttarget", "exclusiongroupassignmenttarget", "assignmenttarget"
_FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
_FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"

_NO_TRAIT = frozenset({"id", "target", "targetgroupid", "groupid", "@odata.type", _FILTER_ID.casefold()})
"""What an assignment is known by, and not what it does. Intune makes its `id` anew."""

_SAYS_NOTHING = frozenset({"", "none", loose.NO_ID})
"""Without a filter Graph writes no id, the kind "none", or an id of zeros."""

_EVENTUAL = {"ConsistencyLevel": "eventual"}  # what Graph wants before it counts members


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment as Intune writes it. `how` holds what it does, by Intune's names."""

    kind: TargetKind
    id: str
    excluded: bool
    how: tuple[tuple[str, str], ...]
    filter_id: str = ""

    @property
    def target(self) -> tuple[TargetKind, str, bool]:
        """What it is known by: nothing is assigned twice to one target in the same way."""
        return (self.kind, self.id.casefold(), self.excluded)


@dataclass(frozen=True, slots=True)
class Reached:
    """Every target with what becomes of it, and what Graph did not show of them."""

    reaches: tuple[Reach, ...] = ()
    hidden: tuple[Hidden, ...] = ()


def assignments_in(parts: Iterable[Any]) -> tuple[Assignment, ...]:
    """Every assignment in these parts, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(one for part in parts for one in _assignments(part)))


def assignments_of(listed: Iterable[Mapping[str, Any]]) -> tuple[Assignment, ...]:
    """The same for a list of assignments. One without a target that is known reaches nobody, or nobody knows whom; it
    is one all the same. Those of roles have members, and no target."""
    found = (tuple(_assignments(one)) or (_aimless(one),) for one in listed if loose.get(one, "members") is None)
    return tuple(dict.fromkeys(one for some in found for one in some))


def listed_in(parts: Iterable[Any], member: str) -> tuple[str, ...]:
    """Every id that these parts list under that name, however deep it stands."""
    return tuple(dict.fromkeys(one for part in parts for one in _listed(part, member)))


async def compared(
    client: GraphClient, standing: Sequence[Assignment], asked: Sequence[Assignment], otherwise: Fate
) -> Reached:
    """Each target with its fate; what stands and is not asked for has the fate `otherwise`."""
    before, after = ({one.target: one for one in some} for some in (standing, asked))
    fates = [(one, before.get(one.target), _fate(before.get(one.target), one)) for one in after.values()]
    fates += [(one, None, otherwise) for one in before.values() if one.target not in after]
    found = await asyncio.gather(*(_reach(client, one, old, fate) for one, old, fate in fates))
    return _together(found)


async def related(client: GraphClient, relation: Relation, group_ids: Iterable[str], fate: Fate) -> Reached:
    """The same for groups that hold a role, that it is good for, or that approve."""
    targets = await asyncio.gather(*(_group(client, group_id) for group_id in group_ids))
    return _together([(Reach(relation, target, fate), hidden) for target, hidden in targets])


def both(*some: Reached) -> Reached:
    """All of them, in that order."""
    return Reached(
        tuple(reach for one in some for reach in one.reaches),
        tuple(dict.fromkeys(part for one in some for part in one.hidden)),
    )


def group_kind(group: Mapping[str, Any]) -> str:
    """What sort of group it is, in Entra's words."""
    types = [str(word).casefold() for word in loose.get(group, "groupTypes") or ()]
    if "unified" in types:
        return "Microsoft 365 group"
    if loose.get(group, "mailEnabled"):
        return "mail-enabled security group" if loose.get(group, "securityEnabled") else "distribution list"
    return "dynamic security group" if "dynamicmembership" in types else "security group"


def _fate(before: Assignment | None, after: Assignment) -> Fate:
    if before is None:
        return Fate.ADDED
    same = (before.how, before.filter_id) == (after.how, after.filter_id)
    return Fate.STANDS if same else Fate.CHANGED


def _together(found: Iterable[tuple[Reach, tuple[Hidden, ...]]]) -> Reached:
    return both(*(Reached((reach,), hidden) for reach, hidden in found))


def _assignments(part: Any) -> Iterator[Assignment]:
    """However deep they stand: each resource nests its assignments in its own way."""
    if isinstance(part, list):
        for item in part:
            yield from _assignments(item)
    if not isinstance(part, Mapping):
        return
    held = loose.get(part, "target")
    if _is_target(held) or (_is_target(part) and held is None):
        yield _assignment(part, held or part)
        return
    for item in part.values():
        yield from _assignments(item)


def _is_target(part: Any) -> bool:
    return bool(loose.text(part, "groupId", "targetGroupId")) or _kind_of(part).endswith(_ANY_TARGET)


def _assignment(whole: Mapping[str, Any], target: Mapping[str, Any]) -> Assignment:
    group, kind = loose.text(target, "groupId", "targetGroupId"), _kind_of(target)
    excluded = kind == _EXCLUSION
    filter_id = loose.identifier(target, _FILTER_ID)
    how = tuple(sorted(_traits(whole, target)))
    if kind in _EVERYBODY:
        return Assignment(_EVERYBODY[kind], "", excluded, how, filter_id)
    if kind in ("", _GROUP, _EXCLUSION):
        return Assignment(TargetKind.GROUP, group, excluded, how, filter_id)
    others = tuple((name, value) for name, value in loose.leaves(target) if name.casefold() not in _NO_TRAIT)
    return Assignment(TargetKind.OTHER, kind, excluded, tuple(sorted({*how, *others})), filter_id)


def _aimless(whole: Mapping[str, Any]) -> Assignment:
    return Assignment(TargetKind.OTHER, "", False, tuple(sorted(_traits(whole, {}))))


def _traits(whole: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    parts: dict[str, Any] = {name: part for name, part in whole.items() if name.casefold() not in _NO_TRAIT}
    parts[_FILTER_TYPE] = loose.text(target, _FILTER_TYPE)
    for name, value in loose.leaves(parts):
        if name.casefold().endswith("settings.@odata.type"):
            continue  # the app's type says that already
        said = value.rsplit(".", 1)[-1] if name.endswith("@odata.type") else value
        if said.casefold() not in _SAYS_NOTHING:
            yield name, said


def _kind_of(part: Any) -> str:
    return loose.text(part, "@odata.type").rsplit(".", 1)[-1].lstrip("#").casefold()


def _listed(part: Any, member: str) -> Iterator[str]:
    for item in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from _listed(item, member)
    listed = loose.get(part, member)
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, str))


async def _reach(
    client: GraphClient, one: Assignment, old: Assignment | None, fate: Fate
) -> tuple[Reach, tuple[Hidden, ...]]:
    (target, hidden), (new, unread), (before, _) = await asyncio.gather(
        _target(client, one), _with_filter(client, one), _with_filter(client, old)
    )
    how = _how(before, new) if old is not None else tuple(Setting(name, value) for name, value in new.items())
    return Reach(Relation.REACHES, target, fate, one.excluded, how), (*hidden, *unread)


def _how(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Setting, ...]:
    """What it does, each part from old to new."""
    names = dict.fromkeys([*after, *before])
    return tuple(_setting(name, before.get(name, ""), after.get(name, "")) for name in names)


def _setting(name: str, old: str, new: str) -> Setting:
    if old == new:
        return Setting(name, new)
    fate = Fate.REMOVED if not new else Fate.CHANGED if old else Fate.ADDED
    return Setting(name, new, old, fate)


async def _with_filter(client: GraphClient, one: Assignment | None) -> tuple[dict[str, str], tuple[Hidden, ...]]:
    """What an assignment does, with the name and the rule of its filter: it reaches those for whom the rule holds."""
    how = dict(one.how) if one is not None else {}
    if one is None or not one.filter_id:
        return how, ()
    path = f"/beta/deviceManagement/assignmentFilters/{quote(one.filter_id, safe='')}"
    try:
        found = await client.get(path)
    except TokenRefused:
        raise  # what could not be asked for is not hidden
    except (NotFound, Forbidden):
        return how | {FILTER_NAME: one.filter_id}, (Hidden(f"filter:{one.filter_id}"),)
    named = {FILTER_NAME: loose.text(found, "displayName") or one.filter_id, FILTER_RULE: loose.text(found, "rule")}
    return how | named, ()


async def _target(client: GraphClient, one: Assignment) -> tuple[Target, tuple[Hidden, ...]]:
    if one.kind is TargetKind.GROUP and one.id:
        return await _group(client, one.id)
    return Target(one.kind, one.id), ()


async def _group(client: GraphClient, group_id: str) -> tuple[Target, tuple[Hidden, ...]]:
    """A group with all that it holds, in groups within it too: an assignment reaches them all."""
    path = f"/v1.0/groups/{quote(group_id, safe='')}"
    select = {"$select": "id,displayName,securityEnabled,mailEnabled,groupTypes"}
    unread = Target(TargetKind.GROUP, group_id)
    try:
        group, size = await asyncio.gather(
            client.get(path, select), client.text(f"{path}/transitiveMembers/$count", headers=_EVENTUAL)
        )
    except TokenRefused:
        raise  # what could not be asked for is not hidden
    except (NotFound, Forbidden):
        return unread, (Hidden(f"group:{group_id}"),)
    members = int(size) if size.isdecimal() else None
    hidden = () if members is not None else (Hidden(f"group:{group_id}"),)
    name = loose.text(group, "displayName")
    return replace(unread, name=name, kind_of_group=group_kind(group), members=members), hidden
