"""Assignments of apps, remediations and policies, and the filters that limit them."""

import json

from simulator.inventory import app, assignment_filter
from simulator.story import WORKER
from tests.simulator.loopback import Tenant

TARGET = {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
APPS = "deviceAppManagement/mobileApps"


async def test_filters_are_read_one_by_one_and_listed(tenant: Tenant) -> None:
    """Filters are read one by one and as a list, in beta and with the permission for configurations."""
    made = assignment_filter("Kiosks", '(device.model -eq "K1")')
    tenant.world.objects["assignmentFilters"][made["id"]] = made
    path = "/deviceManagement/assignmentFilters"
    assert [row["rule"] for row in (await tenant.get(f"/beta{path}")).rows] == [made["rule"]]
    assert (await tenant.get(f"/beta{path}/{made['id']}")).body["displayName"] == "Kiosks"
    assert (await tenant.get(f"/beta{path}/0")).status == 404
    assert (await tenant.get(f"/v1.0{path}")).status == 400
    tenant.world.application(WORKER).roles.discard("DeviceManagementConfiguration.Read.All")
    assert (await tenant.get(f"/beta{path}")).status == 403


async def test_an_app_keeps_what_was_sent_of_its_assignments(tenant: Tenant) -> None:
    """An app keeps the sent assignments with ids; the request shows its body, what it adds and what it replaces."""
    tenant.world.protect("app", "Security-Admins")
    viewer = app("Viewer")
    tenant.world.objects["mobileApps"][viewer["id"]] = viewer
    viewer["assignments"] = [{"id": "a1", "intent": "available", "target": TARGET, "source": "policySets"}]
    sent = {"intent": "uninstall", "target": TARGET}
    filed = tenant.portal.file_call("rita", APPS, "Viewer", "assign", {"mobileAppAssignments": [sent]}, "why")
    details = tenant.graph.request(filed).details
    assert json.loads(details["actionParameters"]) == {"mobileAppAssignments": [sent]}
    assert json.loads(details["existingAssignments"]) == viewer["assignments"]
    [added] = json.loads(details["addedAssignments"])
    assert (added["intent"], added["source"], added["settings"]) == ("uninstall", "direct", None)
    assert added["target"]["deviceAndAppManagementAssignmentFilterType"] == "none"
    tenant.portal.approve("alex", filed)
    tenant.portal.complete("rita", filed)
    rows = (await tenant.get(f"/beta/{APPS}/{viewer['id']}/assignments")).rows
    assert [(row["intent"], row["source"]) for row in rows] == [("uninstall", "direct")]


async def test_a_request_may_not_show_its_body(tenant: Tenant) -> None:
    """With this knob a request does not show its body, so nobody sees which assignments are kept."""
    tenant.graph.knobs.assign_body = False
    filed = tenant.portal.assign_script("rita", "Clear-TempFolders", "Executives", "why")
    assert "actionParameters" not in tenant.graph.request(filed).details
