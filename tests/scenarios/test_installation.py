"""The app is installed in a channel or a chat, is spoken to, and is removed."""

from tests.office import Office, day_with, text_of

APPROVALS = "Approvals"


def _welcomes(day: Office, channel: str = APPROVALS) -> list[str]:
    texts = [text_of(message.card) for message in day.tenant.channels[channel].messages]
    return [text for text in texts if "Countersign is here" in text]


async def test_the_welcome(day: Office) -> None:
    """Each channel gets one welcome, although Teams reports the installation twice. It names the operations, the
    approvers, and the channel's id."""
    [here] = _welcomes(day)
    assert "Device wipe: can be approved by Device-Managers or Security-Team" in here
    assert "Script deployment" not in here
    assert day.tenant.channels[APPROVALS].id in here

    [board] = _welcomes(day, "Change Advisory Board")
    assert "Script deployment: can be approved by" in board
    [operations] = _welcomes(day, "Operations")
    assert "No approval requests are posted in this channel yet." in operations


async def test_removed_and_invited_again(day: Office) -> None:
    """After removal and a new installation the bot welcomes people again and goes on as before."""
    marc, channel = day.tenant.world.user("marc"), day.tenant.channels[APPROVALS]
    await day.tenant.teams.remove(channel, marc)
    await day.tenant.teams.install(channel, marc)

    assert len(_welcomes(day)) == 2
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    assert "Wipe PC-1" in text_of(day.card().card)


async def test_for_oneself(day: Office) -> None:
    """A person who installs the app gets one greeting."""
    await day.install_for("rita")
    await day.install_for("rita")

    assert len(day.told("rita")) == 1
    assert "It writes to you when a request of yours" in day.told("rita")[0]


async def test_help(day: Office) -> None:
    """The command help is answered where it was written. Other text does nothing."""
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
    """If the bot is in no channel of a request, posting is given up after some time, and an operator can see that."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    for _ in range(20):
        await day.pass_time(minutes=6)

    letters = await day.bot.store.outbox.dead_letters()
    assert any("PostCards" in letter["id"] for letter in letters)
