"""A remediation is assigned in the portal. The card shows what that does, and its filter is part of the request."""

from typing import Any

from simulator.graph.faults import Fault, Kind
from simulator.inventory import assignment_filter
from simulator.teams.places import Message
from tests.office import Office, text_of

BOARD = "Change Advisory Board"
DAILY = {"@odata.type": "#microsoft.graph.deviceHealthScriptDailySchedule", "interval": 1, "time": "08:00:00"}


def filed(day: Office, filter_id: str) -> str:
    """File a new assignment of a remediation: so far it only detects on a group; it will repair on all devices but
    those of a filter."""
    [script] = day.tenant.world.health_scripts.values()
    laptops = day.tenant.world.group("All-Windows-Laptops").id
    group = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": laptops}
    everybody: dict[str, Any] = {
        "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
        "deviceAndAppManagementAssignmentFilterId": filter_id,
        "deviceAndAppManagementAssignmentFilterType": "exclude",
    }
    script["assignments"] = [{"id": "a1", "target": group, "runRemediationScript": False}]
    asked = {"target": everybody, "runRemediationScript": True, "runSchedule": DAILY}
    path = f"/deviceManagement/deviceHealthScripts/{script['id']}/assign"
    return day.tenant.portal.file(
        "rita", "POST", path, {"deviceHealthScriptAssignments": [asked]}, "Updates stand still"
    )


async def carded(day: Office) -> tuple[dict[str, Any], Message]:
    """Return the filter, and the card of the request."""
    kiosks = assignment_filter("Kiosks", "(device.model -eq 1)")
    day.tenant.world.objects["assignmentFilters"][kiosks["id"]] = kiosks
    filed(day, kiosks["id"])
    await day.poll()
    return kiosks, day.card(BOARD)


async def test_the_card_says_what_it_does(day: Office) -> None:
    """The card says which groups are added and removed, the filter, and the schedule."""
    _, card = await carded(day)
    seen = text_of(card.card)
    assert "unassign from All-Windows-Laptops, assign to All devices" in seen
    assert "not devices for which (device.model -eq 1) (filter Kiosks)" in seen.replace("\\", "")
    assert "detects and repairs; every day at 08:00 by the device's clock" in seen
    assert "no longer looked after" in seen


async def test_another_rule_voids_the_votes(day: Office) -> None:
    """Another rule of the filter voids the votes, because it reaches other devices."""
    kiosks, card = await carded(day)
    await day.approve("alex", card)
    assert "1 of 2 approvals" in text_of(card.card)
    kiosks["rule"] = "(device.model -eq 2)"
    await day.pass_time(minutes=1)
    await day.poll()
    assert "0 of 2 approvals" in text_of(card.card)


async def test_a_filter_that_is_not_shown_voids_nothing(day: Office) -> None:
    """A filter that cannot be read voids no vote. The card says what could not be read."""
    _, card = await carded(day)
    await day.approve("alex", card)
    day.tenant.graph.faults.append(Fault(Kind.HIDDEN, "assignmentFilters", times=99))
    await day.pass_time(minutes=1)
    await day.poll()
    assert "1 of 2 approvals" in text_of(card.card)
    assert "the filter" in text_of(card.card)
