"""What an order to assign leaves as it is, and why it may not be carried out.

To assign replaces every assignment by what the call lists, so the call lists what stands as well:
https://learn.microsoft.com/graph/api/intune-devices-devicemanagementscript-assign
https://learn.microsoft.com/graph/api/intune-shared-devicecompliancepolicy-assign (it sends source and sourceId)
microsoftgraph/powershell-intune-samples#36 (who leaves them out takes them away)
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.problems import AssignedOtherwise, GroupExcluded, NoTarget, Problem
from approvals.subject import TargetKind
from bot.graph.http import GraphClient
from bot.graph.targets import Assignment, assignments_of

GROUP_TARGET = "#microsoft.graph.groupAssignmentTarget"


@dataclass(frozen=True, slots=True)
class Assigned:
    """What is assigned now, beside what an order asks for: each as Intune gave it, without the id that Intune makes
    anew, in an order that is always the same. `is_so`: what is asked for stands already."""

    kept: tuple[Mapping[str, Any], ...]
    is_so: bool = False
    problem: Problem | None = None


async def read_standing(client: GraphClient, place: str, group_id: str, group: str = "") -> Assigned:
    """Read what is assigned now, for an order that assigns it to this group."""
    listed = [_without_id(one) async for one in client.items(f"{place}/assignments")]
    parsed = [(one, assignments_of([one])) for one in listed]
    kept = [one for one, meant in parsed if not any(_is_asked_for(each, group_id) for each in meant)]
    meant = [each for _, some in parsed for each in some]
    ordered = tuple(sorted(kept, key=lambda one: json.dumps(one, sort_keys=True)))
    return Assigned(ordered, len(kept) < len(listed), _why_not(meant, group_id, group))


def assignment_to(group_id: str) -> dict[str, Any]:
    """What an order asks for."""
    return {"target": {"@odata.type": GROUP_TARGET, "groupId": group_id}}


def reaches(one: Assignment, group_id: str) -> bool:
    """Whether this assigns to the whole group. One that excludes a group names it as well, and one with a filter
    reaches only some of it."""
    return _names(one, group_id) and not (one.excluded or one.filter_id)


def _is_asked_for(one: Assignment, group_id: str) -> bool:
    """Whether this is what an order asks for, and says nothing else: no policy set, nothing that is not known here."""
    return reaches(one, group_id) and not one.how


def _why_not(standing: Iterable[Assignment], group_id: str, group: str) -> Problem | None:
    """An exclusion never becomes an inclusion, and nothing is replaced that somebody has set in another way."""
    for one in standing:
        if one.kind is TargetKind.OTHER and not one.id:
            return NoTarget()
        if _names(one, group_id) and not _is_asked_for(one, group_id):
            return GroupExcluded(group or group_id) if one.excluded else AssignedOtherwise(group or group_id)
    return None


def _names(one: Assignment, group_id: str) -> bool:
    return one.kind is TargetKind.GROUP and one.id.casefold() == group_id.casefold()


def _without_id(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in one.items() if name.casefold() != "id"}
