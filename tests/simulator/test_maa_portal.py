"""The scripted portal: it makes the same checks and leaves the same traces as calls over the network."""

import json
from typing import Any

import pytest

from simulator.inventory import encoded
from simulator.portal import ExecutedAtOnce, Refused
from simulator.story import PIPELINE
from tests.simulator.loopback import REQUESTS, Tenant


async def _row(tenant: Tenant, request_id: str) -> dict[str, Any]:
    return dict((await tenant.get(f"{REQUESTS}/{request_id}")).body)


async def test_wipe_the_whole_way(tenant: Tenant) -> None:
    """Rita files, Dana approves and Rita completes; the audit names both."""
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    tenant.portal.approve("dana", wipe, "owner called")
    tenant.portal.complete("rita", wipe)
    assert (await _row(tenant, wipe))["status"] == "completed"
    events = [event for event in tenant.graph.audit_events if event["resources"][0]["resourceId"] == wipe]
    assert [(event["activityOperationType"], event["actor"]["userPrincipalName"]) for event in events] == [
        ("Create", "rita@company.onmicrosoft.com"),
        ("Approve", "dana@company.onmicrosoft.com"),
        ("Complete", "rita@company.onmicrosoft.com"),
    ]


async def test_the_portal_leaves_no_calls(tenant: Tenant) -> None:
    """`calls` has only calls over the network, so that tests can check what the product sent."""
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    await _row(tenant, wipe)
    assert [(call.method, call.who, call.status) for call in tenant.graph.calls] == [("GET", "Countersign Worker", 200)]


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (lambda portal, wipe: portal.approve("rita", wipe), 403),
        (lambda portal, wipe: portal.reject("otto", wipe), 403),
        (lambda portal, wipe: portal.approve(PIPELINE, wipe), 403),
        (lambda portal, wipe: portal.complete("rita", wipe), 403),
        (lambda portal, wipe: portal.cancel("dana", wipe), 404),
        (lambda portal, wipe: portal.cancel_approval("dana", wipe), 409),
        (lambda portal, _wipe: portal.file_wipe("dana", "PC-1", "me too"), 409),
    ],
)
async def test_refusals(tenant: Tenant, step: Any, status: int) -> None:
    """The portal raises what Intune refuses."""
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    with pytest.raises(Refused) as refused:
        step(tenant.portal, wipe)
    assert refused.value.status == status


@pytest.mark.parametrize("profile", ["observed", "docs-2026-05"])
@pytest.mark.parametrize("nested", [False, True])
async def test_every_profile(tenant: Tenant, profile: Any, nested: bool) -> None:
    """The portal finds the request's id in every form of the answer."""
    tenant.graph.knobs.profile, tenant.graph.knobs.nested = profile, nested
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    assert tenant.graph.request(wipe).justification == "stolen"


async def test_ungated_change_is_not_a_request(tenant: Tenant) -> None:
    """Without a policy the portal says that the change has already happened."""
    for policy in tenant.world.policies.values():
        policy.active = False
    with pytest.raises(ExecutedAtOnce):
        tenant.portal.file_retire("rita", "PC-1", "old")


async def test_script_edit(tenant: Tenant) -> None:
    """An edit shows the old object and the patch; the script changes on completion."""
    request = tenant.portal.file_script("rita", "Clear-TempFolders", "Get-Date\n", "INC1")
    row = await _row(tenant, request)
    assert (row["payloadOperation"], row["payloadName"]) == ("Update", "Clear-TempFolders")
    assert json.loads(row["patchPayload"]) == {"scriptContent": encoded("Get-Date\n")}
    script = tenant.world.scripts[row["payloadId"]]
    assert script["scriptContent"] != encoded("Get-Date\n")
    tenant.portal.approve("cora", request)
    tenant.portal.complete("rita", request)
    assert script["scriptContent"] == encoded("Get-Date\n")


async def test_new_script(tenant: Tenant) -> None:
    """A new script is a Create, and gets the id that the request named."""
    request = tenant.portal.file_script("rita", "Say-Hello", "Write-Host hello\n", "welcome")
    row = await _row(tenant, request)
    assert (row["payloadOperation"], row["payloadId"] in tenant.world.scripts) == ("Create", False)
    tenant.portal.approve("alex", request)
    tenant.portal.complete("rita", request)
    assert tenant.world.scripts[row["payloadId"]]["displayName"] == "Say-Hello"


async def test_script_assignment(tenant: Tenant) -> None:
    """An assignment names the group that it adds."""
    request = tenant.portal.assign_script("rita", "Disable-LegacyTLS", "All-Windows-Laptops", "rollout")
    row = await _row(tenant, request)
    (added,) = json.loads(row["addedAssignments"])
    assert (row["payloadOperation"], row["existingAssignments"]) == ("Assign", "[]")
    assert added["target"]["groupId"] == tenant.world.group("All-Windows-Laptops").id
    tenant.portal.approve("both", request)
    tenant.portal.complete("rita", request)
    assert len(tenant.world.scripts[row["payloadId"]]["assignments"]) == 1


async def test_application_files_and_completes(tenant: Tenant) -> None:
    """An application is given by its name; the audit then has no user principal name."""
    wipe = tenant.portal.file_wipe(PIPELINE, "PC-1", "rollout")
    assert (await _row(tenant, wipe))["requestor"]["application"]["displayName"] == PIPELINE
    tenant.portal.approve("sam", wipe)
    tenant.portal.complete(PIPELINE, wipe)
    actor = tenant.graph.audit_events[-1]["actor"]
    assert (actor["userPrincipalName"], actor["applicationDisplayName"]) == ("", PIPELINE)


async def test_deleting_a_device(tenant: Tenant) -> None:
    """A device is deleted by its id, on completion."""
    device = tenant.world.device("MAC-3")["id"]
    request = tenant.portal.file_delete("rita", device, "sold")
    tenant.portal.approve("dana", request)
    tenant.portal.complete("rita", request)
    assert device not in tenant.world.devices
