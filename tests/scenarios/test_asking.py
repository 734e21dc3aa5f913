"""An operation is requested in chat, approved, filed, carried, completed, and followed until it has happened."""

from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

ASKING = day_with(asking=True)


@ASKING
async def test_a_wipe_from_the_first_word_to_the_last(day: Office) -> None:
    """Nothing is in Intune before the quorum is reached; then the order is filed, approved in Dana's name, and
    completed."""
    [asked] = await day.say("rita", "/wipe PC-1")
    assert "Wipe PC-1" in text_of(asked.card)
    await day.client("rita").click(asked, "ask", {"reason": "Stolen on the train", "name": "PC-1"})
    await day.work()
    assert day.tenant.graph.requests() == []

    card = day.card()
    answer = await day.approve("dana", card)
    assert day.tenant.graph.requests() == []
    await day.sign_in("dana", sign_in_link(answer))
    [filed] = day.tenant.graph.requests()
    assert filed.status == "completed"
    [done] = day.tenant.world.device("PC-1")["deviceActionResults"]
    assert done["actionName"] == "wipe"

    await day.pass_time(minutes=30)
    await day.poll()
    assert "✓ Done" in text_of(card.card)
    assert "✓ Done" in text_of(asked.card)
    assert verbs_of(card.card) == ["details"]
    assert day.alarms() == []
