"""A wipe is filed, held, approved in a channel, carried to Intune, and completed."""

from approvals.request import Decision, IntuneStatus
from cards.status import status_of
from tests.office import Office, sign_in_link, text_of, verbs_of


async def test_the_main_story(day: Office) -> None:
    """A wipe from the portal is approved in the channel, carried to Intune, and completed by its requestor."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")

    await day.poll()
    card = day.card()
    assert "PC-1" in text_of(card.card)
    assert "Stolen on the train" in text_of(card.card)

    own = await day.click("rita", "approve", card)
    assert "your own request" in text_of(own.card)
    outsider = await day.click("otto", "approve", card)
    assert "Only members of Device-Managers or Security-Team" in text_of(outsider.card)

    answer = await day.approve("dana", card)
    assert day.tenant.graph.request(filed).status == "needsApproval"
    page = await day.sign_in("dana", sign_in_link(answer))
    assert "Intune has been told" in page
    assert day.tenant.graph.request(filed).status == "approved"
    assert [decision.by.upn for decision in day.tenant.graph.decisions(filed)]

    day.tenant.portal.complete("rita", filed)
    await day.pass_time(minutes=1)
    await day.poll()
    request = await day.bot.store.requests.load_by_intune_id(filed)
    assert request is not None
    assert (request.decision, request.intune_status) == (Decision.APPROVED, IntuneStatus.COMPLETED)
    assert status_of(request).word == "Completed"
    assert "✓ Completed" in text_of(card.card)
    assert verbs_of(card.card) == ["details"]
