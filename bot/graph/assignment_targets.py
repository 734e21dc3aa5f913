"""The target of one assignment: whom it names, or what it says where that is not certain.

https://learn.microsoft.com/graph/api/resources/intune-shared-deviceandappmanagementassignmenttarget (kinds, filters)
https://learn.microsoft.com/graph/api/resources/intune-shared-devicemanagementscriptgroupassignment (targetGroupId)
https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-deviceconfigurationgroupassignment (excludeGroup)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvals.subject import TargetKind
from bot.graph import loose

FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"

_EVERYBODY = {
    "alldevicesassignmenttarget": TargetKind.ALL_DEVICES,
    "alllicensedusersassignmenttarget": TargetKind.ALL_USERS,
}


_GROUP, _EXCLUSION = "groupassignmenttarget", "exclusiongroupassignmenttarget"


_OUTSIDE_THE_DIRECTORY = frozenset(
    {
        "configurationmanagercollectionassignmenttarget",
        "scopetaggroupassignmenttarget",
        "cloudpcmanagementgroupassignmenttarget",
    }
)


_GROUP_ASSIGNMENTS = frozenset(
    {
        "devicemanagementscriptgroupassignment",
        "deviceconfigurationgroupassignment",
        "devicecompliancepolicygroupassignment",
        "mobileappprovisioningconfiggroupassignment",
        "termsandconditionsgroupassignment",
    }
)
"""Assignments that name a group themselves, without a target."""


_ANY_TARGET, _ANY_ASSIGNMENT = "assignmenttarget", "assignment"


_TYPE, _EXCLUDES, _YES, _NO = "@odata.type", "excludegroup", "true", "false"


_GROUP_IDS = ("groupid", "targetgroupid")


_FILTER = frozenset({FILTER_ID.casefold(), FILTER_TYPE.casefold()})


_NAMES_A_GROUP = frozenset({*_GROUP_IDS, _EXCLUDES})
"""Members that name a group, and say whether it is left out."""


_BESIDE = frozenset(
    {"id", "target", "intent", "settings", "source", "sourceid", "runremediationscript", "runschedule", *_FILTER}
)
"""Members of an assignment that say nothing of its target."""


Leaves = tuple[tuple[str, str], ...]
"""Plain values with their names."""


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """Whom an assignment names. `more` are the other members of its target, by Intune's names."""

    kind: TargetKind
    id: str = ""
    excluded: bool = False
    more: Leaves = ()


def target_in(part: Any) -> Any:
    """Return the target beside what an assignment does, also if a list is around it; `None` if there is none."""
    held = loose.unfolded(loose.get(part, "target"))
    while isinstance(held, list) and len(held) == 1:
        held = loose.unfolded(held[0])
    return None if held in (None, "", [], {}) else held


def is_target(part: Any) -> bool:
    """Return whether this names a group itself, or has a target's type."""
    return bool(loose.text(part, *_GROUP_IDS)) or _type_of(part).endswith(_ANY_TARGET)


def is_assignment(part: Mapping[str, Any]) -> bool:
    """Return whether this says that it is an assignment, whatever its target is."""
    return bool(loose.text(part, "intent")) or _type_of(part).endswith(_ANY_ASSIGNMENT)


def only_beside(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an assignment that say nothing of its target."""
    return {name: part for name, part in whole.items() if name.casefold() in _BESIDE}


def named_by(whole: Mapping[str, Any]) -> NamedTarget:
    """Return whom this assignment names.

    Only what is documented counts as certain. Anything else may be everybody, or an exclusion; it is kept with all that
    it says. Nobody is meant only if there is no target at all.
    """
    held = target_in(whole)
    if held is None:
        said = _leaves(_own(whole))
        return (_certain(whole, is_whole=True) or _unknown(said)) if _says(said) else NamedTarget(TargetKind.OTHER)
    besides = _leaves({name: part for name, part in whole.items() if name.casefold() in _NAMES_A_GROUP})
    found = _certain(held) if isinstance(held, Mapping) and not _says(besides) else None
    return found or _unknown([*_leaves(held), *besides])


def _own(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an assignment that may name a target. The type of an assignment alone names none."""
    is_plain = _type_of(whole).endswith(_ANY_ASSIGNMENT) and not is_target(whole)
    unsaid = {*_BESIDE, *([_TYPE] if is_plain else [])}
    return {name: part for name, part in whole.items() if name.casefold() not in unsaid}


def _certain(holder: Mapping[str, Any], *, is_whole: bool = False) -> NamedTarget | None:
    """Return whom a documented target names; `None` for any other. `is_whole` is for one that is its own assignment."""
    kind, excludes, more = _type_of(holder), _excludes(holder), _more(holder, is_whole=is_whole)
    if excludes not in _may_say(kind, is_whole=is_whole, is_plain=not more):
        return None
    if kind in _EVERYBODY:
        return NamedTarget(_EVERYBODY[kind], more=(*more, *_groups(holder)))
    if kind in _OUTSIDE_THE_DIRECTORY:
        more = (*more, *_groups(holder))
        # Two collections of Configuration Manager are two targets, and differ only in their ids.
        return NamedTarget(TargetKind.OTHER, " ".join([kind, *(value for _, value in sorted(more))]), more=more)
    group = _group_of(holder)
    return NamedTarget(TargetKind.GROUP, group, kind == _EXCLUSION or excludes == _YES, more) if group else None


def _may_say(kind: str, *, is_whole: bool, is_plain: bool) -> tuple[str, ...]:
    """Return what a target of this type may say of `excludeGroup`; nothing if it is not certain what it means."""
    if kind == _EXCLUSION:
        return ("", _YES)
    if kind == _GROUP or kind in _EVERYBODY or kind in _OUTSIDE_THE_DIRECTORY:
        return ("", _NO)
    names_a_group = kind in _GROUP_ASSIGNMENTS if is_whole and kind else not kind and is_plain
    return ("", _NO, _YES) if names_a_group else ()


def _more(holder: Mapping[str, Any], *, is_whole: bool) -> Leaves:
    """Return what it says besides its type, its group, its filter, and what the assignment does."""
    known = {"id", *_NAMES_A_GROUP, *(_BESIDE if is_whole else ()), *([_TYPE] if _type_of(holder) else [])}
    parts = {name: part for name, part in holder.items() if name.casefold() not in known}
    return tuple((name, value) for name, value in _leaves(parts) if value)


def _groups(holder: Mapping[str, Any]) -> Leaves:
    parts = {name: part for name, part in holder.items() if name.casefold() in _GROUP_IDS}
    return tuple((name, value) for name, value in _leaves(parts) if value)


def _group_of(holder: Mapping[str, Any]) -> str:
    """Return the only group that it names; empty if it names none, or several."""
    named = {value.casefold(): value for _, value in _groups(holder)}
    listed = any(isinstance(part, (list, dict)) for name, part in holder.items() if name.casefold() in _GROUP_IDS)
    return "" if listed or len(named) != 1 or loose.NO_ID in named else next(iter(named.values()))


def _excludes(holder: Mapping[str, Any]) -> str:
    """Return the word by which it says whether its group is left out; empty if it does not say so."""
    found = loose.get(holder, _EXCLUDES)
    return "" if found is None else str(found).casefold()


def _unknown(said: Sequence[tuple[str, str]]) -> NamedTarget:
    told = [(name, value) for name, value in said if value] or [(name, "none") for name, _ in said]
    kinds = [value for name, value in told if name == _TYPE]
    words = [f"{name}: {value}" if name else value for name, value in sorted(told) if name != _TYPE]
    return NamedTarget(TargetKind.UNKNOWN, ", ".join([*kinds, *words]))


def _leaves(part: Any) -> Leaves:
    """Return everything that it says, except its filter, by Intune's names; types without their namespace."""
    if isinstance(part, Mapping):
        part = {name: one for name, one in part.items() if name.casefold() not in _FILTER}
        return tuple(_leaf(path, value) for path, value in loose.leaves(part) if path)
    return tuple(_leaf(path, value) for path, value in loose.leaves(part))


def _leaf(path: str, value: str) -> tuple[str, str]:
    name = trait_name(path)
    return name, in_lower(value.rsplit(".", 1)[-1].lstrip("#")) if name.endswith(_TYPE) else value


def _says(leaves: Leaves) -> bool:
    return any(value for _, value in leaves)


def trait_name(path: str) -> str:
    """Return a name in Graph's spelling; the service writes parts of it with capital letters."""
    return ".".join(map(in_lower, path.split(".")))


def in_lower(word: str) -> str:
    """Return a word with its first letter in lower case."""
    return word[:1].lower() + word[1:]


def _type_of(part: Any) -> str:
    return loose.text(part, _TYPE).rsplit(".", 1)[-1].lstrip("#").casefold()
