"""The Agents Playground with the unchanged bot. Opt-in, because it is installed separately (CONTRIBUTING.md says
how)."""

from pathlib import Path
from typing import Any

from simulator.teams.buttons import button
from tests.playground.playing import SCRIPT, Placed, Play, needs_playground, played, until

pytestmark = needs_playground


async def test_two_people_at_the_playground(tmp_path: Path) -> None:
    """A card is posted, two people click, and the message is updated. All of it is signed on the way to the bot."""
    async with played(tmp_path) as play:
        await play.install()
        play.gateway.site.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        placed = await play.placed(SCRIPT)

        answers = [await _approve(play, name, placed) for name in ("alex", "cora")]

        assert "1 of 2 approvals" in str(answers[0])
        assert "Sign in" in str(answers[1])
        await until(lambda: any("Cora Costa has to sign in" in str(body) for body in play.updates()))


async def _approve(play: Play, name: str, placed: Placed) -> Any:
    """Press the button of the second step as this person, and return the bot's answer as the playground passes it
    on."""
    card, place = placed
    approve = button(card, "approve")
    assert approve is not None
    action = {**approve, "verb": "confirm-approve", "data": approve["data"] | {"note": "seen"}}
    click = {
        "name": "adaptiveCard/action",
        "value": {"action": action},
        "from": {"id": play.gateway.site.world.user(name).mri},
        "conversation": {"id": place["id"]},
        "replyToId": place["activityId"],
    }
    async with play.client.post(f"{play.address}/_conversation/v1/invoke", json=click) as response:
        return await response.json(content_type=None)
