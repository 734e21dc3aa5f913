"""Assignments as Intune stores them: the properties that it adds.

https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappassignment?view=graph-rest-beta (source, sourceId)
https://learn.microsoft.com/graph/api/resources/intune-devices-devicehealthscriptassignment
https://learn.microsoft.com/graph/api/resources/intune-shared-devicemanagementscriptassignment (a target alone)
https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-deviceconfigurationgroupassignment (excludeGroup)
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

Assignment = dict[str, Any]

_DIRECT = {"source": "direct", "sourceId": None}
_BESIDE_A_TARGET: Mapping[str, Assignment] = {
    "mobileApps": {"intent": "available", "settings": None, **_DIRECT},
    "deviceCompliancePolicies": _DIRECT,
    "deviceHealthScripts": {"runRemediationScript": False, "runSchedule": None},
}
"""Default properties of an assignment, by the collection of its object."""

_WITHOUT_FILTER = {
    "deviceAndAppManagementAssignmentFilterId": None,
    "deviceAndAppManagementAssignmentFilterType": "none",
}


def assigned(collection: str, sent: Mapping[str, Any]) -> Assignment:
    """Return an assignment as it is listed after it was sent: with its own id and all its properties.

    A role's assignment has members and no target.
    """
    if "members" in sent:
        return {"id": str(uuid4()), **sent}
    target = {**_WITHOUT_FILTER, **sent["target"]} if isinstance(sent.get("target"), dict) else sent.get("target")
    return {**_BESIDE_A_TARGET.get(collection, {}), **sent, "id": str(uuid4()), "target": target}


def of_group(sent: Mapping[str, Any]) -> Assignment:
    """Return an assignment that names a group itself, as one with a target."""
    kind = "exclusionGroupAssignmentTarget" if sent.get("excludeGroup") else "groupAssignmentTarget"
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", "groupId": sent["targetGroupId"]}}
