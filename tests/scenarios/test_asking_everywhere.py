"""The policy document's own test, from chat alone, in every kind of Intune that has been reported."""

from typing import Any

import pytest

from simulator.graph.knobs import Knobs
from tests.office import Office, day_with, sign_in_link, text_of
from tests.scenarios.test_profiles import TENANTS


def told_in(*always: str) -> pytest.MarkDecorator:
    """Return the mark that runs a test in each kind of Intune; those that are not in `always` are extra."""
    days = [
        pytest.param({"knobs": knobs, "asking": True}, id=name, marks=() if name in always else pytest.mark.extra)
        for name, knobs in TENANTS.items()
    ]
    return pytest.mark.parametrize("day", days, indirect=True)


EVERYWHERE = told_in(*TENANTS)
IN_TWO = told_in("observed", "docs-2026-05")
"""Two kinds of Intune are enough here: they differ in the way of filing, which a wipe tests in every kind."""


async def approve_and_sign_in(day: Office, name: str, channel: str = "Approvals") -> None:
    """Approve as the deciding person, and sign in so that Intune is told."""
    answer = await day.approve(name, day.card(channel))
    assert "Intune has been told" in await day.sign_in(name, sign_in_link(answer))


def wipes(day: Office, device: str) -> list[dict[str, Any]]:
    """Return the wipes that a device carried out."""
    return [one for one in day.tenant.world.device(device)["deviceActionResults"] if one["actionName"] == "wipe"]


@EVERYWHERE
async def test_a_wipe(day: Office) -> None:
    """A regular admin requests a wipe, an approver approves it, and the device is wiped exactly once."""
    status = await day.ask("rita", "/wipe PC-1 --protected", typed="PC-1")
    assert day.tenant.graph.requests() == []
    assert wipes(day, "PC-1") == []
    assert "own request" in text_of((await day.click("rita", "approve", day.card())).card)
    assert "Only members of Device-Managers" in text_of((await day.click("otto", "approve", day.card())).card)

    await approve_and_sign_in(day, "dana")
    [filed] = day.tenant.graph.requests()
    assert (filed.status, filed.policy_types) == ("completed", ("deviceWipe",))
    assert [decision.by.upn.split("@")[0] for decision in filed.decisions] == ["dana"]
    assert filed.justification.startswith("Countersign ")
    assert "asked by Rita Rossi: Stolen on the train" in filed.justification

    await day.pass_time(minutes=30)
    await day.poll()
    assert len(wipes(day, "PC-1")) == 1
    assert "✓ Done" in text_of(status.card)
    assert "✓ Done" in text_of(day.card().card)
    assert len(day.requests()) == 1
    assert "Done" in day.told("rita")[-1]
    assert day.alarms() == []


@IN_TWO
async def test_a_script_takes_one_person_of_each_group(day: Office) -> None:
    """A script is filed only after one person of each group has approved it."""
    await day.ask("rita", "/script Disable-LegacyTLS to All-Windows-Laptops", "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card("Change Advisory Board"))
    await day.pass_time(minutes=5)
    assert day.tenant.graph.requests() == []

    await approve_and_sign_in(day, "cora", "Change Advisory Board")
    [script] = [one for one in day.tenant.world.scripts.values() if one["displayName"] == "Disable-LegacyTLS"]
    group = day.tenant.world.group("All-Windows-Laptops").id
    assert [one["target"]["groupId"] for one in script["assignments"]] == [group]
    await day.pass_time(minutes=1)
    assert "✓ Done" in text_of(day.card("Change Advisory Board").card)
    assert day.alarms() == []


@IN_TWO
async def test_a_role(day: Office) -> None:
    """A role is assigned to the group once."""
    role = next(one for one in day.tenant.world.role_definitions.values())
    await day.ask("rita", f'/role "{role["displayName"]}" to "IT-Directors"', "New branch office, CHG-9")
    await approve_and_sign_in(day, "alex")
    assigned = [one for one in role["roleAssignments"] if day.tenant.world.group("IT-Directors").id in str(one)]
    assert len(assigned) == 1
    await day.pass_time(minutes=1)
    assert "✓ Done" in text_of(day.card().card)


@IN_TWO
async def test_a_compliance_policy(day: Office) -> None:
    """A compliance policy is assigned to the group once."""
    await day.ask("rita", "/compliance Windows baseline to All-Windows-Laptops", "Audit finding 12")
    await approve_and_sign_in(day, "olga")
    [policy] = [
        one for one in day.tenant.world.compliance_policies.values() if one["displayName"] == "Windows baseline"
    ]
    assert len(policy["assignments"]) == 1
    await day.pass_time(minutes=1)
    assert "✓ Done" in text_of(day.card().card)


@day_with(asking=True)
async def test_retire_and_delete(day: Office) -> None:
    """Retire and delete work from chat as well."""
    await day.ask("rita", "/retire PHONE-4", "Left the company")
    await approve_and_sign_in(day, "sam")
    assert [one["actionName"] for one in day.tenant.world.device("PHONE-4")["deviceActionResults"]] == ["retire"]

    await day.ask("rita", "/delete MAC-3", "Never came back from repair")
    await approve_and_sign_in(day, "dana")
    assert "MAC-3" not in {device["deviceName"] for device in day.tenant.world.devices.values()}
    await day.pass_time(minutes=1)
    assert "✓ Done" not in text_of(day.card().card), "it may be shown again"
    await day.pass_time(minutes=10)
    assert "✓ Done" in text_of(day.card().card)


@day_with(asking=True, decisions="track")
async def test_where_decisions_are_only_tracked(day: Office) -> None:
    """If decisions are only tracked, the order is filed when the quorum is reached; after an approval in the portal the
    bot completes it."""
    status = await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"
    assert "Approved here, not yet in Intune" in text_of(status.card)

    day.tenant.portal.approve("sam", filed.id, "seen")
    await day.pass_time(minutes=1)
    await day.poll()
    assert filed.status == "completed"
    assert len(wipes(day, "PC-1")) == 1
    assert day.alarms() == []


@day_with(asking=True, knobs=Knobs(action_outcome="failed"))
async def test_an_operation_that_fails_says_so(day: Office) -> None:
    """Both cards and the person who asked hear of an operation that failed."""
    status = await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await approve_and_sign_in(day, "dana")
    await day.pass_time(minutes=30)
    assert "✕ Failed" in text_of(status.card)
    assert "failed" in day.told("rita")[-1]
