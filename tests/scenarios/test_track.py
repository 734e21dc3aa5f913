"""With `decisions: track` no token is used: votes are counted here, people decide in Intune, and the bot follows."""

from simulator.teams.buttons import titles
from tests.office import Office, day_with, text_of, verbs_of

BOARD = "Change Advisory Board"


@day_with(decisions="track")
async def test_the_whole_way(day: Office) -> None:
    """A request is approved here, then in Intune by the same person, and completed by its requestor."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.install_for("rita")
    await day.poll()
    card = day.card()

    step = await day.click("dana", "approve", card)
    assert "It then has to be decided in Intune as well." in text_of(step.card)
    answer = await day.click("dana", "confirm-approve", card)
    assert "Sign in" not in titles(answer.card)
    assert "Approve in Intune" in titles(card.card)
    assert "Now an approver has to approve it in Intune as well." in text_of(card.card)
    assert "finish" not in verbs_of(card.card)

    day.tenant.portal.approve("dana", filed)
    await day.poll()
    assert "Approved, not completed yet" in text_of(card.card)
    assert "press Complete in Intune" in day.told("rita")[-1]

    day.tenant.portal.complete("rita", filed)
    await day.poll()
    assert "Completed" in text_of(card.card)
    assert day.alarms() == []
    assert all("approve" not in call.path.lower().split("/")[-1] for call in day.tenant.graph.calls)


@day_with(decisions="track")
async def test_two_people_and_the_portal(day: Office) -> None:
    """A vote by card and a vote in the portal both count."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    await day.approve("alex", card)

    day.tenant.portal.approve("cora", filed)
    await day.poll()

    assert "Approved, not completed yet" in text_of(card.card)
    assert "Cora Costa approved in Intune" in text_of(card.card)
    assert day.alarms() == []


@day_with(decisions="track")
async def test_rejected_here(day: Office) -> None:
    """Until a rejection is also made in Intune, the card says so and says what to do there."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    await day.reject("dana", card, "She found it")
    assert "Rejected here, still open in Intune" in text_of(card.card)
    assert "Now an approver has to reject it in Intune as well." in text_of(card.card)

    day.tenant.portal.reject("sam", filed)
    await day.poll()
    assert "still open" not in text_of(card.card)
    assert day.alarms() == []


@day_with(decisions="track")
async def test_somebody_else_approves_what_was_rejected(day: Office) -> None:
    """If somebody approves in Intune what was rejected here, there is an alarm; the card offers no button that would
    need a token."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.reject("dana", card, "She found it")

    day.tenant.portal.approve("sam", filed)
    await day.poll()

    assert "Rejected here, but somebody approved it" in day.alarms()[0]
    assert "Rejected here, but somebody approved it" in text_of(card.card)
    assert verbs_of(card.card) == ["details"]
    assert "Open in Intune" in titles(card.card)


@day_with(decisions="track")
async def test_a_requestor_whom_nothing_names(day: Office) -> None:
    """If nothing names the requestor, nobody can prove that the request is not their own, so it can only be approved in
    Intune."""
    day.tenant.graph.knobs.identity_sets = "null"
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.audit_events.clear()
    await day.poll()

    card = day.card()
    assert "it can only be approved in Intune" in text_of(card.card)
    assert verbs_of(card.card) == ["reject", "details"]
