"""The chat port in a simulated tenant: Entra gives the token, and Teams counts and refuses."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.ports.errors import Gone, Unavailable, Unreachable
from simulator import certificate
from simulator.keys import SigningKey
from simulator.teams.faults import Fault, Kind
from tests.bot.teams.office import CARD, Office, connected


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def office(authority: certificate.Authority, key: SigningKey, tmp_path: Path) -> AsyncIterator[Office]:
    async with connected(authority, key, tmp_path) as here:
        yield here


async def test_fifty_lines_keep_the_limits(office: Office) -> None:
    """The bot keeps the limits of Teams, so that none of fifty lines is refused."""
    copy = await office.post()
    for number in range(50):
        await office.chat.reply(copy, str(number))
    assert len(office.channel.messages) == 51
    assert len(office.teams.calls) == 51


async def test_storm_of_edits(office: Office) -> None:
    """A hundred edits of one card at once end with the latest card, and only a few are sent."""
    copy = await office.post()
    await asyncio.gather(*(office.chat.update(copy, CARD, str(number)) for number in range(100)))
    [card] = office.channel.messages
    assert card.activity["summary"] == "99"
    assert len(card.versions) <= 3


async def test_edit_survives_trouble(office: Office) -> None:
    """An edit succeeds after a 502 and a lost answer."""
    copy = await office.post()
    office.teams.faults += [
        Fault(Kind.STATUS, 502, "PUT"),
        Fault(Kind.LOST_ANSWER, method="PUT"),
    ]
    await office.chat.update(copy, CARD, "Approved")
    assert office.channel.messages[0].activity["summary"] == "Approved"


async def test_deleted_archived_removed(office: Office) -> None:
    """If the team is archived or the bot was removed, the card is gone; a deleted card is first tried again."""
    copy = await office.post()
    office.channel.archived = True
    with pytest.raises(Gone, match="ConversationArchived"):
        await office.chat.update(copy, CARD, "")
    office.channel.archived, office.channel.installed = False, False
    with pytest.raises(Gone, match="BotNotInConversationRoster"):
        await office.chat.update(copy, CARD, "")
    office.channel.installed, office.channel.messages[0].deleted = True, True
    with pytest.raises(Unavailable, match="ActivityNotFoundInConversation"):
        await office.chat.update(copy, CARD, "")  # Teams may find it again


async def test_who_is_not_in_teams_cannot_be_reached(office: Office) -> None:
    """An account without Teams, such as a shared emergency account, cannot be reached."""
    emergency = office.teams.places._world.user("emergency-admin-1")
    with pytest.raises(Unreachable):
        await office.chat.tell(emergency.id, "hello")


async def test_mentions_in_the_channel(office: Office) -> None:
    """Only accounts that are in the channel become mentions."""
    world = office.teams.places._world
    alex, emergency = world.user("alex"), world.user("emergency-admin-1")
    found = await office.chat.mentions(office.channel.id, [alex.id, emergency.id])
    assert {account: mention.mri for account, mention in found.items()} == {alex.id: alex.mri}
