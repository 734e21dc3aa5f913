"""What nobody may decide here, or not any more, cannot be decided by break-glass either, on any of its ways."""

import pytest

from approvals.audit import Kind
from approvals.emergency import Way
from approvals.request import Decision
from tests.office import Office, day_with, text_of, verbs_of
from tests.scenarios.test_alone import wipes
from tests.scenarios.test_break_glass import WHY, in_native_group, intune_status, now, wipe_waits
from tests.scenarios.test_break_glass_page import Browser, without_teams

WIPE = "Device wipe"
SWITCHED_OFF = "Approving here is switched off for Device wipe. Decide it in Intune."
NO_GROUPS = "No approver group is configured for this kind of request. Decide it in Intune."
LATE = "The deadline has passed; the glass can no longer be broken on this request."

OFF = day_with(night=True, prepare=in_native_group, switched_off=[WIPE])


async def nothing_happened(day: Office) -> None:
    """Check that the request waits as before, that nobody was called, and that Intune was told nothing."""
    after = await now(day)
    assert (after.decision, after.glass, after.review) == (Decision.OPEN, (), None)
    assert intune_status(day, after) == "needsApproval"
    assert wipes(day) == 0
    assert await day.audit(Kind.GLASS_BROKEN, Kind.DRILL) == []


@OFF
@pytest.mark.parametrize("drill", ["", " --drill"])
async def test_switched_off_by_the_command(day: Office, drill: str) -> None:
    """If approving is switched off, Ivan reads where to decide the request, and his attempt is recorded."""
    request = await wipe_waits(day)
    card = await day.break_glass("ivan", f"{request.id}{drill}")
    assert SWITCHED_OFF in text_of(card.card)
    assert [entry.name for entry in await day.audit(Kind.REFUSED)] == ["Ivan Ilic"]
    await nothing_happened(day)


@day_with(night=True, prepare=in_native_group)
async def test_from_a_card(day: Office) -> None:
    """A card offers break-glass while the deadline has not passed, and not afterwards."""
    request = await wipe_waits(day)
    drawn = day.card().card
    offered = await day.press("ivan", "details", drawn, day.card())
    assert "glass" in verbs_of(offered.card)
    day.tenant.clock.advance(request.deadline - day.tenant.clock.now())
    late = await day.press("ivan", "details", drawn, day.card())
    assert "glass" not in verbs_of(late.card)


@OFF
async def test_switched_off_on_the_card(day: Office) -> None:
    """If approving is switched off, the card has no break-glass button, and a forged button does nothing."""
    request = await wipe_waits(day)
    shown = await day.click("ivan", "details", day.card())
    assert "glass" not in verbs_of(shown.card)
    data = {"request": request.id, "fingerprint": request.digest[:12]}
    forged = {"actions": [{"type": "Action.Execute", "verb": "glass", "data": data}]}
    answer = await day.press("ivan", "glass", forged, day.card())
    assert SWITCHED_OFF in text_of(answer.card)
    await nothing_happened(day)


@day_with(night=True, prepare=without_teams, switched_off=[WIPE])
async def test_switched_off_at_the_page(day: Office) -> None:
    """If approving is switched off, the emergency page does not offer the request, and refuses a form that names it by
    hand."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    assert "Wipe PC-1" not in await browser.open("/breakglass")
    assert SWITCHED_OFF in await browser.fill(request=f"{request.id} {request.digest[:12]}")
    await nothing_happened(day)


@day_with(night=True, asking=True, alone=["ivan"], prepare=in_native_group, switched_off=[WIPE])
async def test_switched_off_and_asked_for_with_break_glass(day: Office) -> None:
    """If approving is switched off, break-glass with a new operation requests nothing and does not ask the emergency
    process."""
    [card] = await day.say("ivan", "/breakglass wipe PC-1")
    assert "Nobody approves Device wipe here" in text_of(card.card)
    assert await day.bot.store.requests.open_ids() == ()
    assert wipes(day) == 0


@day_with(night=True, prepare=in_native_group)
async def test_what_only_the_catch_all_covers(day: Office) -> None:
    """A request of the catch-all workflow without groups cannot be decided here, not even by break-glass."""
    held = day.tenant.graph.request(day.tenant.portal.file_script("rita", "New-Script", "Write-Host\n", "New"))
    held.policy_types = ("somethingNew",)
    held.details = {**held.details, "payloadType": "microsoft.graph.somethingNew"}
    await day.poll()
    card = await day.break_glass("ivan", await day.request_id())
    assert NO_GROUPS in text_of(card.card)
    assert (await now(day)).glass == ()


@day_with(night=True, asking=True, prepare=in_native_group, deadlines={"standard": "PT10M", "urgent": "PT10M"})
async def test_a_prompt_that_was_begun_in_time(day: Office) -> None:
    """The deadline counts when the glass is broken, not when the prompt was opened."""
    request = await wipe_waits(day)
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    day.tenant.clock.advance(request.deadline - day.tenant.clock.now())
    refused = await day.client("ivan").click(prompt, "break", {"why": WHY, "name": "PC-1"})
    assert LATE in text_of(refused.card)
    await nothing_happened(day)


@day_with(night=True, prepare=in_native_group)
async def test_it_still_decides_what_is_decided_here(day: Office) -> None:
    """In time, and where somebody may decide, break-glass decides the request."""
    request = await wipe_waits(day)
    await day.break_glass("ivan", request.id)
    assert (await now(day)).glass[0].way is Way.DECIDED
