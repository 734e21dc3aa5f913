"""Access policies: what they contain, and that a second administrator has to approve a change."""

from typing import Any

import pytest

from simulator.graph.gate import CODE
from simulator.portal import ExecutedAtOnce
from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import Tenant, justified

POLICIES = "/beta/deviceManagement/operationApprovalPolicies"
ALL_NAMES = {"Prefer": "include-unknown-enum-members"}


def _body(tenant: Tenant, **differences: Any) -> dict[str, Any]:
    body = {
        "displayName": "Device wipe on Macs",
        "policyType": "deviceWipe",
        "policyPlatform": "macOS",
        "policySet": {"policyType": "deviceWipe", "policyPlatform": "macOS"},
        "approverGroupIds": [tenant.world.group("Security-Team").id],
    }
    return body | differences


async def test_list(tenant: Tenant) -> None:
    """The list shows every policy without its groups; newer types are named only on demand."""
    rows = (await tenant.call("GET", POLICIES, headers=ALL_NAMES)).rows
    ids = {row["policyType"]: row["id"] for row in rows}
    assert not any("approverGroupIds" in row for row in rows)
    script = (await tenant.get(f"{POLICIES}/{ids['script']}")).body
    assert script["approverGroupIds"] == [
        tenant.world.group(name).id for name in ("Security-Admins", "Change-Advisory-Board")
    ]
    assert {"compliancePolicy", "operationApprovalPolicy"} <= set(ids)
    plain = {row["policyType"] for row in (await tenant.get(POLICIES)).rows}
    assert "unknownFutureValue" in plain
    assert "compliancePolicy" not in plain


async def test_get_and_count(tenant: Tenant) -> None:
    """A policy is read by its id, and policies can be counted."""
    rows = (await tenant.get(POLICIES)).rows
    assert (await tenant.get(f"{POLICIES}/{rows[0]['id']}")).body["displayName"] == rows[0]["displayName"]
    assert (await tenant.get(f"{POLICIES}/$count")).body == str(len(rows))
    assert (await tenant.get(f"{POLICIES}/00000000-0000-4000-8000-000000000000")).status == 404


async def test_exclusions_do_not_show(tenant: Tenant) -> None:
    """No property shows which applications are excluded from a policy."""
    for policy in tenant.world.policies.values():
        policy.excluded_app_ids.add("secret-application")
    assert "secret-application" not in str((await tenant.get(POLICIES)).body)


async def test_what_i_may_approve(tenant: Tenant) -> None:
    """Dana may approve device actions; the list of protected operations is the same for everybody."""
    mine = (await tenant.get(f"{POLICIES}/retrieveApprovableOperations()", "dana")).rows
    assert {row["policyType"] for row in mine} == {"deviceWipe", "deviceRetire", "deviceDelete"}
    everything = (await tenant.get(f"{POLICIES}/retrieveOperationsRequiringApproval()", "dana")).rows
    assert len(everything) == len(tenant.world.policies)


async def test_creating_takes_two(tenant: Tenant) -> None:
    """A new policy exists only after another administrator approved and the first one completed."""
    filed = await tenant.call("POST", POLICIES, PIPELINE, _body(tenant), headers=justified("Macs too"))
    code = filed.headers[CODE]
    assert len(tenant.world.policies) == 7
    assert (await tenant.decide("approve", code, "dana")).status == 403
    assert (await tenant.decide("approve", code, "marc")).status == 200
    created = await tenant.call("POST", POLICIES, PIPELINE, _body(tenant), headers={CODE: code})
    assert created.status == 201
    assert tenant.world.policies[created.body["id"]].platform == "macOS"


async def test_changing_takes_two(tenant: Tenant) -> None:
    """New approver groups count only from the completion on."""
    change = tenant.portal.file_policy_change("rita", "deviceWipe", ["Compliance-Officers"], "reorganised")
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    tenant.portal.approve("marc", change)
    assert (await tenant.decide("approve", wipe, "olga")).status == 403
    tenant.portal.complete("rita", change)
    assert (await tenant.decide("approve", wipe, "dana")).status == 403
    assert (await tenant.decide("approve", wipe, "olga")).status == 200


async def test_deleting_takes_two(tenant: Tenant) -> None:
    """After a policy was deleted, its operations happen at once."""
    (policy,) = [policy for policy in tenant.world.policies.values() if policy.policy_type == "deviceWipe"]
    path = f"/deviceManagement/operationApprovalPolicies/{policy.id}"
    deletion = tenant.portal.file("rita", "DELETE", path, None, "not needed")
    tenant.portal.approve("marc", deletion)
    tenant.portal.complete("rita", deletion)
    with pytest.raises(ExecutedAtOnce):
        tenant.portal.file_wipe("rita", "PC-1", "stolen")


@pytest.mark.parametrize(
    "wrong",
    [
        {"displayName": ""},
        {"displayName": "x" * 129},
        {"displayName": None},
        {"policyPlatform": "amiga"},
        {"approverGroupIds": []},
        {"approverGroupIds": None},
        {"approverGroupIds": [7]},
        {"policySet": "deviceWipe"},
    ],
)
async def test_invalid_policies_are_refused(tenant: Tenant, wrong: dict[str, Any]) -> None:
    """An invalid policy is refused and not filed."""
    refused = await tenant.call("POST", POLICIES, PIPELINE, _body(tenant, **wrong), headers=justified("x"))
    assert refused.status == 400


async def test_reader_cannot_write(tenant: Tenant) -> None:
    """A permission to read does not allow changing policies."""
    refused = await tenant.call("POST", POLICIES, WORKER, _body(tenant), headers=justified("x"))
    assert refused.error[:2] == (403, "Authorization_RequestDenied")
