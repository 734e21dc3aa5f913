"""Existing assignments that an order to assign keeps, and reasons not to carry the order out.

A call to assign replaces all assignments by those that it lists, so it lists the existing ones too:
https://learn.microsoft.com/graph/api/intune-devices-devicemanagementscript-assign
https://learn.microsoft.com/graph/api/intune-shared-devicecompliancepolicy-assign (it sends source and sourceId)
microsoftgraph/powershell-intune-samples#36 (assignments that are left out are removed)
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.problems import AssignedOtherwise, GroupExcluded, NoTarget, Problem
from approvals.subject import TargetKind
from bot.graph.assignments import (
    Assignment,
    assignments_of,
)
from bot.graph.http import GraphClient

GROUP_TARGET = "#microsoft.graph.groupAssignmentTarget"


@dataclass(frozen=True, slots=True)
class Assigned:
    """The existing assignments that an order keeps, as Intune gave them, but without their ids, which Intune
    changes, and in a fixed order. `is_so`: the requested assignment exists already."""

    kept: tuple[Mapping[str, Any], ...]
    is_so: bool = False
    problem: Problem | None = None


async def read_standing(client: GraphClient, place: str, group_id: str, group: str = "") -> Assigned:
    """Read the existing assignments, for an order that assigns to this group."""
    listed = [_without_id(one) async for one in client.items(f"{place}/assignments")]
    parsed = [(one, assignments_of([one])) for one in listed]
    kept = [one for one, meant in parsed if not any(_is_asked_for(each, group_id) for each in meant)]
    meant = [each for _, some in parsed for each in some]
    ordered = tuple(sorted(kept, key=lambda one: json.dumps(one, sort_keys=True)))
    return Assigned(ordered, len(kept) < len(listed), _why_not(meant, group_id, group))


def assignment_to(group_id: str) -> dict[str, Any]:
    """Return the requested assignment."""
    return {"target": {"@odata.type": GROUP_TARGET, "groupId": group_id}}


def reaches(one: Assignment, group_id: str) -> bool:
    """Return whether this assigns to the whole group. An exclusion names the group as well, and a filter limits whom
    the assignment reaches."""
    return _names(one, group_id) and not (one.excluded or one.filter_id)


def _is_asked_for(one: Assignment, group_id: str) -> bool:
    """Return whether this is exactly what an order asks for, without more: no policy set, no unknown property."""
    return reaches(one, group_id) and not one.how


def _why_not(standing: Iterable[Assignment], group_id: str, group: str) -> Problem | None:
    """Return the reason not to assign, if any: an exclusion, an assignment set up differently, or an unknown target."""
    for one in standing:
        if one.kind is TargetKind.UNKNOWN or (one.kind is TargetKind.OTHER and not one.id):
            return NoTarget()
        if _names(one, group_id) and not _is_asked_for(one, group_id):
            return GroupExcluded(group or group_id) if one.excluded else AssignedOtherwise(group or group_id)
    return None


def _names(one: Assignment, group_id: str) -> bool:
    return one.kind is TargetKind.GROUP and one.id.casefold() == group_id.casefold()


def _without_id(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in one.items() if name.casefold() != "id"}
