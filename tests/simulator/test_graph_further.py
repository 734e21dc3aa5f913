"""Further kinds of configuration: every write needs an approval, and child objects are shown when asked for."""

import base64
import json
from typing import Any

import pytest

from simulator import further_inventory as inventory
from simulator.graph.further import FURTHER
from simulator.graph.gate import CODE
from simulator.graph.kinds import Kind
from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import Reply, Tenant, justified

PROTECTED = ("app", "configurationPolicy", "tenantConfiguration", "deviceDeprovision")
WRITERS = (
    "DeviceManagementRBAC.ReadWrite.All",
    "DeviceManagementApps.ReadWrite.All",
    "DeviceManagementServiceConfig.ReadWrite.All",
)


@pytest.fixture(autouse=True)
def protected(tenant: Tenant) -> None:
    """Protect everything, and let the pipeline write everything."""
    tenant.world.application(PIPELINE).roles.update(WRITERS)
    for policy_type in PROTECTED:
        tenant.world.protect(policy_type, "Security-Admins")
    for policy in tenant.world.policies.values():
        policy.platform = "notApplicable"


async def send(tenant: Tenant, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    return await tenant.call(method, f"/beta{path}", PIPELINE, body, headers=headers or justified("INC1"))


def an_object(tenant: Tenant, kind: Kind) -> dict[str, Any]:
    return next(iter(kind.store(tenant.world).values()))


@pytest.mark.parametrize("kind", FURTHER, ids=lambda kind: kind.segment)
async def test_every_verb_is_gated(tenant: Tenant, kind: Kind) -> None:
    """The request names the object and the verb by the names of the service, and nothing has changed yet."""
    one = an_object(tenant, kind)
    path = f"{kind.base}/{one['id']}"
    target = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
    calls = {
        "Create": ("POST", kind.base, {kind.name: "new"}),
        "Update": ("PATCH", path, {"description": "changed"}),
        "Delete": ("DELETE", path, None),
        "Assign": ("POST", f"{path}/{kind.assign}", {kind.assign_key: [target]} if kind.assign_key else target),
    }
    before = json.dumps(one)
    for operation, (method, place, body) in calls.items():
        filed = await send(tenant, method, place, body)
        assert filed.status == 412, operation
        request = tenant.graph.request(filed.headers[CODE])
        assert request.policy_types == (kind.policy_type,)
        assert request.details["payloadType"] == f"Microsoft.Management.Services.Api.{kind.payload_type}"
        assert request.details["payloadOperation"] == operation
        assert "#microsoft.graph." not in request.details["payload"]
        request.status = "cancelled"
    assert json.dumps(one) == before


@pytest.mark.parametrize("kind", FURTHER, ids=lambda kind: kind.segment)
async def test_the_worker_can_read_each(tenant: Tenant, kind: Kind) -> None:
    """The worker can read each kind with the permissions from the setup; child objects are left out."""
    one = an_object(tenant, kind)
    found = await tenant.call("GET", f"/beta{kind.base}/{one['id']}", WORKER)
    assert found.status == 200
    assert not {*kind.children, *kind.hidden, kind.relation} & found.body.keys()
    for child in kind.children:
        assert (await tenant.call("GET", f"/beta{kind.base}/{one['id']}/{child}", WORKER)).status == 200


async def test_settings_come_with_their_definitions(tenant: Tenant) -> None:
    """Settings come with their definitions when asked for, at any depth."""
    [policy, _] = tenant.world.objects["configurationPolicies"].values()
    path = f"/beta/deviceManagement/configurationPolicies/{policy['id']}/settings"
    rows = (await tenant.get(path, expand="settingDefinitions")).rows
    assert [one["displayName"] for one in rows[1]["settingDefinitions"]] == ["Firewall rules", "Name", "Allow camera"]
    assert "settingDefinitions" not in (await tenant.get(path)).rows[0]
    one = await tenant.get(f"/beta/deviceManagement/configurationSettings/{inventory.CAMERA}")
    assert one.body["displayName"] == "Allow camera"
    assert (await tenant.get("/beta/deviceManagement/configurationSettings/none")).status == 404


async def test_values_of_administrative_templates(tenant: Tenant) -> None:
    """Values of administrative templates come without their definitions, unless asked for."""
    [one] = tenant.world.objects["groupPolicyConfigurations"].values()
    path = f"/beta/deviceManagement/groupPolicyConfigurations/{one['id']}/definitionValues"
    assert set((await tenant.get(path)).rows[0]) == {"id", "enabled", "configurationType"}
    expand = "definition,presentationValues($expand=presentation)"
    [row] = (await tenant.get(path, expand=expand)).rows
    assert row["definition"]["displayName"] == "Set the home page"
    assert row["presentationValues"][0]["presentation"]["label"] == "Home page"


async def test_calls_of_their_own(tenant: Tenant) -> None:
    """A change of child objects is filed as an update with the body of its call, and happens on completion."""
    [admx] = tenant.world.objects["groupPolicyConfigurations"].values()
    [baseline] = tenant.world.objects["intents"].values()
    [app, other] = tenant.world.objects["mobileApps"].values()
    gone = admx["definitionValues"][0]["id"]
    calls: list[tuple[str, dict[str, Any]]] = [
        (
            f"/deviceManagement/groupPolicyConfigurations/{admx['id']}/updateDefinitionValues",
            {"added": [{"enabled": False}], "updated": [], "deletedIds": [gone]},
        ),
        (
            f"/deviceManagement/intents/{baseline['id']}/updateSettings",
            {"settings": [{"definitionId": inventory.ENCRYPT, "valueJson": "false"}]},
        ),
        (
            f"/deviceAppManagement/mobileApps/{app['id']}/updateRelationships",
            {"relationships": [{"targetId": other["id"], "supersedenceType": "replace"}]},
        ),
    ]
    for path, body in calls:
        code = (await send(tenant, "POST", path, body)).headers[CODE]
        details = tenant.graph.request(code).details
        assert (details["payloadOperation"], json.loads(details["patchPayload"])) == ("Update", body)
        tenant.portal.approve("alex", code)
        assert (await send(tenant, "POST", path, body, **{CODE: code})).status == 204
    assert [value["enabled"] for value in admx["definitionValues"]] == [False]
    assert [setting["valueJson"] for setting in baseline["settings"]] == ["false"]
    assert [one["targetId"] for one in app["relationships"]] == [other["id"]]


async def test_the_scripts_of_an_app(tenant: Tenant) -> None:
    """A script of an app is found in the content version that is in use, and in no other."""
    [app, _] = tenant.world.objects["mobileApps"].values()
    contents = f"/beta/deviceAppManagement/mobileApps/{app['id']}/microsoft.graph.win32LobApp/contentVersions"
    script = app["activeInstallScript"]["targetId"]
    found = await tenant.get(f"{contents}/1/scripts/{script}")
    assert b"msiexec" in base64.b64decode(found.body["content"])
    assert (await tenant.get(f"{contents}/2/scripts/{script}")).status == 404


async def test_deprovisioning_a_device(tenant: Tenant) -> None:
    """Deprovisioning is a device action like the others, with its reason."""
    device = tenant.world.device("PC-1")
    path = f"/deviceManagement/managedDevices/{device['id']}/deprovision"
    filed = await send(tenant, "POST", path, {"deprovisionReason": "Sold"})
    details = tenant.graph.request(filed.headers[CODE]).details
    assert (details["actionName"], json.loads(details["actionParameters"])) == (
        "deprovision",
        {"deprovisionReason": "Sold"},
    )


async def test_the_portal_files_each(tenant: Tenant) -> None:
    """The portal files new objects, changes and removals, by collection and name."""
    place = "deviceManagement/deviceCategories"
    for filed in (
        tenant.portal.file_new("rita", place, {"displayName": "Tablets"}, "New"),
        tenant.portal.file_change("rita", place, "Kiosks", {"description": "x"}, "Words"),
    ):
        assert tenant.graph.request(filed).policy_types == ("tenantConfiguration",)
    tenant.graph.request(filed).status = "cancelled"
    removal = tenant.portal.file_removal("rita", place, "Kiosks", "Gone")
    assert tenant.graph.request(removal).details["payloadName"] == "Kiosks"
    target = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
    call = tenant.portal.file_call(
        "rita", "deviceAppManagement/mobileApps", "7-Zip", "assign", {"mobileAppAssignments": [target]}, "All"
    )
    assert tenant.graph.request(call).details["payloadOperation"] == "Assign"
