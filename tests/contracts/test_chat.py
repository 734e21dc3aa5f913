"""`Chat`: cards are posted, redrawn and answered; an error says why something cannot be written."""

from contextlib import suppress

import pytest

from bot.teams.outbound.absences import PASSING_SECONDS
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Gone, PortError, Unavailable, Unreachable
from handlers.ports.places import InChannel, InChat
from handlers.ports.teams import CardJson
from tests.contracts.chats import Room

CARD: CardJson = {"type": "AdaptiveCard", "version": "1.5", "body": []}
APPROVED: CardJson = CARD | {"body": [{"type": "TextBlock", "text": "Approved"}]}


async def posted(room: Room) -> PostedCard:
    """Return a card that was posted in the channel."""
    where = await room.chat.post(InChannel(room.channel), CARD, "Wipe of PC-1 waits")
    return PostedCard("R1", InChannel(room.channel), where.conversation, where.activity_id)


async def test_a_posted_card_stands_where_it_says(room: Room) -> None:
    """A posted card is in a thread of its channel, under an id of its own."""
    first, second = await posted(room), await posted(room)

    assert first.stands_in(room.channel)
    assert first.activity_id != second.activity_id
    assert room.cards() == [(CARD, "Wipe of PC-1 waits")] * 2


async def test_an_update_redraws_the_card_for_everybody(room: Room) -> None:
    """An update redraws that card for everybody, and no other card."""
    await posted(room)
    await room.chat.update(await posted(room), APPROVED, "Wipe of PC-1 is approved")

    assert room.cards() == [(CARD, "Wipe of PC-1 waits"), (APPROVED, "Wipe of PC-1 is approved")]


async def test_a_reply_stands_under_its_card(room: Room) -> None:
    """A reply appears under its own card, and nowhere else."""
    first, second = await posted(room), await posted(room)
    await room.chat.reply(first, "Intune has been told.")

    assert room.under(first) == ["Intune has been told."]
    assert room.under(second) == []


async def test_a_deleted_card_is_gone(room: Room) -> None:
    """An update of a deleted card says that it is gone, and posts nothing instead."""
    copy = await posted(room)
    room.delete(copy)

    with suppress(PortError):  # a card that is not found may be found again
        await room.chat.update(copy, APPROVED, "")
    room.pass_time(PASSING_SECONDS)
    with pytest.raises(Gone):
        await room.chat.update(copy, APPROVED, "")
    assert room.cards() == []


async def test_where_the_bot_is_not_nothing_can_be_written(room: Room) -> None:
    """Where the bot is not installed nothing can be written, and a card there counts as gone."""
    copy = await posted(room)
    room.remove_the_bot()

    for writing in (
        room.chat.post(InChannel(room.channel), CARD, ""),
        room.chat.say(room.channel, "hello"),
        room.chat.reply(copy, "hello"),
    ):
        with pytest.raises(Unreachable):
            await writing
    with pytest.raises(Gone):
        await room.chat.update(copy, APPROVED, "")


async def test_a_post_whose_answer_is_lost_may_stand_there(room: Room) -> None:
    """A post whose answer is lost may have succeeded; the client does not send it again."""
    room.lose_the_answer()

    with pytest.raises(Unavailable):
        await posted(room)
    assert len(room.cards()) == 1


async def test_who_has_the_app_is_told_in_private(room: Room) -> None:
    """A person who has the app is told in private; a person without it cannot be reached by a line or a card."""
    await room.chat.tell(room.alex, "Your vote fell away.")

    assert room.told() == ["Your vote fell away."]
    with pytest.raises(Unreachable):
        await room.chat.tell(room.noa, "hello")
    with pytest.raises(Unreachable):
        await room.chat.post(InChat(room.noa), CARD, "")


async def test_a_card_in_somebody_s_chat_is_redrawn_there(room: Room) -> None:
    """A card in a 1:1 chat is redrawn there."""
    where = await room.chat.post(InChat(room.alex), CARD, "Wipe PC-1")
    copy = PostedCard("R1", InChat(room.alex), where.conversation, where.activity_id)
    await room.chat.update(copy, APPROVED, "Wipe of PC-1 is approved")

    assert room.cards() == []


async def test_only_who_is_in_the_channel_is_mentioned(room: Room) -> None:
    """Only people in the channel are mentioned; they are found by account."""
    assert await room.chat.mentions(room.channel, [room.alex, "nobody"]) == {room.alex: room.mention}


async def test_a_link_opens_one_card(room: Room) -> None:
    """The link of a card opens that card, so two cards have two links."""
    first, second = await posted(room), await posted(room)
    assert room.chat.link(first).startswith("https://")
    assert room.chat.link(first) != room.chat.link(second)
