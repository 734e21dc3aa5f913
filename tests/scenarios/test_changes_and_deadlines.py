"""A vote counts only for what its voter saw, and only before the deadline."""

from datetime import timedelta

from simulator.graph.knobs import Knobs
from simulator.inventory import encoded
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

BOARD = "Change Advisory Board"


def _change_what_is_asked(day: Office, filed: str) -> None:
    """Edit the held script in Intune."""
    request = day.tenant.graph.request(filed)
    request.details = {**request.details, "patchPayload": {"scriptContent": encoded("Format-Volume C\n")}}
    request.modified_at = day.tenant.clock.now()


async def test_changed_after_a_vote(day: Office) -> None:
    """A change in Intune voids earlier votes, and their voters are told. A click on the old card is refused."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    await day.install_for("alex")
    await day.approve("alex", card)
    step = await day.click("cora", "approve", card)
    assert "Your approval decides." in text_of(step.card)

    _change_what_is_asked(day, filed)
    await day.pass_time(minutes=1)
    await day.poll()

    assert "0 of 2 approvals" in text_of(card.card)
    assert "Earlier votes are void" in day.replies(card)[-1]
    assert "Earlier votes are void; please read it again." in day.told("alex")[-1]
    late = await day.press("cora", "confirm-approve", step.card, card)
    assert "has changed since this card was drawn" in text_of(late.card)
    assert "0 of 2 approvals" in text_of(card.card)

    await day.approve("alex", card)
    answer = await day.approve("cora", card)
    assert "Intune has been told" in await day.sign_in("cora", sign_in_link(answer))


async def test_changed_between_the_decision_and_intune(day: Office) -> None:
    """The request is read again before the decision is carried. If it has changed, nothing is approved, and Operations
    is told."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    await day.approve("alex", card)
    answer = await day.approve("cora", card)

    _change_what_is_asked(day, filed)
    page = await day.sign_in("cora", sign_in_link(answer))

    assert "no longer what was decided on" in page
    assert day.tenant.graph.decisions(filed) == []
    assert "Alarm: changed after the decision" in text_of(card.card)
    assert "finish" not in verbs_of(card.card)
    assert len(day.alarms()) == 1


async def test_our_deadline_passes(day: Office) -> None:
    """After our deadline nobody can vote, but the votes stay visible, and the request is followed until it ends in
    Intune."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    step = await day.click("cora", "approve", card)
    card.personal.clear()
    await day.approve("alex", card)

    await day.pass_time(hours=24)
    assert "Expired" in text_of(card.card)
    assert "The deadline here has passed. In Intune it is still open." in text_of(card.card)
    assert "Alex Adler approved" in text_of(card.card)
    assert "Expired with 1 of 2 approvals" in day.replies(card)[-1]
    assert verbs_of(card.card) == ["details"]
    assert "This request is closed: expired." in text_of(
        (await day.press("cora", "confirm-approve", step.card, card)).card
    )

    day.tenant.portal.approve("alex", filed)
    await day.poll()
    assert "The deadline here has passed without the quorum, and Intune says approved" in day.alarms()[0]
    assert "cancel-approval" in verbs_of(card.card)


async def test_it_expires_in_intune_too(day: Office) -> None:
    """When the request has expired in Intune as well, the card no longer says that it is open there."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.pass_time(hours=24)
    await day.pass_time(hours=48)

    await day.poll()

    assert "still open" not in text_of(card.card)
    assert "Expired" in text_of(card.card)
    assert not await day.bot.store.requests.open_ids()
    assert day.alarms() == []


@day_with(knobs=Knobs(expiry=timedelta(hours=2)))
async def test_intunes_deadline_is_earlier(day: Office) -> None:
    """If Intune's deadline is earlier than ours, it counts here as well."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    step = await day.click("dana", "approve", card)
    assert "Intune closes" not in text_of(card.card)
    assert "2026-11-23T10:00:00Z" in text_of(card.card)

    day.tenant.clock.advance(timedelta(hours=2))
    late = await day.press("dana", "confirm-approve", step.card, card)

    assert "The deadline has passed" in text_of(late.card)
    await day.poll()
    assert "Expired" in text_of(card.card)


@day_with(deadlines={"standard": "PT1H"})
async def test_finish_after_our_deadline(day: Office) -> None:
    """A decision that was made in time can be finished after our deadline, as long as Intune's own has not passed."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.approve("dana", card)

    await day.pass_time(hours=5)
    answer = await day.click("sam", "finish", card)
    assert "Intune has been told" in await day.sign_in("sam", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"
