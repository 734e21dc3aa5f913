"""Teams sends a click again when an answer was slow; somebody with a stolen header might send it changed."""

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
    """The value of somebody's last click, with another action."""
    value: dict[str, Any] = deepcopy(day.client(name).last["value"])
    value["action"] |= action
    return value


async def test_the_same_click_again(day: Office) -> None:
    """The same outcome, and no second vote; also when the vote has been taken back meanwhile."""
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


async def test_the_same_id_with_another_body(day: Office) -> None:
    """An approval does not become a rejection by editing what was sent."""
    card = await _script(day)
    await day.approve("alex", card)
    data = day.client("alex").last["value"]["action"]["data"] | {"note": "no"}

    edited = await day.client("alex").resend(card, value=_value(day, "alex", verb="confirm-reject", data=data))

    await day.work()
    assert "does not belong to you or to this card" in text_of(edited.card)
    assert "1 of 2 approvals" in text_of(card.card)


async def test_the_same_id_from_another_person(day: Office) -> None:
    """Somebody else's click is not theirs to send."""
    card = await _script(day)
    await day.approve("alex", card)
    cora = day.tenant.world.user("cora")
    sender = {"id": cora.mri, "name": cora.name, "aadObjectId": cora.id}

    stolen = await day.client("alex").resend(card, **{"from": sender})

    await day.work()
    assert "does not belong to you or to this card" in text_of(stolen.card)
    assert "1 of 2 approvals; Change-Advisory-Board still open" in text_of(card.card)


async def test_the_deciding_click_with_another_body(day: Office) -> None:
    """It is no way on to Intune: whoever edits what was sent is not asked to sign in for it."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.approve("dana", card)
    data = day.client("dana").last["value"]["action"]["data"] | {"note": "Not what I wrote"}

    edited = await day.client("dana").resend(card, value=_value(day, "dana", data=data))

    assert "does not belong to you or to this card" in text_of(edited.card)
    assert "signin" not in text_of(edited.card)


async def test_the_deciding_click_again(day: Office) -> None:
    """It goes on where it was: another way to sign in, one vote, Intune told once."""
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
    """A repetition after Intune was told finds nothing left to do."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.approve("dana", card)

    await day.client("dana").resend(card)
    await day.work()

    assert len(day.tenant.graph.decisions(filed)) == 1
    assert sum(call.path.endswith("/approve") for call in day.tenant.graph.calls) == 1
    assert "Approved, not completed yet" in text_of(card.card)


async def test_an_intune_that_executes_twice(day: Office) -> None:
    """A proxy that repeats our call: Intune refuses the second, and what it shows is what counts."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    answer = await day.approve("dana", card)
    day.tenant.graph.faults.append(Fault(Kind.DELIVERED_TWICE, "/approve$"))

    await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(seconds=6)

    assert len(day.tenant.graph.decisions(filed)) == 1
    assert "Approved, not completed yet" in text_of(card.card)
