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
from bot.graph.assignment_targets import (
    FILTER_ID,
    FILTER_TYPE,
    in_lower,
    is_assignment,
    is_target,
    named_by,
    only_beside,
    target_in,
    trait_name,
)

_NO_TRAIT = frozenset({"id", "target", "targetgroupid", "groupid", "excludegroup", "@odata.type", FILTER_ID.casefold()})
"""Members that identify an assignment and do not say what it does. Intune changes its `id`."""


_SAYS_NOTHING = frozenset({"", "none", loose.NO_ID})
"""Without a filter Graph writes no id, the kind "none", or an id of zeros."""


_INTENT, _SOURCE, _SOURCE_ID, _DIRECT = "intent", "source", "sourceId", "direct"


_WORDS = frozenset({_INTENT, _SOURCE, FILTER_TYPE})
"""Members whose values are words of Intune's own, which it sometimes writes with a capital letter."""


_YES_OR_NO = frozenset({"true", "false"})


_BETWEEN_IDS = re.compile(r"[,;]")


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


def assignments_of(listed: Iterable[Any]) -> tuple[Assignment, ...]:
    """Return every assignment of a list. One without a target reaches nobody, one that is not known may reach
    everybody; both are included. Those of roles are not: they have members, and no target."""
    return tuple(dict.fromkeys(one for item in listed for one in _listed_one(item)))


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
    held = target_in(part)
    if is_target(held) or is_target(part) or (held is not None and is_assignment(part)):
        yield _assignment(part)
        return
    for name, item in part.items():
        listed = _list_in(name, item)
        yield from _assignments(item) if listed is None else _of_list(listed)


def _of_list(listed: Iterable[Any]) -> Iterator[Assignment]:
    """Yield the assignments of a list, and of a list in it."""
    for one in map(loose.unfolded, listed):
        yield from _of_list(one) if isinstance(one, list) else _listed_one(one)


def _listed_one(one: Any) -> Iterator[Assignment]:
    """Yield what a list of assignments holds in one place. What is no object there is a target that is not known."""
    if not isinstance(one, Mapping):
        yield from [] if one in (None, "") else [_assignment({"target": one})]
        return
    is_one = target_in(one) is not None or is_target(one) or is_assignment(one)
    if is_one or loose.get(one, "members") is None:
        yield from ([] if is_one else list(_assignments(one))) or [_assignment(one)]


def _list_in(name: str, item: Any) -> list[Any] | None:
    """Return what a member of this name lists, also if one thing stands in place of the list; `None` for any other."""
    item = loose.unfolded(item)
    if not name.casefold().endswith(_LISTS) or name.casefold() == _OF_ROLES:
        return None
    if isinstance(item, Mapping):
        is_one = target_in(item) is not None or is_target(item)
        wrapped = loose.get(item, "value", "results")
        return [item] if is_one else wrapped if isinstance(wrapped, list) else None
    is_text = isinstance(item, str) and bool(item) and item.casefold() not in _YES_OR_NO
    return item if isinstance(item, list) else [item] if is_text else None


def _lists_some(part: Any) -> bool:
    """Return whether it has such a list, even an empty one."""
    part = loose.unfolded(part)
    if not isinstance(part, Mapping):
        return False
    return any(_list_in(name, item) is not None or _lists_some(item) for name, item in part.items())


def _assignment(whole: Mapping[str, Any]) -> Assignment:
    named, target = named_by(whole), target_in(whole) or whole
    cut = loose.text(target, FILTER_TYPE).casefold() != "none"  # an id may remain when no filter applies any more
    filter_id = loose.identifier(target, FILTER_ID) if cut else ""
    # What is not known has everything else in its id.
    how = dict(_traits(only_beside(whole) if named.kind is TargetKind.UNKNOWN else whole, target))
    more = {name if how.get(name, value) == value else f"target.{name}": value for name, value in named.more}
    return Assignment(named.kind, named.id, named.excluded, tuple(sorted({**how, **more}.items())), filter_id)


def _traits(whole: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    by_hand = loose.text(whole, _SOURCE).casefold() == _DIRECT
    unsaid = {*_NO_TRAIT, *({_SOURCE, _SOURCE_ID.casefold()} if by_hand else ())}  # as nearly all of them are
    parts: dict[str, Any] = {name: part for name, part in whole.items() if name.casefold() not in unsaid}
    parts[FILTER_TYPE] = loose.text(target, FILTER_TYPE)
    for path, value in loose.leaves(parts):
        name = trait_name(path)
        if name.casefold().endswith("settings.@odata.type"):
            continue  # the app's type says that already
        said = value.rsplit(".", 1)[-1] if name.endswith("@odata.type") else value
        if said.casefold() not in _SAYS_NOTHING:
            yield name, _in_one_form(name, said)


def _in_one_form(name: str, said: str) -> str:
    """Return a value as Graph writes it: a boolean may be a word, and a word begin with a capital letter."""
    if said.casefold() in _YES_OR_NO:
        return said.casefold()
    return in_lower(said) if name in _WORDS else _NO_FRACTION.sub("", said)


def _listed(part: Any, member: str) -> Iterator[str]:
    part = loose.unfolded(part)
    for item in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from _listed(item, member)
    yield from _ids(loose.get(part, member))


def _ids(listed: Any) -> Iterator[str]:
    """Yield the ids of a list, also of objects in it, and of one id in its place."""
    listed = loose.unfolded(listed)
    if isinstance(listed, list):
        yield from (one for item in listed for one in _ids(item))
    elif isinstance(listed, Mapping):
        yield from filter(None, [loose.text(listed, "id", "groupId")])
    elif isinstance(listed, str):
        yield from filter(None, map(str.strip, _BETWEEN_IDS.split(listed)))
