"""One request for hundreds of devices: their number is shown first, everywhere."""

import json

from approvals.audit import Kind
from approvals.prompts import WRONG_NAME
from cards.refusals import refusal_sentence
from simulator.inventory import fleet
from simulator.teams.places import Message
from tests.office import Office, day_with, sign_in_link, text_of, titles_of, verbs_of

APPROVALS = "Approvals"


async def filed(day: Office, size: int = 400) -> tuple[str, Message]:
    """File the wipe of a fleet in the portal. Return its id in Intune and its card."""
    laptops = fleet(size)
    day.tenant.world.devices |= laptops
    intune_id = day.tenant.portal.file_bulk("rita", "wipe", laptops, "Old laptops go back, CHG-300")
    await day.poll()
    return intune_id, day.card(APPROVALS)


async def test_the_count_comes_first(day: Office) -> None:
    """The number of devices is in the title, in what will be lost, in the second step and on its button."""
    _, card = await filed(day)

    said = text_of(card.card)
    assert "Wipe 400 devices" in said
    assert "All 400 devices are reset to factory settings" in said
    assert "The device is reset" not in said
    assert "PC-000, PC-001, PC-002 and 397 more" in said
    step = await day.click("dana", "approve", card)
    assert "All 400 devices are reset" in text_of(step.card)
    assert "Approve for 400 devices" in titles_of(step.card)


async def test_details_list_every_device_in_pages(day: Office) -> None:
    """Details list every device by name, with owner, user and last contact. A page reads only its own devices."""
    _, card = await filed(day, 40)
    before = len(day.tenant.graph.calls)

    first = await day.click("dana", "details", card)
    reads = [call for call in day.tenant.graph.calls[before:] if "/managedDevices/" in call.path]
    assert len(reads) == 15
    assert "Devices 1 to 15 of 40, by name" in text_of(first.card)
    assert "Personal" in text_of(first.card)
    assert "otto@" in text_of(first.card)

    last = first
    for _ in range(2):
        last = await day.click("dana", "Next", card)
    assert "Devices 31 to 40 of 40, by name" in text_of(last.card)
    assert "PC-039" in text_of(last.card)
    assert "Next" not in titles_of(last.card)


async def test_what_has_no_id_is_not_looked_for(day: Office) -> None:
    """A device without an id is not looked for: Graph would list every device."""
    intune_id, card = await filed(day, 3)
    for fields in ({"deviceName": "GHOST-1"}, {"deviceName": "GHOST-2", "deviceId": " "}):
        shown = day.tenant.graph.knobs.shown_fields.setdefault(intune_id, {"displayPayload": []})
        shown["displayPayload"].append(fields)
    day.tenant.graph.knobs.shown_fields[intune_id]["actionParameters"] = {}
    await day.pass_time(minutes=1)
    await day.poll()
    before = len(day.tenant.graph.calls)

    seen = await day.click("dana", "details", card)

    assert not [call for call in day.tenant.graph.calls[before:] if "/managedDevices" in call.path]
    assert text_of(seen.card).count("Intune does not show it now") == 2


async def test_devices_that_only_the_call_names_are_counted(day: Office) -> None:
    """Devices that only the call names are counted too, because Intune's list for people may be shorter."""
    intune_id, card = await filed(day, 30)
    row = day.tenant.graph.request(intune_id)
    described = json.loads(row.details["displayPayload"])[:3]
    day.tenant.graph.knobs.shown_fields[intune_id] = {"displayPayload": described}
    await day.pass_time(minutes=1)
    await day.poll()

    assert "Wipe 30 devices" in text_of(card.card)


@day_with(night=True)
async def test_an_emergency_is_confirmed_by_the_number(day: Office) -> None:
    """Break-glass on many devices is confirmed by their number, not by a name."""
    await filed(day)
    request_id = await day.request_id()

    wrong = await day.break_glass("ivan", request_id, name="PC-001")
    assert refusal_sentence(WRONG_NAME) in text_of(wrong.card_for(day.tenant.world.user("ivan")))
    right = await day.break_glass("ivan", request_id, name="400 devices")
    assert "break" not in verbs_of(right.card_for(day.tenant.world.user("ivan")))
    assert [entry.evidence.get("devices") for entry in await day.audit(Kind.PICKED_UP)] == ["400"]


TEN = {"fromDevices": 10, "approverGroups": ["IT-Directors"], "requiredApprovers": 1}


@day_with(bulk=TEN)
async def test_many_devices_take_one_more_person(day: Office) -> None:
    """From the configured number of devices on, one more person is needed, also for a request from the portal."""
    await filed(day, 9)
    assert "IT-Directors" not in text_of(day.card(APPROVALS).card)

    laptops = fleet(10)
    day.tenant.world.devices |= laptops
    day.tenant.portal.file_bulk("rita", "wipe", laptops, "Old laptops go back, CHG-301")
    await day.poll()
    card = day.card(APPROVALS)
    assert "Wipe 10 devices" in text_of(card.card)
    assert "Device wipe of many devices: 0 of 1 approval" in text_of(card.card)
    await day.approve("dana", card)
    assert "Approved" not in text_of(card.card)
    answer = await day.approve("ivan", card)
    await day.sign_in("ivan", sign_in_link(answer))
    assert "Approved" in text_of(card.card)
