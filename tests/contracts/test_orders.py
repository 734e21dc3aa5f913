"""`Orders` and `Filer`: finding the target of an order, and sending the order to Intune."""

import pytest

from approvals.order import Act, Option, Order
from handlers.ports.errors import Conflict, Forbidden, NotFound
from handlers.ports.orders import MOST_CANDIDATES, Progress
from tests.contracts.tenants import Company

WHY = "Countersign R1, asked by Rita: stolen"


def wipe(company: Company) -> Order:
    """Return the order to wipe a device that exists."""
    return Order(Act.WIPE, str(company.world.device("PC-1")["id"]))


# --- orders -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "   ", "\t", "PC", "PC-", "*"])
async def test_a_target_is_found_by_all_of_its_name(company: Company, words: str) -> None:
    """A target is found only by its whole name; blanks and parts of a name find nothing."""
    assert [await company.orders.find(act, words) for act in (Act.WIPE, Act.SCRIPT)] == [(), ()]
    assert await company.orders.find_groups(words) == ()


async def test_case_and_blanks_around_a_name_do_not_matter(company: Company) -> None:
    """Case and blanks around the name of a device, script or group do not matter."""
    orders = company.orders
    assert [one.name for one in await orders.find(Act.WIPE, " pc-1 ")] == ["PC-1"]
    assert [one.name for one in await orders.find(Act.SCRIPT, "disable-legacytls")] == ["Disable-LegacyTLS"]
    assert [one.name for one in await orders.find_groups("security-admins")] == ["Security-Admins"]


async def test_a_device_is_found_by_its_serial_number(company: Company) -> None:
    """A device is found by its serial number too."""
    assert [one.name for one in await company.orders.find(Act.WIPE, "sn-1003")] == ["MAC-3"]


async def test_devices_of_one_name_are_all_found(company: Company) -> None:
    """All devices with the same name are found, and their lines tell them apart."""
    found = await company.orders.find(Act.WIPE, "LAPTOP-7")
    assert [dict(one.lines)["Serial number"] for one in found] == ["SN-1007", "SN-2007"]
    assert len({one.id for one in found}) == 2 <= MOST_CANDIDATES


async def test_a_target_that_is_gone_cannot_be_planned(company: Company) -> None:
    """An order for a missing target cannot be planned: the target is not found."""
    with pytest.raises(NotFound):
        await company.orders.plan(Order(Act.WIPE, "00000000-0000-4000-8000-000000000000"))


async def test_a_policy_holds_its_type_on_its_platform_or_on_every_one(company: Company) -> None:
    """An access policy holds its type on its own platform, or on every one; the spelling does not matter."""
    company.protect("deviceWipe", "macOS")
    assert await company.orders.is_held("DEVICEWIPE", "macOS")
    assert not await company.orders.is_held("deviceWipe", "windows10AndLater")
    company.protect("deviceWipe", "notApplicable")
    assert await company.orders.is_held("deviceWipe", "windows10AndLater")
    assert not await company.orders.is_held("deviceDance", "notApplicable")


async def test_one_order_is_one_call_to_the_byte(company: Company) -> None:
    """The same order always gives exactly the same call; another option or device gives another call."""
    order = wipe(company)
    call = await company.orders.call_for(order)
    protected = Order(Act.WIPE, order.target_id, options=frozenset({Option.PROTECTED}))

    assert await company.orders.call_for(order) == call
    assert await company.orders.call_for(protected) != call
    assert await company.orders.call_for(Order(Act.WIPE, str(company.world.device("PC-2")["id"]))) != call


async def test_what_was_not_sent_waits(company: Company) -> None:
    """An order that was not sent is waiting."""
    assert await company.orders.progress(wipe(company), company.now) is Progress.WAITING


# --- filing -------------------------------------------------------------------------------------------------------


async def test_a_filed_call_is_held_until_it_is_approved_and_completed_once(company: Company) -> None:
    """A filed call is held until it is approved; then it is completed once, not before and not again."""
    call = await company.orders.call_for(wipe(company))
    taken = await company.filer.file(call, WHY)
    assert taken.intune_id
    assert taken.answer_id
    with pytest.raises(Forbidden):
        await company.filer.complete(call, taken.intune_id)

    await company.approve(taken.intune_id)

    assert await company.filer.complete(call, taken.intune_id)
    with pytest.raises(Forbidden):
        await company.filer.complete(call, taken.intune_id)


async def test_what_was_filed_is_a_row_with_our_reason(company: Company) -> None:
    """A filed call appears as a row with our reason, filed by our application and not by a person."""
    taken = await company.filer.file(await company.orders.call_for(wipe(company)), WHY)
    row = await company.intune.get(taken.intune_id)

    assert (row.raw_status, row.justification, row.target, row.modified_at) == (
        "needsApproval",
        WHY,
        "PC-1",
        company.now,
    )
    assert row.requestor is not None
    assert not row.requestor.is_person


async def test_what_was_completed_or_taken_back_is_shown_so(company: Company) -> None:
    """A completed call and a cancelled one are shown as such in Intune."""
    call = await company.orders.call_for(wipe(company))
    taken_back = await company.filer.file(call, WHY)
    await company.filer.cancel(taken_back.intune_id)
    completed = await company.filer.file(call, WHY)
    await company.approve(completed.intune_id)
    await company.filer.complete(call, completed.intune_id)

    assert (await company.intune.get(taken_back.intune_id)).raw_status == "cancelled"
    assert (await company.intune.get(completed.intune_id)).raw_status == "completed"
    with pytest.raises(Conflict):
        await company.filer.cancel(completed.intune_id)


async def test_a_second_call_for_the_same_is_a_conflict(company: Company) -> None:
    """A second call for the same target is a conflict as long as the first one is open."""
    call = await company.orders.call_for(wipe(company))
    taken = await company.filer.file(call, WHY)
    with pytest.raises(Conflict):
        await company.filer.file(call, WHY)

    await company.filer.cancel(taken.intune_id)

    again = await company.filer.file(call, WHY)
    assert again.intune_id not in ("", taken.intune_id)


async def test_only_the_very_call_is_completed(company: Company) -> None:
    """Only exactly the approved call is completed; Intune refuses another call under its approval."""
    order = wipe(company)
    taken = await company.filer.file(await company.orders.call_for(order), WHY)
    await company.approve(taken.intune_id)
    other = Order(Act.WIPE, order.target_id, options=frozenset({Option.PROTECTED}))

    with pytest.raises(Forbidden):
        await company.filer.complete(await company.orders.call_for(other), taken.intune_id)
