"""Scripts, remediations, compliance policies and roles: every write needs an approval, reading does not."""

import base64
import json
from typing import Any

import pytest

from simulator.graph.gate import CODE
from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import Reply, Tenant, justified

BASE = "/beta/deviceManagement"
SEGMENTS = ["deviceManagementScripts", "deviceHealthScripts", "deviceCompliancePolicies", "roleDefinitions"]


@pytest.fixture(autouse=True)
def allowed(tenant: Tenant) -> None:
    """Let the pipeline write roles as well, in these tests."""
    tenant.world.application(PIPELINE).roles.add("DeviceManagementRBAC.ReadWrite.All")


async def _send(tenant: Tenant, method: str, path: str, body: Any, **headers: str) -> Reply:
    return await tenant.call(method, BASE + path, PIPELINE, body, headers=headers or justified("INC1"))


async def _own(tenant: Tenant, segment: str) -> dict[str, Any]:
    """Return an object of this kind that is not built in."""
    rows = (await tenant.get(f"{BASE}/{segment}")).rows
    return next(row for row in rows if not row.get("isBuiltIn"))


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("operation", ["Create", "Update", "Delete", "Assign"])
async def test_every_verb_is_gated(tenant: Tenant, segment: str, operation: str) -> None:
    """Filing a write changes nothing; the request names the object and the verb."""
    one = await _own(tenant, segment)
    path = f"/{segment}/{one['id']}"
    assign = "roleAssignments" if segment == "roleDefinitions" else "assign"
    call: dict[str, tuple[str, str, Any]] = {
        "Create": ("POST", f"/{segment}", {"displayName": "new"}),
        "Update": ("PATCH", path, {"description": "changed"}),
        "Delete": ("DELETE", path, None),
        "Assign": ("POST", f"{path}/{assign}", _assignments(segment)),
    }
    filed = await _send(tenant, *call[operation])
    assert filed.status == 412
    request = tenant.graph.request(filed.headers[CODE])
    assert request.details["payloadOperation"] == operation
    if operation != "Create":
        assert (request.details["payloadId"], request.details["payloadName"]) == (one["id"], one["displayName"])
    assert await _own(tenant, segment) == one


def _assignments(segment: str) -> dict[str, Any]:
    assignment = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
    keys = dict(
        zip(
            SEGMENTS,
            ["deviceManagementScriptAssignments", "deviceHealthScriptAssignments", "assignments"],
            strict=False,
        )
    )
    return {keys[segment]: [assignment]} if segment in keys else {"displayName": "branches", "members": []}


@pytest.mark.parametrize("segment", SEGMENTS)
async def test_create_and_delete_the_whole_way(tenant: Tenant, segment: str) -> None:
    """A completed creation answers 201 with the new object, a completed deletion 204."""
    approver = {"deviceCompliancePolicies": "olga"}.get(segment, "alex")
    content = {"displayName": "new", "description": "made here"}
    created = await _approved(tenant, approver, "POST", f"/{segment}", content)
    assert (created.status, created.body["displayName"]) == (201, "new")
    path = f"/{segment}/{created.body['id']}"
    assert (await tenant.get(BASE + path)).body["description"] == "made here"
    assert (await _approved(tenant, approver, "DELETE", path, None)).status == 204
    assert (await tenant.get(BASE + path)).status == 404


async def _approved(tenant: Tenant, approver: str, method: str, path: str, body: Any) -> Reply:
    code = (await _send(tenant, method, path, body)).headers[CODE]
    tenant.portal.approve(approver, code)
    return await _send(tenant, method, path, body, **{CODE: code})


@pytest.mark.parametrize("segment", SEGMENTS)
async def test_assignments_are_a_relation(tenant: Tenant, segment: str) -> None:
    """Assignments are shown only when expanded or asked for, after completion."""
    approver = {"deviceCompliancePolicies": "olga"}.get(segment, "alex")
    relation, action = ("roleAssignments",) * 2 if segment == "roleDefinitions" else ("assignments", "assign")
    path = f"/{segment}/{(await _own(tenant, segment))['id']}"
    done = await _approved(tenant, approver, "POST", f"{path}/{action}", _assignments(segment))
    assert done.status in {200, 201}
    assert relation not in (await tenant.get(BASE + path)).body
    assert len((await tenant.get(BASE + path, expand=relation)).body[relation]) == 1
    assert len((await tenant.get(f"{BASE}{path}/{relation}")).rows) == 1


async def test_script_text_comes_with_one_script(tenant: Tenant) -> None:
    """A list has no script contents; a single script has its contents in base64."""
    (row, _) = (await tenant.get(f"{BASE}/deviceManagementScripts")).rows
    assert row["scriptContent"] is None
    script = (await tenant.get(f"{BASE}/deviceManagementScripts/{row['id']}")).body
    assert b"Set-ItemProperty" in base64.b64decode(script["scriptContent"])


async def test_payload_uses_internal_type_names(tenant: Tenant) -> None:
    """The held payload is text in JSON, with the internal names of types."""
    one = await _own(tenant, "deviceCompliancePolicies")
    filed = await _send(tenant, "PATCH", f"/deviceCompliancePolicies/{one['id']}", {"passwordRequired": False})
    details = tenant.graph.request(filed.headers[CODE]).details
    payload = json.loads(details["payload"])
    assert payload["@odata.type"] == "microsoft.management.services.api.windows10CompliancePolicy"
    assert json.loads(details["patchPayload"]) == {"passwordRequired": False}


async def test_script_policy_covers_only_its_platform(tenant: Tenant) -> None:
    """A policy for another platform does not protect PowerShell scripts."""
    (policy,) = [policy for policy in tenant.world.policies.values() if policy.policy_type == "script"]
    policy.platform = "macOS"
    assert (await _send(tenant, "POST", "/deviceManagementScripts", {"displayName": "new"})).status == 201


@pytest.mark.parametrize(
    ("segment", "body"),
    [
        ("deviceManagementScripts", {"displayName": "x", "scriptContent": "not base64!"}),
        ("deviceManagementScripts", {"scriptContent": ""}),
        ("roleDefinitions", {"displayName": " "}),
    ],
)
async def test_invalid_objects_are_refused(tenant: Tenant, segment: str, body: dict[str, Any]) -> None:
    """A write that could never succeed is refused and not filed."""
    assert (await _send(tenant, "POST", f"/{segment}", body)).status == 400


async def test_built_in_roles_stay(tenant: Tenant) -> None:
    """Built-in roles cannot be changed or deleted."""
    role = next(role for role in tenant.world.role_definitions.values() if role["isBuiltIn"])
    for method, body in (("PATCH", {"description": "x"}), ("DELETE", None)):
        assert (await _send(tenant, method, f"/roleDefinitions/{role['id']}", body)).status == 400


async def test_scripts_are_beta_only_and_have_their_own_scope(tenant: Tenant) -> None:
    """Scripts exist only in beta, and reading them needs a permission of its own."""
    assert (await tenant.get("/v1.0/deviceManagement/deviceManagementScripts")).status == 400
    assert (await tenant.get("/v1.0/deviceManagement/deviceCompliancePolicies")).status == 200
    tenant.world.application(WORKER).roles.discard("DeviceManagementScripts.Read.All")
    assert (await tenant.get(f"{BASE}/deviceManagementScripts")).status == 403
