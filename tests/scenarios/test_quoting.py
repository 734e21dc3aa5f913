"""People reply to the bot and quote what it wrote."""

import pytest

from simulator.teams.composing import Shape
from tests.office import Office, text_of

APPROVALS = "Approvals"


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("personal", [False, True])
async def test_a_command_with_a_quote(day: Office, shape: Shape, personal: bool) -> None:
    """A command with a quote is understood as if it had no quote."""
    await day.install_for("dana")
    dana = day.client("dana")
    place = day.tenant.connector.places.personal(dana.user) if personal else day.tenant.channels[APPROVALS]
    await dana.say(place, "help")

    await dana.quote(place, "pending", place.messages[-1], shape)

    assert "Nothing waits that you may see." in text_of(place.messages[-1].card)


@pytest.mark.parametrize("shape", Shape)
async def test_a_card_is_quoted(day: Office, shape: Shape) -> None:
    """The text of a quoted card is not taken for the person's words."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card, channel = day.card(), day.tenant.channels[APPROVALS]

    await day.client("dana").quote(channel, "pending", card, shape)

    assert "Wipe PC-1" in text_of(card.card)
    assert "I do not know" not in channel.messages[-1].text
    assert "Wipe PC-1" in text_of(channel.messages[-1].card)
