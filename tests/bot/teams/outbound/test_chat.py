"""Writing to channels and people: what arrives in Teams, and what each refusal means."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from bot.teams.outbound.absences import FORGOTTEN_SECONDS, PASSING_SECONDS
from bot.teams.outbound.chat import ROSTER_SECONDS, SILENCE_SECONDS, TeamsChat
from bot.teams.outbound.connector import ATTEMPTS
from bot.teams.outbound.wire import TeamsRefused, Transient
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Gone, NotPrivate, PortError, Unavailable, Unreachable
from handlers.ports.places import InChannel, InChat
from handlers.ports.teams import Address, ChannelReference, Mention, PersonalReference, Posted
from tests.bot.teams.outbound.outbound import (
    CHANNEL,
    ScriptedTeams,
    Time,
    connector_for,
)
from tests.fakes.conversations import Conversations

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}
COPY = PostedCard("r1", InChannel(CHANNEL), f"{CHANNEL};messageid=1700", "1700")
ALEX = Mention("29:alex", "Alex Adler")


@pytest.fixture
def remembered() -> Conversations:
    return Conversations()


@pytest.fixture
def chat(session: aiohttp.ClientSession, teams: ScriptedTeams, time: Time, remembered: Conversations) -> TeamsChat:
    connector = connector_for(session, teams.origin, time)
    return TeamsChat(connector, remembered, f"{teams.origin}/default", time.monotonic)


# --- channels -----------------------------------------------------------------------------------------------------


async def test_post(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A card starts a thread with a summary for the notification, and without text, because Teams would split it into
    two messages."""
    posted = await chat.post(InChannel(CHANNEL), CARD, "Wipe of PC-1 waits")
    assert posted == Posted(f"{CHANNEL};messageid=1700", "1700")
    [call] = teams.calls
    message = call.body["activity"]
    assert call.path == "/default/v3/conversations"
    assert message["summary"] == "Wipe of PC-1 waits"
    assert message["attachments"] == [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}]
    assert not {"text", "entities"} & message.keys()


async def test_two_of_one_name(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """Mentions come before the text, and two people of one name get different tags, because Teams matches tags by their
    text."""
    whom = [ALEX, Mention("29:x", "A <b> & co"), Mention("29:alex-2", ALEX.name)]
    await chat.reply(COPY, "Wipe of PC-1 waits.", whom)
    message = teams.calls[0].body
    tags = ["<at>Alex Adler</at>", "<at>A &lt;b&gt; &amp; co</at>", "<at>Alex Adler (2)</at>"]
    assert message["text"] == " ".join([*tags, "Wipe of PC-1 waits."])
    assert [entity["text"] for entity in message["entities"]] == tags
    assert [entity["mentioned"]["id"] for entity in message["entities"]] == ["29:alex", "29:x", "29:alex-2"]


async def test_remembered_service(teams: ScriptedTeams, chat: TeamsChat, remembered: Conversations) -> None:
    """If Teams has told the service address of a channel, that address is used."""
    remembered.channels[CHANNEL] = ChannelReference(CHANNEL, f"{teams.origin}/amer/tenant/")
    await chat.say(CHANNEL, "hello")
    assert teams.calls[0].path == "/amer/tenant/v3/conversations"


async def test_remembered_service_is_checked(teams: ScriptedTeams, chat: TeamsChat, remembered: Conversations) -> None:
    """A service address that is not allowed is refused, even if it comes from the store."""
    evil = "https://evil.example/"
    remembered.channels[CHANNEL] = ChannelReference(CHANNEL, evil)
    remembered.people["oid"] = PersonalReference("oid", "29:oid", evil, "a:1")
    for call in (
        chat.post(InChannel(CHANNEL), CARD, ""),
        chat.say(CHANNEL, ""),
        chat.reply(COPY, ""),
        chat.tell("oid", ""),
    ):
        with pytest.raises(Unreachable):
            await call
    assert not teams.calls


async def test_text_is_shown_letter_by_letter(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """Text is shown as it is, and cannot become markup, a link or a mention."""
    await chat.say(CHANNEL, "<at>Everyone</at> [x](https://evil.example) & <b>")
    message = teams.calls[0].body["activity"]
    assert message["textFormat"] == "xml"
    assert message["text"] == "&lt;at&gt;Everyone&lt;/at&gt; [x](https://evil.example) &amp; &lt;b&gt;"
    assert message["entities"] == []


async def test_reply_in_thread(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A reply goes into the thread of its card, also if only the channel was remembered."""
    await chat.reply(COPY, "It waits for one.", [ALEX])
    await chat.reply(PostedCard("r1", InChannel(CHANNEL), CHANNEL, "1700"), "It waits for one.")
    assert {call.path for call in teams.calls} == {
        "/default/v3/conversations/19%3Aoperations%40thread.tacv2%3Bmessageid%3D1700/activities"
    }
    assert teams.calls[0].body["text"] == "<at>Alex Adler</at> It waits for one."


def closed(teams: ScriptedTeams, status: int) -> None:
    """Make Teams answer that the bot cannot write there."""
    teams.tell(status, {"error": {"code": "BotNotInConversationRoster"}} if status == 403 else None)


WRITES: dict[str, Callable[[TeamsChat], Awaitable[object]]] = {
    "post": lambda chat: chat.post(InChannel(CHANNEL), CARD, ""),
    "say": lambda chat: chat.say(CHANNEL, "hello"),
    "reply": lambda chat: chat.reply(COPY, "hello"),
    "tell": lambda chat: chat.tell("oid", "hello"),
}


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("status", [403, 410])
async def test_where_the_bot_is_not(teams: ScriptedTeams, chat: TeamsChat, what: str, status: int) -> None:
    """Writing to a place that is gone, or that the bot is not in, raises `Unreachable`."""
    closed(teams, status)
    with pytest.raises(Unreachable, match=str(status)):
        await WRITES[what](chat)


@pytest.mark.parametrize("what", WRITES)
async def test_not_found_in_passing(teams: ScriptedTeams, chat: TeamsChat, time: Time, what: str) -> None:
    """A place that is not found is tried again for some minutes, and then it is unreachable."""
    for seconds, means in ((0, Unavailable), (PASSING_SECONDS - 1, Unavailable), (1, Unreachable)):
        time.now += seconds
        teams.tell(404)
        with pytest.raises(means, match="404"):
            await WRITES[what](chat)


@pytest.mark.parametrize("what", WRITES)
async def test_found_again(teams: ScriptedTeams, chat: TeamsChat, time: Time, what: str) -> None:
    """If a write succeeds, the time for "not found" begins anew."""
    for _ in range(2):
        teams.tell(404)
        with pytest.raises(Unavailable):
            await WRITES[what](chat)
        await WRITES[what](chat)
        time.now += PASSING_SECONDS


@pytest.mark.parametrize("what", [*WRITES, "update"])
async def test_two_that_were_not_found_far_apart(teams: ScriptedTeams, chat: TeamsChat, time: Time, what: str) -> None:
    """Two 404 far apart are two temporary ones, although this replica has seen no success between them."""
    writes = WRITES | {"update": lambda chat: chat.update(COPY, CARD, "")}
    for _ in range(3):
        teams.tell(404)
        with pytest.raises(Unavailable, match="404"):
            await writes[what](chat)
        time.now += FORGOTTEN_SECONDS + 1


@pytest.mark.parametrize("code", ["BadArgument", "ServiceError", "Unknown", ""])
@pytest.mark.parametrize("what", [*WRITES, "update"])
async def test_a_refusal_that_does_not_speak_of_the_place(
    teams: ScriptedTeams, chat: TeamsChat, what: str, code: str
) -> None:
    """A refusal that does not concern the place is tried again, and is not taken as a sign that a card or a person is
    gone."""
    writes = WRITES | {"update": lambda chat: chat.update(COPY, CARD, "")}
    told = {"error": {"code": code}}
    teams.tell(403, told)
    await writes[what](chat)
    for _ in range(ATTEMPTS):
        teams.tell(403, told)
    with pytest.raises(Transient):
        await writes[what](chat)


async def test_taken_and_not_named(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """If Teams accepts a message without an id, it is not sent again; a card without an id in the answer has the id
    from its thread, or none."""
    for what in ("say", "reply", "tell"):
        teams.calls.clear()
        if what == "tell":
            teams.tell(201, {"id": "a:new"})
        teams.tell(202, {})
        await WRITES[what](chat)
        assert len(teams.calls) == (2 if what == "tell" else 1)
    teams.tell(202, {"id": f"{CHANNEL};messageid=9"})
    assert await chat.post(InChannel(CHANNEL), CARD, "") == Posted(f"{CHANNEL};messageid=9", "9")
    teams.tell(202, {})
    assert await chat.post(InChannel(CHANNEL), CARD, "") == Posted(CHANNEL, "")


@pytest.mark.parametrize(
    "named", ["1700", "19:other@thread.tacv2;messageid=1700", f"{CHANNEL};messageid=1700", CHANNEL]
)
async def test_a_thread_is_in_its_channel(teams: ScriptedTeams, chat: TeamsChat, named: str) -> None:
    """The address of a thread begins with its channel, also if Teams answers with the id of something else."""
    teams.tell(201, {"id": named, "activityId": "1700"})
    assert await chat.post(InChannel(CHANNEL), CARD, "") == Posted(f"{CHANNEL};messageid=1700", "1700")


async def test_lost_post(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A card whose answer was lost is not posted again, because it may be there."""
    teams.tell(lost=True)
    with pytest.raises(Unavailable):
        await chat.post(InChannel(CHANNEL), CARD, "")
    assert teams.methods() == ["POST"]


# --- edits --------------------------------------------------------------------------------------------------------


async def test_update(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """An update replaces the posted card."""
    await chat.update(COPY, CARD, "Approved")
    [call] = teams.calls
    assert call.method == "PUT"
    assert call.path.endswith("%3Bmessageid%3D1700/activities/1700")
    assert (call.body["summary"], call.body["attachments"][0]["content"]) == ("Approved", CARD)


async def test_updates_of_one_card_are_coalesced(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """While one edit is under way, only the latest of the waiting edits is sent afterwards."""
    hold = asyncio.Event()
    teams.tell(hold=hold)
    tasks = [asyncio.create_task(chat.update(COPY, CARD, "0"))]
    await teams.arrived.wait()
    tasks += [asyncio.create_task(chat.update(COPY, CARD, str(number))) for number in range(1, 30)]
    await asyncio.sleep(0)
    hold.set()
    await asyncio.gather(*tasks)
    assert [call.body["summary"] for call in teams.calls] == ["0", "29"]


async def test_an_edit_tried_again_brings_the_latest(teams: ScriptedTeams, chat: TeamsChat, time: Time) -> None:
    """If an edit is replaced by a newer one while it is tried again, the newer card is sent."""
    later: list[asyncio.Task[None]] = []

    async def meanwhile() -> None:
        later.append(asyncio.create_task(chat.update(COPY, CARD, "new")))
        await asyncio.sleep(0)

    time.on_sleep = meanwhile
    teams.tell(502)
    await chat.update(COPY, CARD, "old")
    await asyncio.gather(*later)
    assert [call.body["summary"] for call in teams.calls] == ["old", "new"]


@pytest.mark.parametrize("status", [403, 410])
async def test_gone(teams: ScriptedTeams, chat: TeamsChat, status: int) -> None:
    """Editing a card in a channel that the bot is not in raises `Gone`."""
    closed(teams, status)
    with pytest.raises(Gone, match=str(status)):
        await chat.update(COPY, CARD, "")


async def test_a_card_that_is_not_found(teams: ScriptedTeams, chat: TeamsChat, time: Time) -> None:
    """A card that is not found for some minutes is gone."""
    for seconds, means in ((0, Unavailable), (PASSING_SECONDS - 1, Unavailable), (1, Gone)):
        time.now += seconds
        teams.tell(404)
        with pytest.raises(means, match="404"):
            await chat.update(COPY, CARD, "")


@pytest.mark.parametrize("status", [400, 401, 413])
async def test_not_gone(teams: ScriptedTeams, chat: TeamsChat, status: int) -> None:
    """A refusal that is our own fault does not count as a card that is gone."""
    for _ in range(2):  # a refused token is renewed once
        teams.tell(status)
    with pytest.raises(PortError) as failed:
        await chat.update(COPY, CARD, "")
    assert not isinstance(failed.value, Gone | Unavailable)


# --- people -------------------------------------------------------------------------------------------------------


async def test_tell_where_known(teams: ScriptedTeams, chat: TeamsChat, remembered: Conversations) -> None:
    """A person with a known conversation is written to there."""
    remembered.people["oid"] = PersonalReference("oid", "29:oid", f"{teams.origin}/emea/", "a:known")
    await chat.tell("oid", "Your vote fell away.")
    assert [call.path for call in teams.calls] == ["/emea/v3/conversations/a%3Aknown/activities"]


async def test_tell_where_unknown(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """For a person without a known conversation one is opened, once."""
    teams.tell(201, {"id": "a:new"})
    await chat.tell("oid", "one")
    await chat.tell("oid", "two")
    assert [call.path for call in teams.calls] == [
        "/default/v3/conversations",
        "/default/v3/conversations/a%3Anew/activities",
        "/default/v3/conversations/a%3Anew/activities",
    ]


async def test_three_of_one_name(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """Tags differ in more than case and blanks, also from a name that looks like a numbered one."""
    names = ["Alex Kim", "alex  kim ", "Alex Kim (2)", "ALEX KIM"]
    await chat.reply(COPY, "Look.", [Mention(f"29:{number}", name) for number, name in enumerate(names)])
    tags = [entity["text"] for entity in teams.calls[0].body["entities"]]
    assert tags == [
        "<at>Alex Kim</at>",
        "<at>alex kim (2)</at>",
        "<at>Alex Kim (2) (2)</at>",
        "<at>ALEX KIM (3)</at>",
    ]
    assert teams.calls[0].body["text"] == " ".join([*tags, "Look."])


@pytest.mark.parametrize("status", [400, 403, 410])
async def test_app_not_installed(teams: ScriptedTeams, chat: TeamsChat, time: Time, status: int) -> None:
    """A person without the app cannot be reached, and is not tried again for an hour."""
    closed(teams, status)
    for _ in range(3):
        with pytest.raises(Unreachable):
            await chat.tell("oid", "hello")
    assert len(teams.calls) == 1
    time.now += SILENCE_SECONDS
    await chat.tell("oid", "hello")


async def test_installed_meanwhile(teams: ScriptedTeams, chat: TeamsChat, remembered: Conversations) -> None:
    """A person who installs the app can be reached at once, even after a failure."""
    closed(teams, 403)
    with pytest.raises(Unreachable):
        await chat.tell("oid", "hello")
    remembered.people["oid"] = PersonalReference("oid", "29:oid", f"{teams.origin}/emea/", "a:installed")
    await chat.tell("oid", "hello")
    assert teams.calls[-1].path == "/emea/v3/conversations/a%3Ainstalled/activities"


async def test_known_without_a_conversation(teams: ScriptedTeams, chat: TeamsChat, remembered: Conversations) -> None:
    """If only the service address of a person is known, the conversation is opened at that service."""
    remembered.people["oid"] = PersonalReference("oid", "29:oid", f"{teams.origin}/emea/")
    teams.tell(201, {"id": "a:new"})
    await chat.tell("oid", "hello")
    assert [call.path for call in teams.calls] == [
        "/emea/v3/conversations",
        "/emea/v3/conversations/a%3Anew/activities",
    ]


async def test_blocked_conversation(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A person who has blocked the bot cannot be reached, although the conversation can be opened."""
    teams.tell(201, {"id": "a:1"})
    teams.tell(403, {"error": {"code": "MessageWritesBlocked"}})
    with pytest.raises(Unreachable, match="MessageWritesBlocked"):
        await chat.tell("oid", "hello")


async def test_a_refused_message_is_no_silence(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A message that Teams does not accept says nothing about the person, who gets the next one."""
    teams.tell(201, {"id": "a:1"})
    teams.tell(400, {"error": {"code": "BadArgument"}})
    with pytest.raises(TeamsRefused):
        await chat.tell("oid", "one")
    await chat.tell("oid", "two")
    assert [call.path for call in teams.calls[1:]] == ["/default/v3/conversations/a%3A1/activities"] * 2


async def test_outage_is_no_silence(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """After an outage of Teams the person is tried again."""
    for _ in range(ATTEMPTS):
        teams.tell(503)
    with pytest.raises(Unavailable):
        await chat.tell("oid", "hello")
    await chat.tell("oid", "hello")


async def test_mentions(teams: ScriptedTeams, chat: TeamsChat, time: Time) -> None:
    """Mentions of accounts in the channel are found by object id, and the roster is read once an hour at most."""
    alex = {"id": "29:alex", "name": "Alex Adler", "aadObjectId": "OID-ALEX"}
    teams.tell(body={"members": [alex, {"id": "28:bot", "name": "Countersign"}]})
    first, second = await asyncio.gather(
        chat.mentions(CHANNEL, ["oid-alex", "oid-absent"]), chat.mentions(CHANNEL, ["oid-alex"])
    )
    assert first == second == {"oid-alex": ALEX}
    assert len(teams.calls) == 1
    time.now += ROSTER_SECONDS
    teams.tell(body={"members": []})
    assert await chat.mentions(CHANNEL, ["oid-alex"]) == {}


async def test_members_without_a_name(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A member is called by name, else by given name and surname; one without either is not mentioned."""
    members = [
        {"id": "29:1", "name": None, "givenName": "Alex", "surname": "Adler", "aadObjectId": "whole"},
        {"id": "29:2", "name": " ", "givenName": "Alex", "surname": None, "aadObjectId": "half"},
        {"id": "29:3", "name": None, "aadObjectId": "none"},
        {"id": None, "name": "Alex", "aadObjectId": "no-id"},
        None,
        "29:4",
    ]
    teams.tell(body={"members": members})
    found = await chat.mentions(CHANNEL, ["whole", "half", "none", "no-id", "None"])
    assert found == {"whole": Mention("29:1", "Alex Adler"), "half": Mention("29:2", "Alex")}


@pytest.mark.parametrize("body", [None, [], {"members": None}, {"members": "none"}, {"members": [None]}])
async def test_a_roster_that_is_none(teams: ScriptedTeams, chat: TeamsChat, body: object) -> None:
    """A roster that cannot be read names nobody."""
    teams.tell(body=body)
    assert await chat.mentions(CHANNEL, ["oid"]) == {}


# --- answers ------------------------------------------------------------------------------------------------------


async def test_an_answer_for_one_person_alone(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """An answer for one person in a channel is a targeted message."""
    to = Address(f"{teams.origin}/emea/", COPY.conversation, only_for="29:rita")
    teams.tell(201, {"id": "9"})
    await chat.answer(to, "That is no command.")
    posted = await chat.show(to, CARD, "Which device?")
    assert posted.conversation == COPY.conversation
    for call in teams.calls:
        assert call.query == {"isTargetedActivity": "true"}
        assert call.body["recipient"] == {"id": "29:rita", "isTargeted": True}


async def test_an_answer_in_a_chat_of_two(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """An answer in a 1:1 chat is an ordinary message."""
    await chat.answer(Address(f"{teams.origin}/emea/", "a:rita"), "Hello.")
    assert teams.calls[0].query == {}
    assert "recipient" not in teams.calls[0].body


async def test_an_answer_to_a_place_that_is_gone(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """An answer to a conversation that is gone raises `Unreachable`."""
    for _ in range(ATTEMPTS):
        teams.tell(404)
    with pytest.raises(Unreachable):
        await chat.show(Address(f"{teams.origin}/emea/", "a:gone"), CARD, "x")


@pytest.mark.parametrize("status", [403, 404, 412, 429, 500, 503])
@pytest.mark.parametrize("only_for", ["", "29:rita"])
async def test_a_passing_refusal_loses_no_answer(
    teams: ScriptedTeams, chat: TeamsChat, time: Time, only_for: str, status: int
) -> None:
    """An answer is sent again after a temporary refusal, because nobody else would repeat it: to get an answer twice is
    better than to get none."""
    teams.tell(status, {"error": {"code": "Unknown"}})
    await chat.answer(Address(f"{teams.origin}/emea/", "a:rita", only_for), "Hello.")
    assert len(teams.calls) == 2
    assert time.slept


async def test_an_answer_that_may_have_arrived(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """An answer is not sent again if the connection is lost after sending."""
    teams.tell(lost=True)
    with pytest.raises(Unavailable):
        await chat.answer(Address(f"{teams.origin}/emea/", "a:rita"), "Hello.")
    assert len(teams.calls) == 1


@pytest.mark.parametrize(("status", "code"), [(403, "Forbidden"), (403, "BotNotInConversationRoster"), (400, "X")])
async def test_no_private_answers_here(teams: ScriptedTeams, chat: TeamsChat, status: int, code: str) -> None:
    """A refusal of targeted messages that lasts raises `NotPrivate`."""
    for _ in range(ATTEMPTS):
        teams.tell(status, {"error": {"code": code}})
    with pytest.raises(NotPrivate):
        await chat.answer(Address(f"{teams.origin}/emea/", CHANNEL, "29:rita"), "Hello.")


@pytest.mark.parametrize("code", ["MemberNotFoundInConversation", "ConversationNotFound"])
async def test_one_person_cannot_be_answered_here(teams: ScriptedTeams, chat: TeamsChat, code: str) -> None:
    """If a targeted message does not find its reader, that says nothing about targeted messages in this place."""
    for _ in range(ATTEMPTS):
        teams.tell(404, {"error": {"code": code}})
    with pytest.raises(Unreachable) as failed:
        await chat.answer(Address(f"{teams.origin}/emea/", CHANNEL, "29:rita"), "Hello.")
    assert not isinstance(failed.value, NotPrivate)


async def test_a_card_in_somebodys_chat(teams: ScriptedTeams, chat: TeamsChat, remembered: Conversations) -> None:
    """A card for a person is posted and edited in the chat with this person."""
    remembered.people["oid"] = PersonalReference("oid", "29:oid", f"{teams.origin}/emea/", "a:known")
    teams.tell(201, {"id": "77"})
    assert await chat.post(InChat("oid"), CARD, "Wipe PC-1") == Posted("a:known", "77")
    await chat.update(PostedCard("r1", InChat("oid"), "a:known", "77"), CARD, "Wipe PC-1")
    assert [(call.method, call.path) for call in teams.calls] == [
        ("POST", "/emea/v3/conversations/a%3Aknown/activities"),
        ("PUT", "/emea/v3/conversations/a%3Aknown/activities/77"),
    ]


async def test_a_card_for_somebody_without_the_app(teams: ScriptedTeams, chat: TeamsChat) -> None:
    """A card for a person without the app is not posted, and raises `Unreachable`."""
    closed(teams, 403)
    with pytest.raises(Unreachable):
        await chat.post(InChat("oid"), CARD, "Wipe PC-1")
