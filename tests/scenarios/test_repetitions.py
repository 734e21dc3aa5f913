"""Teams sends a click again when the answer was slow. An attacker with a stolen header might send it changed."""

from copy import deepcopy
from typing import Any

from simulator.graph.faults import Fault, Kind
from simulator.teams.places import Message
from tests.office import Office, day_with, sign_in_link, text_of

BOARD = "Change Advisory Board"


async def _script(day: Office) -> Message:
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    return day.card(BOARD)


def _value(day: Office, name: str, **action: Any) -> dict[str, Any]:
    """Return the value of this person's last click, with changes to its action."""
    value: dict[str, Any] = deepcopy(day.client(name).last["value"])
    value["action"] |= action
    return value


async def test_the_same_click_again(day: Office) -> None:
    """The same click again has the same outcome and adds no vote, even after the vote was withdrawn."""
    card = await _script(day)
    first = await day.approve("alex", card, "Tested")
    again = await day.client("alex").resend(card)
    await day.work()
    assert (again.status, text_of(again.card)) == (first.status, text_of(first.card))
    assert text_of(card.card).count("Alex Adler approved") == 1
    confirmed = deepcopy(day.client("alex").last)

    await day.look("alex", card)
    await day.click("alex", "withdraw", card)
    day.client("alex").last = confirmed
    await day.client("alex").resend(card)
    await day.work()
    assert "0 of 2 approvals" in text_of(card.card)


async def test_an_old_withdrawal_again(day: Office) -> None:
    """An old withdrawal that is sent again does not withdraw a later vote."""
    card = await _script(day)
    await day.approve("alex", card)
    await day.look("alex", card)
    await day.click("alex", "withdraw", card)
    withdrawn = deepcopy(day.client("alex").last)
    await day.approve("alex", card)

    day.client("alex").last = withdrawn
    await day.client("alex").resend(card)
    await day.work()

    assert "1 of 2 approvals" in text_of(card.card)


async def test_the_same_id_with_another_body(day: Office) -> None:
    """A click with the same id and another body is refused: an approval cannot be turned into a rejection."""
    card = await _script(day)
    await day.approve("alex", card)
    data = day.client("alex").last["value"]["action"]["data"] | {"note": "no"}

    edited = await day.client("alex").resend(card, value=_value(day, "alex", verb="confirm-reject", data=data))

    await day.work()
    assert "does not belong to you or to this card" in text_of(edited.card)
    assert "1 of 2 approvals" in text_of(card.card)


async def test_the_same_id_from_another_person(day: Office) -> None:
    """A click with the same id from another person is refused."""
    card = await _script(day)
    await day.approve("alex", card)
    cora = day.tenant.world.user("cora")
    sender = {"id": cora.mri, "name": cora.name, "aadObjectId": cora.id}

    stolen = await day.client("alex").resend(card, **{"from": sender})

    await day.work()
    assert "does not belong to you or to this card" in text_of(stolen.card)
    assert "1 of 2 approvals; Change-Advisory-Board still open" in text_of(card.card)


async def test_the_deciding_click_with_another_body(day: Office) -> None:
    """The deciding click with another body is refused, and leads to no sign-in."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.approve("dana", card)
    data = day.client("dana").last["value"]["action"]["data"] | {"note": "Not what I wrote"}

    edited = await day.client("dana").resend(card, value=_value(day, "dana", data=data))

    assert "does not belong to you or to this card" in text_of(edited.card)
    assert "signin" not in text_of(edited.card)


async def test_the_deciding_click_again(day: Office) -> None:
    """The deciding click again leads to another sign-in link, but to one vote and one call to Intune."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    first = await day.approve("dana", card)

    again = await day.client("dana").resend(card)
    assert "Intune has been told" in await day.sign_in("dana", sign_in_link(again))
    late = await day.sign_in("dana", sign_in_link(first))

    assert "nothing left to tell Intune" in late
    assert len(day.tenant.graph.decisions(filed)) == 1
    assert text_of(card.card).count("Dana Diaz approved") == 1


@day_with(group_chat=("dana", "sam", "rita"))
async def test_the_click_with_a_token_again(day: Office) -> None:
    """A click with a token that is sent again after Intune was told does nothing more."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.approve("dana", card)

    await day.client("dana").resend(card)
    await day.work()

    assert len(day.tenant.graph.decisions(filed)) == 1
    assert sum(call.path.endswith("/approve") for call in day.tenant.graph.calls) == 1
    assert "Approved, not completed yet" in text_of(card.card)


@day_with(group_chat=("dana", "sam", "rita"))
async def test_a_refusal_again(day: Office) -> None:
    """A refused click stays refused when it is sent again."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    step = await day.click("sam", "approve", card)
    card.personal.clear()
    refused = await day.press("rita", "confirm-approve", step.card, card)
    assert "your own request" in text_of(refused.card)

    again = await day.client("rita").resend(card)

    assert "your own request" in text_of(again.card)


async def test_an_intune_that_executes_twice(day: Office) -> None:
    """If a proxy delivers our call twice, Intune refuses the second one, and the card shows what Intune shows."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    answer = await day.approve("dana", card)
    day.tenant.graph.faults.append(Fault(Kind.DELIVERED_TWICE, "/approve$"))

    await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(seconds=6)

    assert len(day.tenant.graph.decisions(filed)) == 1
    assert "Approved, not completed yet" in text_of(card.card)
