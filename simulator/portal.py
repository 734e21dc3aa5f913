"""Scripted people in the Intune admin center: the portal's calls, with the same checks."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from simulator.graph import Graph
from simulator.graph.call import Answer, Call
from simulator.graph.caller import Caller, in_portal
from simulator.graph.gate import CODE, JUSTIFICATION
from simulator.graph.times import precise
from simulator.inventory import encoded

_REQUESTS = "/deviceManagement/operationApprovalRequests"
_CODE = re.compile(rf"{CODE}: ([0-9a-f-]{{36}})")


class Refused(Exception):
    """Intune refused the call with this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class ExecutedAtOnce(Exception):
    """The change needed no approval and was executed."""


class Portal:
    """The portal. `by` is the first name of a person, or the name of an application whose credential is used."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def file_wipe(self, by: str, device: str, why: str, **options: Any) -> str:
        """Ask to wipe a device, given by name or id; returns the request's id."""
        return self.file(by, "POST", f"/deviceManagement/managedDevices/{self._device(device)}/wipe", options, why)

    def file_bulk(self, by: str, action: str, devices: Iterable[str], why: str, **options: Any) -> str:
        """Ask for one action on many devices, given by name or id, in one request."""
        ids = [self._device(device) for device in devices]
        body = {"actionName": action, "deviceIds": ids, **options}
        return self.file(by, "POST", "/deviceManagement/managedDevices/executeAction", body, why)

    def file_retire(self, by: str, device: str, why: str) -> str:
        """Ask to retire a device."""
        return self.file(by, "POST", f"/deviceManagement/managedDevices/{self._device(device)}/retire", None, why)

    def file_delete(self, by: str, device: str, why: str) -> str:
        """Ask to delete a device."""
        return self.file(by, "DELETE", f"/deviceManagement/managedDevices/{self._device(device)}", None, why)

    def file_script(self, by: str, name: str, text: str, why: str) -> str:
        """Ask to create a PowerShell script, or to change the text of an existing one."""
        known = _id_of(name, self._graph.world.scripts)
        path, content = "/deviceManagement/deviceManagementScripts", {"scriptContent": encoded(text)}
        if known:
            return self.file(by, "PATCH", f"{path}/{known}", content, why)
        script = {"displayName": name, "fileName": f"{name}.ps1", "runAsAccount": "system", **content}
        return self.file(by, "POST", path, script, why)

    def assign_script(self, by: str, name: str, group: str, why: str) -> str:
        """Ask to assign a script to a group."""
        script = _id_of(name, self._graph.world.scripts)
        kind = "#microsoft.graph.groupAssignmentTarget"
        target = {"@odata.type": kind, "groupId": self._graph.world.group(group).id}
        body = {"deviceManagementScriptAssignments": [{"target": target}]}
        return self.file(by, "POST", f"/deviceManagement/deviceManagementScripts/{script}/assign", body, why)

    def file_role(self, by: str, name: str, allowed: list[str], why: str) -> str:
        """Ask to create a role, or to change the permissions of an existing one."""
        actions = {"allowedResourceActions": allowed, "notAllowedResourceActions": []}
        role = {"displayName": name, "rolePermissions": [{"resourceActions": [actions]}]}
        known = _id_of(name, self._graph.world.role_definitions)
        path = "/deviceManagement/roleDefinitions"
        return self.file(by, "PATCH" if known else "POST", f"{path}/{known}" if known else path, role, why)

    def file_compliance(self, by: str, name: str, settings: Mapping[str, Any], why: str) -> str:
        """Ask to change settings of a compliance policy."""
        policy = _id_of(name, self._graph.world.compliance_policies)
        return self.file(by, "PATCH", f"/deviceManagement/deviceCompliancePolicies/{policy}", settings, why)

    def file_policy_change(self, by: str, policy_type: str, groups: list[str], why: str) -> str:
        """Ask to replace the approver groups of an access policy."""
        world = self._graph.world
        (policy,) = [policy for policy in world.policies.values() if policy.policy_type == policy_type]
        body = {"approverGroupIds": [world.group(group).id for group in groups]}
        return self.file(by, "PATCH", f"/deviceManagement/operationApprovalPolicies/{policy.id}", body, why)

    def file_new(self, by: str, collection: str, body: Mapping[str, Any], why: str) -> str:
        """Ask to create an object in a collection, such as `deviceAppManagement/mobileApps`."""
        return self.file(by, "POST", f"/{collection}", body, why)

    def file_change(self, by: str, collection: str, name: str, patch: Mapping[str, Any], why: str) -> str:
        """Ask to change the object of that name."""
        return self.file(by, "PATCH", self._place(collection, name), patch, why)

    def file_removal(self, by: str, collection: str, name: str, why: str) -> str:
        """Ask to delete the object of that name."""
        return self.file(by, "DELETE", self._place(collection, name), None, why)

    def file_call(self, by: str, collection: str, name: str, call: str, body: Mapping[str, Any], why: str) -> str:
        """Ask for an action on the object of that name: assign it, or change its children."""
        return self.file(by, "POST", f"{self._place(collection, name)}/{call}", body, why)

    def file(self, by: str, method: str, path: str, body: Mapping[str, Any] | None, why: str) -> str:
        """Ask for any change; returns the request's id, or raises `Refused` or `ExecutedAtOnce`."""
        content = b"" if body is None else json.dumps(body).encode()
        header = {JUSTIFICATION: base64.b64encode(why.encode()).decode()}
        answer = self._send(by, method, path, content, header)
        if answer.status < 400:
            raise ExecutedAtOnce(f"{method} {path}")
        code = _CODE.search(answer.body["error"]["message"])
        if code is None:
            raise _refusal(answer)
        return code[1]

    def edit_script(self, name: str, text: str) -> None:
        """Replace a script's text without approval; Intune updates the time of the last change."""
        script = self._graph.world.scripts[_id_of(name, self._graph.world.scripts)]
        script |= {"scriptContent": encoded(text), "lastModifiedDateTime": precise(self._graph.now())}

    def approve(self, by: str, request_id: str, note: str = "") -> None:
        """Approve another person's request."""
        self._decide(by, request_id, "approve", note)

    def reject(self, by: str, request_id: str, note: str = "") -> None:
        """Reject another person's request."""
        self._decide(by, request_id, "reject", note)

    def cancel_approval(self, by: str, request_id: str, note: str = "") -> None:
        """Withdraw an approval."""
        self._decide(by, request_id, "cancelApproval", note)

    def cancel(self, by: str, request_id: str) -> None:
        """Cancel one's own request."""
        body = json.dumps({"id": request_id}).encode()
        _check(self._send(by, "POST", f"{_REQUESTS}/cancelMyRequest", body, {}))

    def complete(self, by: str, request_id: str) -> None:
        """Press Complete: repeat the filed call with the approval code."""
        method, path, content = self._graph.request(request_id).replay
        _check(self._send(by, method, path, content.encode(), {CODE: request_id}))

    def rename_user(self, person: str, new: str) -> None:
        """Change a person's user principal name; Intune still shows the former one on their devices."""
        user = self._graph.world.user(person)
        user.upn = f"{new}@{user.upn.partition('@')[2]}"

    def unregister_device(self, device: str) -> None:
        """Delete a device from the directory; Intune still manages it."""
        world = self._graph.world
        world.unregistered.add(world.devices[self._device(device)]["azureADDeviceId"])

    def set_primary_users(self, device: str, *people: str) -> None:
        """Replace a device's primary users; its record still names the one who enrolled it."""
        world = self._graph.world
        world.primary_users[self._device(device)] = tuple(world.user(person).id for person in people)

    def _place(self, collection: str, name: str) -> str:
        stored = self._graph.world.objects[collection.rpartition("/")[2]]
        found = [key for key, entity in stored.items() if name in (entity.get("displayName"), entity.get("name"))]
        return f"/{collection}/{found[0]}"

    def _decide(self, by: str, request_id: str, action: str, note: str) -> None:
        body = json.dumps({"justification": note, "approvalSource": "adminConsole"}).encode()
        _check(self._send(by, "POST", f"{_REQUESTS}/{request_id}/{action}", body, {}))

    def _send(self, by: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return self._graph.dispatch(Call(self._caller(by), method, "beta", path, headers=headers, body=body))

    def _caller(self, by: str) -> Caller:
        world = self._graph.world
        applications = {app.name for app in world.applications.values()}
        return in_portal(world.application(by) if by in applications else world.user(by))

    def _device(self, device: str) -> str:
        world = self._graph.world
        return device if device in world.devices else cast("str", world.device(device)["id"])


def _id_of(name: str, entities: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the id of the object of that display name, or "" if there is none."""
    return next((key for key, entity in entities.items() if entity["displayName"] == name), "")


def _check(answer: Answer) -> None:
    if answer.status >= 400:
        raise _refusal(answer)


def _refusal(answer: Answer) -> Refused:
    return Refused(answer.status, answer.body["error"]["message"])
