"""`Chat`: cards are posted, redrawn and spoken of, and what cannot be written says why."""

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
    """A card that stands in the channel."""
    where = await room.chat.post(InChannel(room.channel), CARD, "Wipe of PC-1 waits")
    return PostedCard("R1", InChannel(room.channel), where.conversation, where.activity_id)


async def test_a_posted_card_stands_where_it_says(room: Room) -> None:
    """In a thread of that channel, known by an id of its own."""
    first, second = await posted(room), await posted(room)

    assert first.stands_in(room.channel)
    assert first.activity_id != second.activity_id
    assert room.cards() == [(CARD, "Wipe of PC-1 waits")] * 2


async def test_an_update_redraws_the_card_for_everybody(room: Room) -> None:
    """That one, and no other."""
    await posted(room)
    await room.chat.update(await posted(room), APPROVED, "Wipe of PC-1 is approved")

    assert room.cards() == [(CARD, "Wipe of PC-1 waits"), (APPROVED, "Wipe of PC-1 is approved")]


async def test_a_reply_stands_under_its_card(room: Room) -> None:
    """And nowhere else."""
    first, second = await posted(room), await posted(room)
    await room.chat.reply(first, "Intune has been told.")

    assert room.under(first) == ["Intune has been told."]
    assert room.under(second) == []


async def test_a_deleted_card_is_gone(room: Room) -> None:
    """Nothing is posted in its place."""
    copy = await posted(room)
    room.delete(copy)

    with suppress(PortError):  # what is not found may be found again
        await room.chat.update(copy, APPROVED, "")
    room.pass_time(PASSING_SECONDS)
    with pytest.raises(Gone):
        await room.chat.update(copy, APPROVED, "")
    assert room.cards() == []


async def test_where_the_bot_is_not_nothing_can_be_written(room: Room) -> None:
    """A card that stands there is gone for it."""
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
    """Once: it is not sent again."""
    room.lose_the_answer()

    with pytest.raises(Unavailable):
        await posted(room)
    assert len(room.cards()) == 1


async def test_who_has_the_app_is_told_in_private(room: Room) -> None:
    """Who has not cannot be reached, with a line or a card."""
    await room.chat.tell(room.alex, "Your vote fell away.")

    assert room.told() == ["Your vote fell away."]
    with pytest.raises(Unreachable):
        await room.chat.tell(room.noa, "hello")
    with pytest.raises(Unreachable):
        await room.chat.post(InChat(room.noa), CARD, "")


async def test_a_card_in_somebody_s_chat_is_redrawn_there(room: Room) -> None:
    """As in a channel."""
    where = await room.chat.post(InChat(room.alex), CARD, "Wipe PC-1")
    copy = PostedCard("R1", InChat(room.alex), where.conversation, where.activity_id)
    await room.chat.update(copy, APPROVED, "Wipe of PC-1 is approved")

    assert room.cards() == []


async def test_only_who_is_in_the_channel_is_mentioned(room: Room) -> None:
    """By account."""
    assert await room.chat.mentions(room.channel, [room.alex, "nobody"]) == {room.alex: room.mention}


async def test_a_link_opens_one_card(room: Room) -> None:
    """Two cards have two links."""
    first, second = await posted(room), await posted(room)
    assert room.chat.link(first).startswith("https://")
    assert room.chat.link(first) != room.chat.link(second)
