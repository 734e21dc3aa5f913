"""operationApprovalPolicies: what Multi-Admin Approval protects. Their changes need approval as well."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from simulator.graph import odata, permissions
from simulator.graph.call import BETA, Answer, Call, Route
from simulator.graph.errors import bad_request, not_found
from simulator.graph.gate import Change, Gate
from simulator.graph.state import State
from simulator.graph.times import precise
from simulator.graph.views import policy_type
from simulator.world import AccessPolicy

BASE = "/deviceManagement/operationApprovalPolicies"
_WHAT = "deviceManagement/operationApprovalPolicies"
_PLATFORMS = {
    "notApplicable",
    "androidDeviceAdministrator",
    "androidEnterprise",
    "iOSiPadOS",
    "macOS",
    "windows10AndLater",
    "windows81AndLater",
    "windows10X",
}


class Policies:
    """The access policies; beta only. No property shows which apps they exclude."""

    def __init__(self, state: State, gate: Gate) -> None:
        self._state = state
        self._gate = gate
        self._policies = state.world.policies

    def routes(self) -> list[Route]:
        """Return the routes."""
        read, write = permissions.APPROVALS, permissions.POLICIES_WRITE
        return [
            Route("GET", BASE, self._list, read, BETA),
            Route("GET", f"{BASE}/$count", self._count, read, BETA),
            Route("GET", f"{BASE}/retrieveApprovableOperations()", self._approvable, read, BETA),
            Route("GET", f"{BASE}/retrieveOperationsRequiringApproval()", self._requiring, read, BETA),
            Route("GET", f"{BASE}/{{id}}", self._get, read, BETA),
            Route("POST", BASE, self._create, write, BETA),
            Route("PATCH", f"{BASE}/{{id}}", self._update, write, BETA),
            Route("DELETE", f"{BASE}/{{id}}", self._delete, write, BETA),
        ]

    def _list(self, call: Call) -> Answer:
        """Return the list without groups, as reported from real tenants; only a single policy has them."""
        rows = [{name: value for name, value in row.items() if name != "approverGroupIds"} for row in self._rows(call)]
        return odata.collection(call, rows, _WHAT, page_size=self._state.knobs.page_size)

    def _count(self, call: Call) -> Answer:
        return odata.count(call, self._rows(call))

    def _get(self, call: Call) -> Answer:
        return odata.entity(call, _row(call, self._found(call)), _WHAT)

    def _approvable(self, call: Call) -> Answer:
        groups = self._state.world.groups
        mine = [
            policy
            for policy in self._active()
            if any(call.caller.id in groups[group].members for group in policy.approver_group_ids if group in groups)
        ]
        return self._sets(call, mine)

    def _requiring(self, call: Call) -> Answer:
        told = self._state.knobs.requires_approval
        return self._sets(call, self._active()) if told is None else odata.collection(call, told, "Collection")

    def _sets(self, call: Call, policies: list[AccessPolicy]) -> Answer:
        return odata.collection(call, [_row(call, policy)["policySet"] for policy in policies], "Collection")

    def _create(self, call: Call) -> Answer:
        body = call.json()
        policy = self._changed(AccessPolicy(str(uuid4()), "", "", "notApplicable", []), body)

        def apply(policy_id: str) -> Answer:
            policy.id = policy_id
            self._policies[policy_id] = policy
            return odata.entity(call, _row(call, policy), _WHAT, 201)

        return self._perform(call, policy, "Create", apply, {"payload": json.dumps(body)})

    def _update(self, call: Call) -> Answer:
        body, policy = call.json(), self._found(call)
        changed = self._changed(policy, body)

        def apply(policy_id: str) -> Answer:
            self._policies[policy_id] = changed
            return odata.entity(call, _row(call, changed), _WHAT)

        details = {"payload": json.dumps(_row(call, policy)), "patchPayload": json.dumps(body)}
        return self._perform(call, policy, "Update", apply, details)

    def _delete(self, call: Call) -> Answer:
        policy = self._found(call)

        def apply(policy_id: str) -> Answer:
            del self._policies[policy_id]
            return Answer(204)

        return self._perform(call, policy, "Delete", apply, {"payload": json.dumps(_row(call, policy))})

    def _perform(
        self, call: Call, policy: AccessPolicy, operation: str, apply: Callable[[str], Answer], details: dict[str, str]
    ) -> Answer:
        change = Change(
            policy_type="operationApprovalPolicy",
            platform="notApplicable",
            payload_type="OperationApprovalPolicy",
            payload_id=policy.id,
            payload_name=policy.name,
            operation=operation,
            apply=apply,
            details=details,
        )
        return self._gate.perform(call, change)

    def _changed(self, policy: AccessPolicy, body: dict[str, Any]) -> AccessPolicy:
        """Return the policy with the body's properties; raises `GraphError` 400 if it is not valid."""
        nested = body.get("policySet") or {}
        if not isinstance(nested, dict):
            raise bad_request("The property 'policySet' must be an object.")
        changed = AccessPolicy(
            id=policy.id,
            name=body.get("displayName", policy.name),
            policy_type=body.get("policyType") or nested.get("policyType") or policy.policy_type,
            platform=body.get("policyPlatform") or nested.get("policyPlatform") or policy.platform,
            approver_group_ids=body.get("approverGroupIds", policy.approver_group_ids),
            excluded_app_ids=policy.excluded_app_ids,
            description=body.get("description") or policy.description,
            modified=precise(self._state.clock.now()),
        )
        _check(changed)
        return changed

    def _active(self) -> list[AccessPolicy]:
        return [policy for policy in self._policies.values() if policy.active]

    def _rows(self, call: Call) -> list[dict[str, Any]]:
        return [_row(call, policy) for policy in self._active()]

    def _found(self, call: Call) -> AccessPolicy:
        policy = self._policies.get(call.arguments["id"].lower())
        if policy is None or not policy.active:
            raise not_found(call.arguments["id"])
        return policy


def _row(call: Call, policy: AccessPolicy) -> dict[str, Any]:
    kind = policy_type(call, policy.policy_type)
    return {
        "id": policy.id,
        "displayName": policy.name,
        "description": policy.description,
        "lastModifiedDateTime": policy.modified,
        "policyType": kind,
        "policyPlatform": policy.platform,
        "policySet": {"policyType": kind, "policyPlatform": policy.platform},
        "approverGroupIds": policy.approver_group_ids,
    }


def _check(policy: AccessPolicy) -> None:
    texts = (policy.name, policy.policy_type, policy.platform, policy.description)
    if not all(isinstance(text, str) for text in texts) or not policy.name or not policy.policy_type:
        raise bad_request("displayName and policyType are required.")
    if len(policy.name) > 128 or len(policy.description) > 1024 or policy.platform not in _PLATFORMS:
        raise bad_request("displayName, description or policyPlatform is out of range.")
    ids: Any = policy.approver_group_ids
    if not isinstance(ids, list) or not ids or not all(isinstance(group_id, str) for group_id in ids):
        raise bad_request("approverGroupIds must name at least one group.")
