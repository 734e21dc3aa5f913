"""Device actions: permissions, options, and what can be seen afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import DEVICES, Tenant, justified

PRIVILEGED = "DeviceManagementManagedDevices.PrivilegedOperations.All"
READ_WRITE = "DeviceManagementManagedDevices.ReadWrite.All"


async def _watched(tenant: Tenant, name: str = "PC-1") -> tuple[str, list[str]]:
    device = (await tenant.get(f"{DEVICES}/{tenant.world.device(name)['id']}")).body
    return device["managementState"], [result["actionState"] for result in device["deviceActionResults"]]


@pytest.mark.parametrize(("outcome", "state"), [("done", "wipeIssued"), ("failed", "wipeFailed")])
async def test_wipe_takes_its_time(tenant: Tenant, outcome: Any, state: str) -> None:
    """After the completion a wipe is pending for a while, and may fail."""
    tenant.graph.knobs.action_outcome = outcome
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    tenant.portal.approve("dana", wipe)
    assert await _watched(tenant) == ("managed", [])
    tenant.portal.complete("rita", wipe)
    assert await _watched(tenant) == ("wipePending", ["pending"])
    tenant.clock.advance(timedelta(minutes=20))
    assert await _watched(tenant) == (state, [outcome])


async def _wiped(tenant: Tenant, **options: Any) -> str:
    """Complete a wipe of PC-1, and return the id of its record."""
    device_id = str(tenant.world.device("PC-1")["id"])
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen", **options)
    tenant.portal.approve("dana", wipe)
    tenant.portal.complete("rita", wipe)
    return device_id


@pytest.mark.parametrize(("outcome", "state"), [("done", "wipeIssued"), ("canceled", "wipeCanceled")])
async def test_a_tenant_whose_results_stay_empty(tenant: Tenant, outcome: Any, state: str) -> None:
    """With this knob action results stay empty, and only managementState changes (powershell-intune-samples#161)."""
    tenant.graph.knobs.action_shown, tenant.graph.knobs.action_outcome = "state", outcome
    await _wiped(tenant)
    assert await _watched(tenant) == ("wipePending", [])
    tenant.clock.advance(timedelta(minutes=20))
    assert await _watched(tenant) == (state, [])


async def test_a_record_that_goes_once_the_device_is_wiped(tenant: Tenant) -> None:
    """With this knob the record of the device disappears when the wipe is done, and not while it is pending."""
    tenant.graph.knobs.leaves = "when done"
    device_id = await _wiped(tenant)
    assert (await tenant.get(f"{DEVICES}/{device_id}")).status == 200
    tenant.clock.advance(timedelta(minutes=20))
    assert (await tenant.get(f"{DEVICES}/{device_id}")).status == 404


async def test_a_record_that_goes_at_once(tenant: Tenant) -> None:
    """With this knob the record disappears at once, unless the enrollment is kept."""
    tenant.graph.knobs.leaves = "at once"
    assert (await tenant.get(f"{DEVICES}/{await _wiped(tenant, keepEnrollmentData=False)}")).status == 404
    mac = tenant.portal.file_wipe("rita", "MAC-3", "stolen", keepEnrollmentData=True)
    tenant.portal.approve("dana", mac)
    tenant.portal.complete("rita", mac)
    assert (await tenant.get(f"{DEVICES}/{tenant.world.device('MAC-3')['id']}")).status == 200


async def test_a_device_that_comes_back(tenant: Tenant) -> None:
    """A device that enrolls again has the same name and serial number, and a new id."""
    tenant.graph.knobs.leaves, tenant.graph.knobs.comes_back = "when done", True
    device_id = await _wiped(tenant)
    tenant.clock.advance(timedelta(minutes=20))
    assert (await tenant.get(f"{DEVICES}/{device_id}")).status == 404
    [row] = [one for one in (await tenant.get(DEVICES)).body["value"] if one["deviceName"] == "PC-1"]
    assert row["id"] != device_id
    assert (row["serialNumber"], row["managementState"]) == ("SN-1001", "managed")
    assert row["enrolledDateTime"] > "2026-11"


async def test_retire(tenant: Tenant) -> None:
    """Retire works like wipe, under its own names."""
    retire = tenant.portal.file_retire("rita", "PC-1", "replaced")
    tenant.portal.approve("sam", retire)
    tenant.portal.complete("rita", retire)
    assert await _watched(tenant) == ("retirePending", ["pending"])


@pytest.mark.parametrize(
    ("method", "action", "enough", "too_little"),
    [
        ("POST", "/wipe", PRIVILEGED, "DeviceManagementManagedDevices.Read.All"),
        ("POST", "/wipe", READ_WRITE, "DeviceManagementRBAC.Read.All"),
        ("POST", "/retire", PRIVILEGED, READ_WRITE),
        ("DELETE", "", READ_WRITE, PRIVILEGED),
    ],
)
async def test_permissions(tenant: Tenant, method: str, action: str, enough: str, too_little: str) -> None:
    """Each action needs its own permission, which is checked before the access policy."""
    path = f"{DEVICES}/{tenant.world.device('PC-1')['id']}{action}"
    for roles, status in (({too_little}, 403), ({enough}, 412)):
        tenant.world.application(PIPELINE).roles = roles
        assert (await tenant.call(method, path, PIPELINE, headers=justified("lost"))).status == status


@pytest.mark.parametrize(
    ("version", "options", "status"),
    [
        ("v1.0", {"keepUserData": True, "macOsUnlockCode": "123456"}, 412),
        ("v1.0", {"useProtectedWipe": True}, 400),
        ("beta", {"useProtectedWipe": True, "obliterationBehavior": "always"}, 412),
        ("beta", {"keepUserData": "yes"}, 400),
    ],
)
async def test_wipe_options(tenant: Tenant, version: str, options: dict[str, Any], status: int) -> None:
    """Options that this version does not have, or that have the wrong type, are refused."""
    path = f"/{version}/deviceManagement/managedDevices/{tenant.world.device('PC-1')['id']}/wipe"
    assert (await tenant.call("POST", path, PIPELINE, options, headers=justified("lost"))).status == status


async def test_unknown_device(tenant: Tenant) -> None:
    """An action on an unknown device answers 404 and files no request."""
    path = f"{DEVICES}/00000000-0000-4000-8000-000000000000/wipe"
    assert (await tenant.call("POST", path, PIPELINE, {}, headers=justified("lost"))).status == 404


async def test_filed_on_one_version_and_completed_on_the_other(tenant: Tenant) -> None:
    """A call that was filed on one version can be completed on the other, because only the path below it counts."""
    filed = await tenant.file_wipe()
    code = filed.headers["x-msft-approval-code"]
    await tenant.decide("approve", code, "dana")
    path = f"/beta/deviceManagement/managedDevices/{tenant.world.device('PC-1')['id']}/wipe"
    done = await tenant.call("POST", path, PIPELINE, {"keepUserData": False}, headers={"x-msft-approval-code": code})
    assert done.status == 204


async def test_reading_needs_a_permission(tenant: Tenant) -> None:
    """The permission for privileged operations does not allow reading devices."""
    tenant.world.application(WORKER).roles = {PRIVILEGED}
    assert (await tenant.get(DEVICES)).status == 403


async def test_intune_and_the_directory_disagree(tenant: Tenant) -> None:
    """A device may show an old user name, have other users than its record, or be missing in the directory."""
    device = tenant.world.device("PC-1")
    path = f"{DEVICES}/{device['id']}"
    assert (await tenant.get(f"{path}/users")).body["value"][0]["id"] == device["userId"]
    tenant.portal.rename_user("rita", "rita.russo")
    tenant.portal.set_primary_users("PC-1", "dana", "rita.russo")
    assert (await tenant.get(path)).body["userPrincipalName"].startswith("rita@")
    users = (await tenant.get(f"{path}/users")).body["value"]
    assert [user["userPrincipalName"].partition("@")[0] for user in users] == ["dana", "rita.russo"]
    groups = f"/v1.0/devices(deviceId='{device['azureADDeviceId']}')/transitiveMemberOf"
    assert (await tenant.get(groups)).status == 200
    tenant.portal.unregister_device("PC-1")
    assert (await tenant.get(groups)).status == 404
