"""A message becomes a request's card only through an attempt to post it, once. So nobody can overwrite another card."""

from typing import Any

import pytest

from handlers.showing.attempts import MOST_KEPT
from simulator.teams.buttons import actions
from simulator.teams.faults import Fault, Kind
from simulator.teams.places import Message
from tests.office import Office, day_with, sign_in_link, text_of
from tests.scenarios.test_break_glass import in_native_group

BOARD = "Change Advisory Board"
NO_ANSWER = "/v3/conversations$"


def attempts_on(card: dict[str, Any] | None) -> set[str]:
    """Return the attempts that a card's buttons and its refresh name."""
    assert card is not None
    pressed = [action for action in actions(card) if action["type"] == "Action.Execute"]
    return {
        action["data"]["attempt"] for action in [*pressed, *(card[one]["action"] for one in card if one == "refresh")]
    }


async def two_wait(day: Office) -> tuple[str, Message, str, Message]:
    """File a wipe and a retirement in the same channel. Return the id and the card of each."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    first, first_card = await day.request_id(), day.card()
    await day.pass_time(minutes=1)
    day.tenant.portal.file_retire("petra", "PC-2", "Sold")
    await day.poll()
    return first, first_card, await day.request_id(), day.card()


async def a_stray(day: Office) -> tuple[str, Message, Message]:
    """Lose the answer of a post, so that the card is posted again. Return the request's id, the stray card, and the
    known card."""
    day.tenant.connector.faults.append(Fault(Kind.LOST_ANSWER, method="POST", path=NO_ANSWER))
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    await day.pass_time(seconds=10)
    stray, card = day.requests(BOARD)
    return await day.request_id(), stray, card


async def copies(day: Office, request_id: str) -> list[str]:
    """Return the ids of the messages that are known as cards of this request."""
    return [copy.activity_id for copy in await day.bot.store.copies.of(request_id) if copy.lives]


async def test_a_click_that_names_another_request(day: Office) -> None:
    """A click that names another request does not change the card, neither without an attempt nor with one of either
    card."""
    first, first_card, second, second_card = await two_wait(day)
    [spent] = attempts_on(first_card.card)
    [other] = attempts_on(second_card.card)

    for attempt in ("", spent, other, "0" * 32):
        await day.forge("rita", "refresh", first, second_card, attempt=attempt)
    await day.pass_time(minutes=5)

    assert "PC-2" in text_of(second_card.card)
    assert "PC-1" not in text_of(second_card.card)
    assert await copies(day, first) == [first_card.id]
    assert await copies(day, second) == [second_card.id]


async def test_messages_that_nobody_has_posted(day: Office) -> None:
    """A click that names an invented message adds no card and raises no alarm, whatever attempt it names."""
    request_id, stray, card = await a_stray(day)
    [free] = attempts_on(stray.card)
    [spent] = attempts_on(card.card)

    for number in range(12):
        for attempt in ("", spent, free):
            await day.forge("otto", "refresh", request_id, card, attempt=attempt, message=f"17{number:011}")
        await day.pass_time(minutes=1)

    assert await copies(day, request_id) == [card.id]
    assert day.alarms() == []
    assert len(day.requests(BOARD)) == 2


async def test_an_attempt_that_somebody_has_read_on_a_stray_card(day: Office) -> None:
    """An attempt that somebody reads on a stray card fits one request and one place; it overwrites no other request's
    card."""
    request_id, stray, card = await a_stray(day)
    [free] = attempts_on(stray.card)
    day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
    await day.poll()
    other_id, other = await day.request_id(), day.card(BOARD)

    await day.forge("otto", "refresh", request_id, other, attempt=free)
    await day.forge("otto", "refresh", other_id, stray, attempt=free)
    await day.forge("otto", "refresh", request_id, day.tenant.channels["Approvals"], attempt=free)
    assert await copies(day, request_id) == [card.id]
    assert await copies(day, other_id) == [other.id]
    assert "Update-Defender" in text_of(other.card)

    await day.click("alex", "details", stray)
    assert set(await copies(day, request_id)) == {card.id, stray.id}
    await day.forge("otto", "refresh", request_id, card, attempt=free, message="1700000000001")
    assert set(await copies(day, request_id)) == {card.id, stray.id}


async def test_a_view_of_ones_own_belongs_to_the_same_card(day: Office) -> None:
    """The buttons of a person's own view, and an edited card, carry the attempt that posted the card."""
    request_id, stray, card = await a_stray(day)
    [free] = attempts_on(stray.card)
    [spent] = attempts_on(card.card)
    assert free != spent

    for name, verb in (("alex", "approve"), ("cora", "details"), ("otto", "approve"), ("cora", "back")):
        assert attempts_on((await day.click(name, verb, stray)).card) == {free}, verb
        assert attempts_on((await day.click(name, verb, card)).card) == {spent}, verb
    await day.approve("cora", card)
    assert attempts_on(card.card) == {spent}
    assert attempts_on(stray.card) == {free}
    assert request_id in text_of(stray.card)


@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_the_first_click_on_a_stray_card_opens_the_second_step(day: Office, verb: str) -> None:
    """A stray card is drawn anew only after the second step is over, because an edit would remove that step."""
    request_id, stray, card = await a_stray(day)
    await day.approve("cora", card)

    step = await day.click("alex", verb, stray)
    await day.pass_time(minutes=5)
    await day.client("cora").refresh(stray)
    await day.work()

    assert day.client("alex").card(stray) == step.card
    assert set(await copies(day, request_id)) == {card.id, stray.id}
    assert "0 of 2 approvals" in text_of(stray.card)

    await day.click("alex", "back", stray)
    await day.pass_time(seconds=10)
    assert "1 of 2 approvals" in text_of(stray.card)


async def test_a_step_on_a_stray_card_is_ended(day: Office) -> None:
    """A vote through a stray card counts, and both cards show it."""
    _, stray, card = await a_stray(day)

    await day.click("alex", "approve", stray)
    await day.click("alex", "confirm-approve", stray)

    assert "1 of 2 approvals" in text_of(stray.card)
    assert "1 of 2 approvals" in text_of(card.card)


async def test_a_stray_card_of_what_is_decided_is_drawn_anew_at_once(day: Office) -> None:
    """A stray card of a decided request is drawn anew at once, because there is no second step that an edit could
    remove."""
    _, stray, card = await a_stray(day)
    for name in ("alex", "cora"):
        await day.approve(name, card)
    assert "0 of 2 approvals" in text_of(stray.card)

    await day.click("dana", "approve", stray)

    assert "Approved, Intune not told yet" in text_of(stray.card)


async def test_a_deleted_card_that_a_hand_made_click_revives(day: Office) -> None:
    """A hand-made click on a deleted card leads to one attempt to edit it, and to no new alarm."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    request_id, first = await day.request_id(), day.card(BOARD)
    [attempt] = attempts_on(first.card)
    step = await day.click("alex", "approve", first)
    first.deleted = True
    await day.press("alex", "confirm-approve", step.card, first)
    await day.pass_time(minutes=4)
    second = day.card(BOARD)
    assert await copies(day, request_id) == [second.id]
    assert len(day.alarms()) == 1

    calls = day.tenant.connector.calls
    before = [method for method, path in calls if path.endswith(first.id)]
    for _ in range(5):
        await day.forge("otto", "refresh", request_id, second, attempt=attempt, message=first.id)
        await day.pass_time(minutes=11)
    assert [method for method, path in calls if path.endswith(first.id)] == [*before, "PUT"]
    assert await copies(day, request_id) == [second.id]
    assert len(day.alarms()) == 1


async def test_a_card_that_is_restored(day: Office) -> None:
    """A restored card is kept up to date again after its next click. If it is deleted again, that is a new loss."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    request_id, first = await day.request_id(), day.card(BOARD)
    step = await day.click("alex", "approve", first)
    first.deleted = True
    await day.press("alex", "confirm-approve", step.card, first)
    await day.pass_time(minutes=4)
    first.deleted = False

    await day.click("cora", "details", first)
    assert "1 of 2 approvals" in text_of(first.card)
    await day.approve("cora", day.card(BOARD))
    assert "Approved, Intune not told yet" in text_of(first.card)
    assert first.id in await copies(day, request_id)

    first.deleted = True
    await day.pass_time(minutes=11)
    day.tenant.portal.approve("cora", filed)
    await day.poll()
    await day.pass_time(minutes=4)
    assert first.id not in await copies(day, request_id)
    assert len([alarm for alarm in day.alarms() if "can no longer be edited" in alarm]) == 2


async def test_a_channel_is_deleted(day: Office) -> None:
    """Operations hear of the first lost card at once, and of all the others in one line that counts them."""
    for number in range(15):
        day.tenant.portal.file_script("rita", f"Script-{number}", "Write-Host\n", "Printer")
    await day.poll()
    for card in day.requests(BOARD):
        card.deleted = True
    day.tenant.channels[BOARD].installed = False

    for request_id in await day.bot.store.requests.open_ids():
        await day.forge("alex", "claim", request_id, day.tenant.channels[BOARD])
        await day.pass_time(seconds=10)
    lost = [alarm for alarm in day.alarms() if "can no longer be edited" in alarm]
    assert len(lost) == 1
    await day.pass_time(minutes=10)
    [first, others] = [alarm for alarm in day.alarms() if "can no longer be edited" in alarm]
    assert "cards of 14 requests" in others
    assert "and 4 more" in others
    await day.pass_time(minutes=30)
    assert [alarm for alarm in day.alarms() if "can no longer be edited" in alarm] == [first, others]


async def test_how_many_attempts_are_kept(day: Office) -> None:
    """A few attempts whose answer was lost are kept. Attempts that certainly failed are never kept."""
    faults = day.tenant.connector.faults
    faults.append(Fault(Kind.LOST_ANSWER, method="POST", path=NO_ANSWER, times=2 * MOST_KEPT))
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    for _ in range(3 * MOST_KEPT):
        await day.pass_time(minutes=6)
    strays = [one for one in day.requests(BOARD) if one is not day.card(BOARD)]
    known = await day.bot.store.copies.of(await day.request_id())
    assert len(strays) > MOST_KEPT
    assert len(known) == MOST_KEPT

    faults.append(Fault(Kind.STATUS, 403, "POST", NO_ANSWER, times=5))
    day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
    await day.poll()
    for _ in range(5):
        await day.pass_time(minutes=6)
    assert len(await day.bot.store.copies.of(await day.request_id())) == 1


@day_with(night=True, asking=True, prepare=in_native_group)
async def test_a_confirmation_that_claims_another_message(day: Office) -> None:
    """A confirmation that claims to come from another request's status card leaves that card alone; a new one is
    posted."""
    first = await day.ask("rita", "/wipe PC-1", typed="PC-1")
    [draft] = await day.say("rita", "/retire PC-2")
    confirm = next(action for action in actions(draft.card or {}) if action.get("verb") == "ask")
    asked = confirm["data"]["request"]
    confirm["data"] |= {"reason": "Sold to an employee", "name": "PC-2"}
    await day.client("rita").invoke(first, confirm, "manual")
    await day.work()
    await day.pass_time(minutes=1)

    assert len(await day.bot.store.requests.open_ids()) == 2
    assert "PC-1" in text_of(first.card)
    assert "PC-2" not in text_of(first.card)
    posted = [one for one in day.chat("rita").messages if one.card and "PC-2" in text_of(one.card)]
    assert posted[-1].id in await copies(day, asked)


@day_with(asking=True)
async def test_a_stray_status_card(day: Office) -> None:
    """A stray card in a 1:1 chat is adopted by a click of the person whose chat it is, and by nobody else's click."""
    await day.install_for("rita")
    [draft] = await day.say("rita", "wipe PC-1", "Approvals", slash=True)
    answer = await day.client("rita").click(draft, "ask", {"reason": "Stolen on the train", "name": "PC-1"})
    day.tenant.connector.faults.append(Fault(Kind.LOST_ANSWER, method="POST", path="/activities$"))
    await day.sign_in("rita", sign_in_link(answer))
    await day.pass_time(seconds=10)
    request_id = await day.request_id()
    stray, card = [one for one in day.chat("rita").messages if one.card]
    [free] = attempts_on(stray.card)

    await day.install_for("otto")
    await day.forge("otto", "refresh", request_id, day.chat("otto"), attempt=free, message=stray.id)
    await day.forge("rita", "refresh", request_id, day.card(), attempt=free)
    assert stray.id not in await copies(day, request_id)
    await day.click("rita", "details", stray)
    assert {stray.id, card.id} <= set(await copies(day, request_id))
