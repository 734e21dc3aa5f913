"""Assignments in what Intune holds: whom each names, and what it does to them, however deep they are nested.

https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappassignment (intent, settings, source)
https://learn.microsoft.com/graph/api/resources/intune-shared-deviceandappmanagementassignmenttarget (filters)
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.subject import TargetKind
from bot.graph import loose

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


def paired(standing: Iterable[Assignment], asked: Iterable[Assignment]) -> list[Pair]:
    """Pair each requested assignment with the one that it replaces; the other existing ones follow.

    The order of the lists has no meaning. For one target, equal assignments are paired first, then those of one intent,
    then the last one on each side.
    """
    before, after = _by_target(standing), _by_target(asked)
    pairs = [pair for target, new in after.items() for pair in _pairs(before.pop(target, []), new)]
    return pairs + [(old, None) for left in before.values() for old in left]


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
