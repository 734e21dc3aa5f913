"""A device that Intune does not show for a moment is not done, and is not safe to act on."""

from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, sign_in_link, text_of

DEVICE = "managedDevices/[^/]*$"


async def approved(day: Office) -> None:
    """Request a wipe as Rita, approve it and sign in as Dana, so that everything happens at once."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    await day.work()


@day_with(asking=True)
async def test_the_device_is_not_found_before_it_is_wiped(day: Office) -> None:
    """If the device is not found before the wipe, the call is not sent: nobody can check the device. An approver can
    finish later."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    await day.pass_time(seconds=15)
    [filed] = day.tenant.graph.requests()
    day.tenant.portal.approve("sam", filed.id, "fine")
    fault = Fault(Kind.MISSING, DEVICE, method="GET", times=99)
    day.tenant.graph.faults.append(fault)
    await day.pass_time(minutes=1)
    await day.poll()
    assert day.tenant.world.device("PC-1")["deviceActionResults"] == []
    assert "does not show what this is about at the moment" in text_of(day.card().card)

    fault.times = 0
    await day.click("dana", "finish", day.card())
    await day.work()
    assert len(day.tenant.world.device("PC-1")["deviceActionResults"]) == 1


@day_with(asking=True)
async def test_the_device_is_not_found_after_it_was_told(day: Office) -> None:
    """If the device is not found after the wipe call, it counts as done only after it was not found for a while."""
    fault = Fault(Kind.MISSING, DEVICE, method="GET", times=0)
    day.tenant.graph.faults.append(fault)
    await approved(day)
    fault.times = 99
    await day.pass_time(minutes=3)
    assert "✓ Done" not in text_of(day.card().card)
    fault.times = 0
    await day.pass_time(minutes=3)
    assert "✓ Done" not in text_of(day.card().card)
    fault.times = 99
    await day.pass_time(minutes=30)
    assert "✓ Done" not in text_of(day.card().card)
    await day.pass_time(minutes=15)
    assert "✓ Done" in text_of(day.card().card)
