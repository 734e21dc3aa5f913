"""Targets of assignments, and what is done to them: groups by name, kind and size, filters with their rules, intent,
schedules and settings, before and after.

https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappassignment (intent, settings, source)
https://learn.microsoft.com/graph/api/resources/intune-shared-deviceandappmanagementassignmenttarget (filters)
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NewType
from urllib.parse import quote

from approvals.subject import Fate, Reach, Relation, Setting, Target, TargetKind
from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

Hidden = NewType("Hidden", str)
"""A part that Graph does not show: what it is and its id, as "group:6f1c"."""

EVERYTHING = "/"
"""The scope of a role that covers everything."""

FILTER_NAME, FILTER_RULE = "filterName", "filterRule"
"""Settings of an assignment that are read from its filter."""

_EVERYBODY = {
    "alldevicesassignmenttarget": TargetKind.ALL_DEVICES,
    "alllicensedusersassignmenttarget": TargetKind.ALL_USERS,
}
_GROUP, _EXCLUSION, _ANY_TARGET = "groupassignmenttarget", "exclusiongroupassignmenttarget", "assignmenttarget"
_EVERY_KIND = "deviceandappmanagementassignmenttarget"
"""The base type of all targets, which names none of them."""

_FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
_FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"

_NO_TRAIT = frozenset({"id", "target", "targetgroupid", "groupid", "@odata.type", _FILTER_ID.casefold()})
"""Members that identify an assignment and do not say what it does. Intune changes its `id`."""

_SAYS_NOTHING = frozenset({"", "none", loose.NO_ID})
"""Without a filter Graph writes no id, the kind "none", or an id of zeros."""

_INTENT, _SOURCE, _SOURCE_ID, _DIRECT = "intent", "source", "sourceId", "direct"
_WORDS = frozenset({_INTENT, _SOURCE, _FILTER_TYPE})
"""Members whose values are words of Intune's own, which it sometimes writes with a capital letter."""

_NO_FRACTION = re.compile(r"(?<=:\d\d)\.0+(?=$|[Zz]|[+-]\d\d:\d\d$)")
"""Seven decimals of zeros, which Graph adds to a time that was sent without them."""

_LISTS, _OF_ROLES = "assignments", "roleassignments"
"""Endings of the members that list assignments (mobileAppAssignments, deviceManagementScriptGroupAssignments ...);
those of roles have members, and no target."""

Pair = tuple["Assignment | None", "Assignment | None"]
"""An existing and a requested assignment; `None` if it is new, or not requested."""

_Filters = Mapping[str, tuple[Mapping[str, str], tuple[Hidden, ...]]]

_EVENTUAL = {"ConsistencyLevel": "eventual"}  # Graph requires this for counting members


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
        """The target, and whether it is excluded.

        One target may have several assignments: the console accepts a group once for each intent, also as an exclusion
        from one of them (MSEndpointMgr/IntuneWin32App#76, #85, #101, #140).
        """
        return (self.kind, self.id.casefold(), self.excluded)

    @property
    def intent(self) -> str:
        """The intent for an app; empty for anything else."""
        return dict(self.how).get(_INTENT, "")


@dataclass(frozen=True, slots=True)
class Reached:
    """Every target with its fate, and what Graph did not show of them."""

    reaches: tuple[Reach, ...] = ()
    hidden: tuple[Hidden, ...] = ()


def assignments_in(parts: Iterable[Any]) -> tuple[Assignment, ...]:
    """Return every assignment in these parts, each once, in order."""
    return tuple(dict.fromkeys(one for part in parts for one in _assignments(part)))


def assignments_of(listed: Iterable[Mapping[str, Any]]) -> tuple[Assignment, ...]:
    """Return every assignment of a list. One without a known target reaches nobody, or unknown people; it is
    included all the same. Those of roles are not: they have members, and no target."""
    found = (tuple(_assignments(one)) or (_aimless(one),) for one in listed if loose.get(one, "members") is None)
    return tuple(dict.fromkeys(one for some in found for one in some))


def body_in(part: Any) -> tuple[Assignment, ...] | None:
    """Return the assignments that the body of a call lists; an empty list removes all. `None` if there is no list."""
    found = assignments_in([part])
    return found if found or _lists_some(part) else None


def listed_in(parts: Iterable[Any], member: str) -> tuple[str, ...]:
    """Return every id that these parts list under that name, at any depth."""
    return tuple(dict.fromkeys(one for part in parts for one in _listed(part, member)))


async def compared(
    client: GraphClient, standing: Sequence[Assignment], asked: Sequence[Assignment], otherwise: Fate
) -> Reached:
    """Return each assignment with its fate; existing ones that are not requested have the fate `otherwise`."""
    filters = await _filters(client, (one.filter_id for one in (*standing, *asked) if one.filter_id))
    some = (_reach(client, filters, pair, otherwise) for pair in paired(standing, asked))
    return _together(await asyncio.gather(*some))


def paired(standing: Iterable[Assignment], asked: Iterable[Assignment]) -> list[Pair]:
    """Pair each requested assignment with the one that it replaces; the other existing ones follow.

    The order of the lists has no meaning. For one target, equal assignments are paired first, then those of one intent,
    then the last one on each side.
    """
    before, after = _by_target(standing), _by_target(asked)
    pairs = [pair for target, new in after.items() for pair in _pairs(before.pop(target, []), new)]
    return pairs + [(old, None) for left in before.values() for old in left]


async def related(client: GraphClient, relation: Relation, fates: Mapping[str, Fate]) -> Reached:
    """Return the groups of these ids with their fates: those that hold a role, that it covers, or that approve."""
    found = zip(await asyncio.gather(*(_related(client, one) for one in fates)), fates.values(), strict=True)
    return _together([(Reach(relation, target, fate), hidden) for (target, hidden), fate in found])


async def _related(client: GraphClient, group_id: str) -> tuple[Target, tuple[Hidden, ...]]:
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
    types = [str(word).casefold() for word in loose.get(group, "groupTypes") or ()]
    if "unified" in types:
        return "Microsoft 365 group"
    if loose.get(group, "mailEnabled"):
        return "mail-enabled security group" if loose.get(group, "securityEnabled") else "distribution list"
    return "dynamic security group" if "dynamicmembership" in types else "security group"


def _by_target(some: Iterable[Assignment]) -> dict[tuple[TargetKind, str, bool], list[Assignment]]:
    found: dict[tuple[TargetKind, str, bool], list[Assignment]] = {}
    for one in some:
        found.setdefault(one.target, []).append(one)
    return {target: sorted(here, key=lambda one: (one.how, one.filter_id)) for target, here in found.items()}


def _pairs(old: list[Assignment], new: list[Assignment]) -> Iterator[Pair]:
    """Pair the assignments of one target."""
    alike: tuple[Callable[[Assignment], object], ...] = (lambda one: (one.how, one.filter_id), lambda one: one.intent)
    for likeness in alike:
        for one in list(new):
            match = next((known for known in old if likeness(known) == likeness(one)), None)
            if match is not None:
                old.remove(match)
                new.remove(one)
                yield match, one
    if len(old) == len(new) == 1:
        yield old.pop(), new.pop()
    yield from ((None, one) for one in new)
    yield from ((one, None) for one in old)


def _fate(old: Assignment | None, new: Assignment | None, otherwise: Fate) -> Fate:
    if new is None:
        return otherwise
    if old is None:
        return Fate.ADDED
    same = (old.how, old.filter_id) == (new.how, new.filter_id)
    return Fate.STANDS if same else Fate.CHANGED


def _together(found: Iterable[tuple[Reach, tuple[Hidden, ...]]]) -> Reached:
    return both(*(Reached((reach,), hidden) for reach, hidden in found))


def _assignments(part: Any) -> Iterator[Assignment]:
    """Yield assignments at any depth, also in JSON in a string: each resource nests its assignments in its own way."""
    part = loose.unfolded(part)
    if isinstance(part, list):
        for item in part:
            yield from _assignments(item)
    if not isinstance(part, Mapping):
        return
    held = loose.unfolded(loose.get(part, "target"))
    if _is_target(held) or (_is_target(part) and held is None):
        yield _assignment(part, held or part)
        return
    for name, item in part.items():
        if _is_list_of_them(name, item := loose.unfolded(item)):
            yield from assignments_of(loose.objects(item))
        else:
            yield from _assignments(item)


def _is_list_of_them(name: str, item: Any) -> bool:
    return isinstance(item, list) and name.casefold().endswith(_LISTS) and name.casefold() != _OF_ROLES


def _lists_some(part: Any) -> bool:
    """Return whether it has such a list, even an empty one."""
    part = loose.unfolded(part)
    if not isinstance(part, Mapping):
        return False
    return any(_is_list_of_them(name, loose.unfolded(item)) or _lists_some(item) for name, item in part.items())


def _is_target(part: Any) -> bool:
    return bool(loose.text(part, "groupId", "targetGroupId")) or _kind_of(part).endswith(_ANY_TARGET)


def _assignment(whole: Mapping[str, Any], target: Mapping[str, Any]) -> Assignment:
    group = loose.identifier(target, "groupId") or loose.identifier(target, "targetGroupId")
    kind = _kind_of(target)
    excluded = kind == _EXCLUSION
    cut = loose.text(target, _FILTER_TYPE).casefold() != "none"  # an id may remain when no filter applies any more
    filter_id = loose.identifier(target, _FILTER_ID) if cut else ""
    how = tuple(sorted(_traits(whole, target)))
    if kind in _EVERYBODY:
        return Assignment(_EVERYBODY[kind], "", excluded, how, filter_id)
    if kind == _EVERY_KIND or (kind in ("", _GROUP, _EXCLUSION) and not group):
        return Assignment(TargetKind.OTHER, "", excluded, how, filter_id)
    if kind in ("", _GROUP, _EXCLUSION):
        return Assignment(TargetKind.GROUP, group, excluded, how, filter_id)
    named = {_trait_name(name): value for name, value in loose.leaves(target) if name.casefold() not in _NO_TRAIT}
    named.pop(_FILTER_TYPE, None)
    others = tuple((name, value) for name, value in named.items() if value)
    # Two collections of Configuration Manager are two targets, and differ only in their ids.
    known_by = " ".join([kind, *(value for _, value in sorted(others))])
    return Assignment(TargetKind.OTHER, known_by, excluded, tuple(sorted({*how, *others})), filter_id)


def _aimless(whole: Mapping[str, Any]) -> Assignment:
    return Assignment(TargetKind.OTHER, "", False, tuple(sorted(_traits(whole, {}))))


def _traits(whole: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    by_hand = loose.text(whole, _SOURCE).casefold() == _DIRECT
    unsaid = {*_NO_TRAIT, *({_SOURCE, _SOURCE_ID.casefold()} if by_hand else ())}  # as nearly all of them are
    parts: dict[str, Any] = {name: part for name, part in whole.items() if name.casefold() not in unsaid}
    parts[_FILTER_TYPE] = loose.text(target, _FILTER_TYPE)
    for path, value in loose.leaves(parts):
        name = _trait_name(path)
        if name.casefold().endswith("settings.@odata.type"):
            continue  # the app's type says that already
        said = value.rsplit(".", 1)[-1] if name.endswith("@odata.type") else value
        if said.casefold() not in _SAYS_NOTHING:
            yield name, _in_lower(said) if name in _WORDS else _NO_FRACTION.sub("", said)


def _trait_name(path: str) -> str:
    """Return a name in Graph's spelling; the service writes parts of it with capital letters."""
    return ".".join(map(_in_lower, path.split(".")))


def _in_lower(word: str) -> str:
    return word[:1].lower() + word[1:]


def _kind_of(part: Any) -> str:
    return loose.text(part, "@odata.type").rsplit(".", 1)[-1].lstrip("#").casefold()


def _listed(part: Any, member: str) -> Iterator[str]:
    part = loose.unfolded(part)
    for item in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from _listed(item, member)
    listed = loose.unfolded(loose.get(part, member))
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, str))


async def _reach(
    client: GraphClient, filters: _Filters, pair: Pair, otherwise: Fate
) -> tuple[Reach, tuple[Hidden, ...]]:
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


async def _filter(client: GraphClient, filter_id: str) -> tuple[Mapping[str, str], tuple[Hidden, ...]]:
    path = f"/beta/deviceManagement/assignmentFilters/{quote(filter_id, safe='')}"
    try:
        found = await client.get(path)
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return {FILTER_NAME: filter_id}, (Hidden(f"filter:{filter_id}"),)
    rule = loose.text(found, "rule")
    named = {FILTER_NAME: loose.text(found, "displayName") or filter_id, FILTER_RULE: rule}
    return named, () if rule else (Hidden(f"filter:{filter_id}"),)


async def _target(client: GraphClient, one: Assignment) -> tuple[Target, tuple[Hidden, ...]]:
    if one.kind is TargetKind.GROUP and one.id:
        return await _group(client, one.id)
    return Target(one.kind, one.id), ()


async def _group(client: GraphClient, group_id: str) -> tuple[Target, tuple[Hidden, ...]]:
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
        return unread, (Hidden(f"group:{group_id}"),)
    members = int(size) if size.isdecimal() else None
    hidden = () if members is not None else (Hidden(f"group:{group_id}"),)
    name = loose.text(group, "displayName")
    return replace(unread, name=name, kind_of_group=group_kind(group), members=members), hidden
