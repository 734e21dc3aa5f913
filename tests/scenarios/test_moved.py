"""Teams starts to use another service address."""

import pytest

from handlers.ports.teams import ChannelReference
from tests.office import Office, day_with, text_of

APPROVALS = "Approvals"


async def address(day: Office) -> str:
    """Return the service address that the bot knows for the channel."""
    known = await day.bot.store.conversations.channel(day.tenant.channels[APPROVALS].id)
    assert known is not None
    return known.service_url


@pytest.mark.parametrize("by", ["a message", "a slash command", "a click", "a refresh"])
async def test_whoever_speaks_brings_the_latest_address(day: Office, by: str) -> None:
    """Any kind of activity brings the latest address, and cards are posted there from then on."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card, channel = day.card(), day.tenant.channels[APPROVALS]
    old = await address(day)
    day.tenant.connector.knobs.region = "emea"

    match by:
        case "a message":
            await day.client("dana").say(channel, "help")
        case "a slash command":
            await day.client("dana").slash(channel, "/help")
        case "a click":
            await day.client("dana").click(card, "Details")
        case _:
            await day.client("dana").refresh(card)

    assert (old, await address(day)) == (f"{day.tenant.connector.origin}/teams/", day.tenant.connector.service_url)
    day.tenant.portal.file_wipe("rita", "PC-2", "Stolen")
    await day.poll()
    assert any("Wipe PC-2" in text_of(message.card) for message in channel.messages)


async def test_an_address_that_the_token_does_not_name_changes_nothing(day: Office) -> None:
    """An address that the token does not name, or that is not allowed, is refused and changes nothing."""
    channel, client = day.tenant.channels[APPROVALS], day.client("dana")
    await client.say(channel, "help")
    said, old = dict(client.last), await address(day)
    for number, elsewhere in enumerate((f"{day.tenant.connector.origin}/emea/", "https://evil.example/teams/")):
        token = day.tenant.teams.minter.good(serviceurl=elsewhere) if "evil" in elsewhere else None
        sent = said | {"id": f"f:{number}", "serviceUrl": elsewhere}
        assert (await day.tenant.teams.post(sent, token))[0] == 403

    assert await address(day) == old


async def test_where_the_bot_is_not_installed_nothing_is_remembered(day: Office) -> None:
    """A message does not make a forgotten channel known again."""
    channel = day.tenant.channels[APPROVALS]
    await day.bot.store.conversations.forget_channel(channel.id)

    await day.client("dana").say(channel, "help")

    assert await day.bot.store.conversations.channel(channel.id) is None


async def test_only_the_address_changes(day: Office) -> None:
    """Only the address of the channel changes; everything else stays."""
    channel = day.tenant.channels[APPROVALS]
    before = await day.bot.store.conversations.channel(channel.id)
    day.tenant.connector.knobs.region = "emea"
    await day.client("dana").say(channel, "help")

    assert before is not None
    assert await day.bot.store.conversations.channel(channel.id) == ChannelReference(
        channel.id, day.tenant.connector.service_url, before.team, before.name
    )


@day_with(asking=True)
async def test_a_click_in_a_chat_brings_it_too(day: Office) -> None:
    """A click in a 1:1 chat brings its latest address as well."""
    await day.install_for("rita")
    card = await day.ask("rita", "/wipe PC-1", typed="PC-1")
    day.tenant.connector.knobs.region = "emea"

    await day.client("rita").click(card, "Details")

    known = await day.bot.store.conversations.person(day.tenant.world.user("rita").id)
    assert known is not None
    assert known.service_url == day.tenant.connector.service_url


async def test_the_other_channels_move_too(day: Office) -> None:
    """When one channel has moved, what waits for a channel where nobody speaks is posted as well."""
    day.tenant.connector.knobs.region = "emea"
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    for _ in range(20):
        await day.pass_time(minutes=6)
    assert day.requests() == []

    await day.client("dana").say(day.tenant.channels["Operations"], "help")
    await day.work()

    assert await address(day) == day.tenant.connector.service_url
    assert any("Wipe PC-1" in text_of(message.card) for message in day.requests())
