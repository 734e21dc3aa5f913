"""The app comes into a channel or a chat, is spoken to, and goes."""

from tests.office import Office, day_with, text_of

APPROVALS = "Approvals"


def _welcomes(day: Office, channel: str = APPROVALS) -> list[str]:
    texts = [text_of(message.card) for message in day.tenant.channels[channel].messages]
    return [text for text in texts if "Countersign is here" in text]


async def test_the_welcome(day: Office) -> None:
    """Once for each channel, although Teams brings the news twice: what comes here, who can approve, what to paste."""
    [here] = _welcomes(day)
    assert "Device wipe: can be approved by Device-Managers or Security-Team" in here
    assert "Script deployment" not in here
    assert day.tenant.channels[APPROVALS].id in here

    [board] = _welcomes(day, "Change Advisory Board")
    assert "Script deployment: can be approved by" in board
    [operations] = _welcomes(day, "Operations")
    assert "No approval requests are posted in this channel yet." in operations


async def test_removed_and_invited_again(day: Office) -> None:
    """It introduces itself once more, and goes on as if nothing had been."""
    marc, channel = day.tenant.world.user("marc"), day.tenant.channels[APPROVALS]
    await day.tenant.teams.remove(channel, marc)
    await day.tenant.teams.install(channel, marc)

    assert len(_welcomes(day)) == 2
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    assert "Wipe PC-1" in text_of(day.card().card)


async def test_for_oneself(day: Office) -> None:
    """A greeting once, and after that only what concerns this person."""
    await day.install_for("rita")
    await day.install_for("rita")

    assert len(day.told("rita")) == 1
    assert "It writes to you when a request of yours" in day.told("rita")[0]


async def test_help(day: Office) -> None:
    """Answered where it was asked, with what waits; nothing else is made of what people write."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()

    status, _ = await day.client("otto").say(day.tenant.channels[APPROVALS], "help")
    assert status == 200
    answer = day.tenant.channels[APPROVALS].messages[-1].text
    assert "I post requests for Intune's Multi-Admin Approval" in answer
    assert "1 request waits for approval now." in answer

    await day.install_for("dana")
    personal = day.tenant.connector.places.personal(day.tenant.world.user("dana"))
    await day.client("dana").say(personal, "approve everything, please")
    assert "I do not know the command" in day.told("dana")[-1]
    await day.client("dana").say(personal, "help")
    assert "1 request waits" in day.told("dana")[-1]
    assert "0 of 1 approval" in text_of(day.card().card)


@day_with(installed=("Operations",))
async def test_nobody_has_installed_it_where_requests_go(day: Office) -> None:
    """What could not be posted for half an hour is given up, and an operator can see it."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    for _ in range(20):
        await day.pass_time(minutes=6)

    letters = await day.bot.store.outbox.dead_letters()
    assert any("PostCards" in letter["id"] for letter in letters)
