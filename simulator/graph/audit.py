"""Intune's own audit log.

The real names of Multi-Admin Approval's activities are not published; these are invented, so do not match on them:
resources[].resourceId connects an event to a request.
"""

from typing import Any
from uuid import uuid4

from simulator.clock import Clock
from simulator.graph import odata, permissions
from simulator.graph.call import Answer, Call, Route
from simulator.graph.caller import Caller
from simulator.graph.times import precise

_PROPERTIES = ("id", "activityDateTime", "activityType", "category", "componentName", "activityOperationType")


class AuditLog:
    """An append-only log, newest last."""

    def __init__(self, clock: Clock) -> None:
        self.events: list[dict[str, Any]] = []
        self._clock = clock

    def record(self, caller: Caller, activity: str, kind: str, resource_id: str, name: str) -> None:
        """Record a successful action of the caller on one resource."""
        verb = activity.partition(" ")[0]
        resource = {"displayName": name, "auditResourceType": kind, "type": kind, "resourceId": resource_id}
        self.events.append(
            {
                "id": str(uuid4()),
                "displayName": activity,
                "componentName": _category(kind),
                "activity": activity,
                "activityDateTime": precise(self._clock.now()),
                "activityType": f"{verb} {kind}",
                "activityOperationType": verb,
                "activityResult": "Success",
                "correlationId": str(uuid4()),
                "category": _category(kind),
                "actor": _actor(caller),
                "resources": [resource | {"modifiedProperties": []}],
            }
        )

    def routes(self) -> list[Route]:
        """Return the routes: auditEvents and the functions that list its categories and activity types."""
        base = "/deviceManagement/auditEvents"
        return [
            Route("GET", base, self._list, permissions.AUDIT),
            Route("GET", f"{base}/getAuditCategories()", self._categories, permissions.AUDIT),
            Route("GET", f"{base}/getAuditActivityTypes(category='{{category}}')", self._types, permissions.AUDIT),
        ]

    def _list(self, call: Call) -> Answer:
        return odata.collection(call, self.events, "deviceManagement/auditEvents", properties=_PROPERTIES)

    def _categories(self, call: Call) -> Answer:
        names = sorted({event["category"] for event in self.events})
        return Answer(200, {"@odata.context": call.context("Collection(Edm.String)"), "value": names})

    def _types(self, call: Call) -> Answer:
        wanted = call.arguments["category"]
        names = sorted({event["activityType"] for event in self.events if event["category"] == wanted})
        return Answer(200, {"@odata.context": call.context("Collection(Edm.String)"), "value": names})


def _category(kind: str) -> str:
    return "MultiAdminApproval" if kind.startswith("OperationApproval") else "DeviceManagement"


def _actor(caller: Caller) -> dict[str, Any]:
    """Return the actor; applications have an application id and an empty user principal name."""
    is_app = caller.kind == "app"
    return {
        "auditActorType": "Application" if is_app else "ItPro",
        "type": "Application" if is_app else "ItPro",
        "applicationId": caller.id if is_app else "",
        "applicationDisplayName": caller.name if is_app else "Microsoft Intune portal extension",
        "userId": "" if is_app else caller.id,
        "userPrincipalName": caller.upn,
        "servicePrincipalName": "",
        "ipAddress": "203.0.113.7",
        "userPermissions": ["*"],
    }
