"""Messages, installations and removals of the app, as the flows get them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Installation, Removal
from simulator.teams.activities import Named, of_team
from tests.bot.teams.inbound.inbound import Site, site, user_called

TAG = "<at>Countersign</at>"


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


def mentions(bot: Site, *tags: str, dana: str = "") -> list[dict[str, Any]]:
    """Return the mentions that Teams sends beside a text."""
    us = {"id": f"28:{bot.connector.bot_app_id}", "name": "Countersign"}
    found = [{"type": "mention", "text": tag, "mentioned": us} for tag in tags]
    if dana:
        found.append({"type": "mention", "text": dana, "mentioned": {"id": "29:dana", "name": "Dana"}})
    return found


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (f"{TAG} wipe PC-1", "wipe PC-1"),
        (f"{TAG}&nbsp;wipe&nbsp;PC-1\n", "wipe PC-1"),
        (f"  wipe {TAG}\tPC-1\u00a0", "wipe PC-1"),
        ('<at id="0">Countersign</at> wipe PC-1', "wipe PC-1"),
        (f"{TAG} wipe Countersign for {TAG}", "wipe Countersign for"),
        (f"{TAG} wipe &lt;at&gt;Countersign&lt;/at&gt; &amp;amp; more", "wipe <at>Countersign</at> &amp; more"),
        (f"{TAG} ask <at>Dana</at> first", "ask Dana first"),
        ("wipe PC-1", "wipe PC-1"),
        (f"<p>{TAG}&nbsp;wipe</p>\n<p>PC-1</p>", "wipe PC-1"),
        (f"<div>{TAG} wipe<br>PC-1<br/></div>", "wipe PC-1"),
        (f"{TAG} wipe &lt;p&gt;PC-1&lt;/p&gt;", "wipe <p>PC-1</p>"),
        (f'<p class="x">{TAG} wipe</p><P>PC-1</P>', "wipe PC-1"),
        (f'<div itemprop="copy-paste-block">{TAG} wipe<br clear="none" />PC-1</div>', "wipe PC-1"),
        (f'{TAG} <span style="font-size:inherit">wipe</span> PC-<span>1</span>', "wipe PC-1"),
        (f"<b>{TAG}</b> <strong>wipe</strong> <i>PC-1</i>", "wipe PC-1"),
        (f'{TAG} wipe PC-1 <emoji id="smile" alt="x" title="Smile"></emoji>', "wipe PC-1"),
        (f"{TAG}\u200b wipe\ufeff PC-1\u200b", "wipe PC-1"),
        (f"{TAG} wipe &lt;b&gt;PC-1&lt;/b&gt;", "wipe <b>PC-1</b>"),
        (f"wipe PC-1 {TAG}", "wipe PC-1"),
        (f"{TAG}", ""),
        ("", ""),
        ("<at><at>", "<at><at>"),
    ],
)
async def test_what_is_heard(bot: Site, sent: str, heard: str) -> None:
    """The text of a message arrives without the mention of the bot, and with every other word."""
    entities = mentions(bot, TAG, TAG, dana="<at>Dana</at>")

    assert (await bot.post(bot.activity(text=sent, entities=entities))).status == 200

    assert [message.text for message in bot.inbox.messages] == [heard]


def block(kind: str = "Reply", said: str = "wipe PC-9", who: str = "Dana Diaz") -> str:
    """Return the block with which older clients quote or forward a message."""
    return (
        f'<blockquote itemscope="" itemtype="http://schema.skype.com/{kind}" itemid="1700">\n'
        f'<strong itemprop="mri" itemid="8:orgid:1">{who}</strong><span itemprop="time" itemid="1700"></span>\n'
        f'<p itemprop="preview">{said}</p>\n</blockquote>'
    )


MARKER = '<quoted messageId="1700"/>'


@pytest.mark.parametrize(
    ("sent", "content", "heard"),
    [
        (f"{MARKER} wipe PC-1", "", "wipe PC-1"),
        (f"{MARKER}\n{TAG} wipe PC-1", "", "wipe PC-1"),
        (f"{TAG} {MARKER}wipe PC-1", "", "wipe PC-1"),
        (f"{MARKER}\n{MARKER}\nwipe PC-1", "", "wipe PC-1"),
        ('<quoted messageId="1700" /> wipe PC-1', "", "wipe PC-1"),
        ('<quoted messageId="1700"></quoted>wipe PC-1', "", "wipe PC-1"),
        ('<quoted messageId="1700">wipe PC-9</quoted>wipe PC-1', "", "wipe PC-1"),
        ('<quoted messageId="1700" senderId="29:1"/> wipe PC-1', "", "wipe PC-1"),
        ('<quoted senderId="29:1" messageId="1700"/> wipe PC-1', "", "wipe PC-1"),
        ("<quoted messageId='1700'/> wipe PC-1", "", "wipe PC-1"),
        ('<quoted  messageId = "1700" />wipe PC-1', "", "wipe PC-1"),
        ('<forwarded messageId="1700"/> wipe PC-1', "", "wipe PC-1"),
        ('<attachment id="1700"></attachment> wipe PC-1', "", "wipe PC-1"),
        (f"{block()}<p>{TAG} wipe PC-1</p>", "", "wipe PC-1"),
        (f"{block()}{block()}wipe PC-1", "", "wipe PC-1"),
        ("wipe PC-1", f"{block()}<p>wipe PC-1</p>", "wipe PC-1"),
        (f"Dana Diaz\r\nwipe PC-9\r\n\r\n{TAG} wipe PC-1", f"{block()}<p>Countersign wipe PC-1</p>", "wipe PC-1"),
        ("Dana Diazwipe PC-9wipe PC-1", f"{block()}<p>wipe PC-1</p>", "wipe PC-1"),
        ("wipe PC-9\r\n\r\nwipe PC-1", f"{block()}<p>wipe PC-1</p>", "wipe PC-1"),
        ("wipe PC-1\r\n\r\nwipe PC-9", f"<p>wipe PC-1</p>{block('Forward')}", "wipe PC-1"),
        ("a &lt; b\nwipe PC-1", f"{block(said='a &lt; b')}<p>wipe PC-1</p>", "wipe PC-1"),
        # A reply that repeats the quoted words, and one that begins with them.
        ("wipe PC-9", f"{block()}<p>wipe PC-9</p>", "wipe PC-9"),
        ("wipe PC-9 please", f"{block()}<p>wipe PC-9 please</p>", "wipe PC-9 please"),
        # A text that does not match its HTML stays whole, and is no command.
        ("wipe PC-9 wipe PC-1 and more", f"{block()}<p>wipe PC-1</p>", "wipe PC-9 wipe PC-1 and more"),
        # Markup that people type stays.
        ("wipe a<b", "", "wipe a<b"),
        ("wipe <quoted> PC", "", "wipe <quoted> PC"),
        ("wipe a<bee>c</bee>", "", "wipe a<bee>c</bee>"),
        ("wipe a<b c", "", "wipe a<b c"),
        ("wipe <quoted by me> PC", "", "wipe <quoted by me> PC"),
        ("wipe <blockquote>PC</blockquote>", "", "wipe <blockquote>PC</blockquote>"),
        ("wipe &lt;quoted messageId=&quot;1&quot;/&gt;", "", 'wipe <quoted messageId="1"/>'),
        ("wipe PC-1", "<p>wipe PC-2</p>", "wipe PC-1"),
    ],
)
async def test_what_is_quoted_is_not_heard(bot: Site, sent: str, content: str, heard: str) -> None:
    """Quoted and forwarded words are removed in every form, and the author's own words arrive."""
    attachments = [{"contentType": "text/html", "content": content}] if content else []
    quoted = {"type": "quotedReply", "quotedReply": {"messageId": "1700", "preview": "wipe PC-9"}}

    await bot.post(bot.activity(text=sent, attachments=attachments, entities=[*mentions(bot, TAG), quoted]))

    assert [message.text for message in bot.inbox.messages] == [heard]


@pytest.mark.parametrize("attachments", [None, "x", [None, 7, {}, {"contentType": "text/html", "content": {"a": 1}}]])
async def test_odd_attachments_do_no_harm(bot: Site, attachments: Any) -> None:
    """Unexpected attachments do not prevent the text from arriving."""
    await bot.post(bot.activity(text="status", attachments=attachments))

    assert bot.inbox.messages[0].text == "status"


def mention(name: str, identity: Any) -> dict[str, Any]:
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": identity, "name": name}}


@pytest.mark.parametrize(
    ("sent", "others", "named"),
    [
        ("ask <at>Dana</at>", [mention("Dana", "29:dana")], [("Dana", "29:dana")]),
        ('ask <at id="1">Dana</at>', [mention("Dana", "29:dana")], [("Dana", "29:dana")]),
        ("ask <at>D&amp;D</at>", [mention("D&amp;D", "29:dana")], [("D&D", "29:dana")]),
        # People of one name are told apart by order; a person may be mentioned more often than Teams lists.
        (
            "<at>Sam</at> or <at>Sam</at>",
            [mention("Sam", "29:1"), mention("Sam", "29:2")],
            [("Sam", "29:1"), ("Sam", "29:2")],
        ),
        ("<at>Sam</at> and <at>Sam</at>", [mention("Sam", "29:1")], [("Sam", "29:1"), ("Sam", "29:1")]),
        ("<at>Sam</at>", [mention("Sam", "29:1"), mention("Sam", "29:2")], [("Sam", "")]),
        ("ask <at>Dana</at>", [], [("Dana", "")]),
        ("ask <at>Dana</at>", [mention("Dana", 7)], [("Dana", "")]),
        # A mention without its text, or with another name: the name of the person counts, then the order.
        ("ask <at>Dana</at>", [mention("Dana", "29:dana") | {"text": None}], [("Dana", "29:dana")]),
        ("ask <at>dana</at>", [mention("Dana", "29:dana")], [("dana", "29:dana")]),
        ("ask <AT>Dana</AT>", [mention("Dana", "29:dana") | {"type": "Mention"}], [("Dana", "29:dana")]),
        ("ask <at>Dana</at>", [mention("Dana Diaz", "29:dana")], [("Dana", "29:dana")]),
        (
            "ask <at>D</at> or <at>Sam</at>",
            [mention("Dana Diaz", "29:dana"), mention("Sam", "29:1")],
            [("D", "29:dana"), ("Sam", "29:1")],
        ),
        ("ask <at>D</at>", [mention("Dana", "29:dana"), mention("Sam", "29:1")], [("D", "")]),
        ("<at>D</at> or <at>S</at>", [mention("Dana", "29:dana")], [("D", ""), ("S", "")]),
        # A mention in quoted words does not count.
        (f"{block(said='<at>Dana</at>')}ask", [mention("Dana", "29:dana")], []),
        ("ask Dana", [mention("Dana", "29:dana")], []),
    ],
)
async def test_who_is_mentioned(bot: Site, sent: str, others: list[Any], named: list[tuple[str, str]]) -> None:
    """The mentions that Teams sends beside the text count; a name without a clear mention belongs to nobody."""
    await bot.post(bot.activity(text=f"{TAG} {sent}", entities=[*mentions(bot, TAG), *others]))

    assert [(one.name, one.id) for one in bot.inbox.messages[0].named] == named


@pytest.mark.parametrize(
    "changes",
    [
        {"text": None},
        {"text": "Countersign"},
        {"text": "@Countersign"},
        {"text": "<AT>countersign</AT>"},
        {"text": "<at>Approvals</at>", "bare": True},
        {"type": "Mention"},
        None,
    ],
    ids=["null", "no-tag", "at-sign", "upper-case", "another-name-and-bare-id", "type", "no-entity"],
)
async def test_the_bot_is_known_in_any_mention(bot: Site, changes: dict[str, Any] | None) -> None:
    """The bot's mention is removed even if Teams says little about it (botbuilder-dotnet#2504), or nothing."""
    entities = mentions(bot, TAG) if changes is not None else []
    for one in entities:
        one.update(changes or {})
        if one.pop("bare", False):
            one["mentioned"] = {"id": bot.connector.bot_app_id, "name": "Approvals"}

    await bot.post(bot.activity(text="<at>Countersign</at> wipe PC-1", entities=entities))

    [message] = bot.inbox.messages
    assert (message.text, message.named) == ("wipe PC-1", ())


async def test_a_bot_and_a_person_of_one_name(bot: Site) -> None:
    """If a person has the name of the bot, only the bot's mention is removed."""
    ours = mention("Sam", f"28:{bot.connector.bot_app_id}")
    await bot.post(bot.activity(text="<at>Sam</at> ask <at>Sam</at>", entities=[ours, mention("Sam", "29:1")]))

    [message] = bot.inbox.messages
    assert (message.text, [one.id for one in message.named]) == ("ask Sam", ["29:1"])


async def test_a_bot_named_like_a_command_leaves_the_words_alone(bot: Site) -> None:
    """If the bot is named like a command, only its mention is removed, and not the same words in the text."""
    sent = bot.activity(text="<at>wipe</at> wipe dev-1 wipe", entities=mentions(bot, "<at>wipe</at>"))

    await bot.post(sent)

    assert bot.inbox.messages[0].text == "wipe dev-1 wipe"


@pytest.mark.parametrize(
    "tag",
    [
        "<at>",
        "<quoted messageId=",
        '<quoted messageId="',
        "<quoted id=",
        "<blockquote ",
        block()[:90],
        "&lt",
        "<p ",
        "<b ",
    ],
)
async def test_a_long_hostile_text_costs_little(bot: Site, tag: str) -> None:
    """A long text with tags that do not end is read in little time."""
    hostile = tag * (120_000 // len(tag))
    attachments = [{"contentType": "text/html", "content": block() + hostile}]
    sent = bot.activity(text=hostile, entities=mentions(bot, TAG), attachments=attachments)

    assert (await bot.post(sent)).status == 200


async def test_a_message_arrives_with_everything_in_it(bot: Site) -> None:
    """A message arrives with its author and everything that an answer needs."""
    sent = bot.activity(text="status", by="dana")

    await bot.post(sent)

    (message,) = bot.inbox.messages
    dana = user_called("dana")
    assert (message.account, message.name, message.mri) == (dana.id, dana.name, dana.mri)
    assert (message.scope, message.conversation) == (Scope.CHANNEL, sent["conversation"]["id"])
    assert message.service_url == bot.connector.service_url
    assert (message.team, message.channel) == (sent["channelData"]["team"]["id"], sent["channelData"]["channel"]["id"])
    assert (message.once.id, message.targeted) == (sent["id"], False)


async def test_a_targeted_message_is_known_as_one(bot: Site) -> None:
    """A targeted message is marked as such, so that the answer is shown to its author only."""
    sent = bot.activity(text="/wipe PC-1", by="dana")
    sent["recipient"]["isTargeted"] = True

    await bot.post(sent)

    assert bot.inbox.messages[0].targeted


async def test_a_message_sent_again_is_the_same(bot: Site) -> None:
    """A message that Teams sends again has the same idempotency key, and with other words another digest."""
    sent = bot.activity(text="wipe PC-1")

    for changes in ({}, {"timestamp": "2026-11-23T09:00:00Z"}, {"text": "wipe PC-2"}):
        await bot.post(sent | changes)

    first, again, other = (message.once for message in bot.inbox.messages)
    assert first == again
    assert (first.id, first.digest) != (other.id, other.digest)
    assert first.id == other.id


@pytest.mark.parametrize("entities", [None, "x", [None, 7, {"type": "mention"}, {"type": "mention", "mentioned": 1}]])
async def test_odd_mentions_do_no_harm(bot: Site, entities: Any) -> None:
    """Unexpected mentions do not prevent the text from arriving."""
    await bot.post(bot.activity(text="status", entities=entities))

    assert bot.inbox.messages[0].text == "status"


def added(bot: Site, place: str = "channel", **more: Any) -> dict[str, Any]:
    us = {"id": f"28:{bot.connector.bot_app_id}"}
    return bot.activity("conversationUpdate", place, membersAdded=[{"id": "29:someone"}, us], **more)


def happened(bot: Site, event: str, channel: str = "19:new@thread.tacv2") -> dict[str, Any]:
    """Return an event of a team as Teams reports it."""
    sent = bot.activity("conversationUpdate")
    sent["channelData"] |= {"eventType": event, "channel": {"id": channel, "name": "Emergencies"}}
    return sent


async def test_an_installation_in_a_team(bot: Site) -> None:
    """Teams reports an installation in a team in two ways, and both arrive as the same installation."""
    for sent in (bot.activity("installationUpdate", action="add"), added(bot)):
        assert (await bot.post(sent)).status == 200

    alex = user_called("alex")
    expected = Installation(
        scope=Scope.CHANNEL,
        service_url=bot.connector.service_url,
        conversation=sent["conversation"]["id"],
        account=alex.id,
        mri=alex.mri,
        team=sent["channelData"]["team"]["id"],
        channel=sent["conversation"]["id"],
        name="Approvals",
    )
    assert bot.inbox.installs == [expected, expected]


async def test_an_installation_that_names_only_the_selected_channel(bot: Site) -> None:
    """If an installation names no channel, the selected channel counts, or else the channel of the conversation."""
    sent = bot.activity("installationUpdate", action="add-upgrade")
    del sent["channelData"]["channel"]
    sent["conversation"]["id"] = "19:general@thread.tacv2;messageid=5"
    await bot.post(sent)
    sent["channelData"]["settings"] = {"selectedChannel": {"id": "19:chosen@thread.tacv2"}}
    sent["id"] += "2"
    await bot.post(sent)

    assert [install.channel for install in bot.inbox.installs] == ["19:general@thread.tacv2", "19:chosen@thread.tacv2"]


async def test_an_installation_in_a_shared_channel(bot: Site) -> None:
    """An installation in a shared channel is marked as such."""
    sent = bot.activity("installationUpdate", action="add")
    sent["channelData"]["channel"]["type"] = "shared"

    await bot.post(sent)

    assert [install.shared for install in bot.inbox.installs] == [True]


async def test_an_installation_for_a_person(bot: Site) -> None:
    """An installation for a person arrives with the conversation in which this person can be reached."""
    sent = bot.activity("installationUpdate", "personal", "dana", action="add")

    await bot.post(sent)

    dana = user_called("dana")
    assert bot.inbox.installs == [
        Installation(Scope.PERSONAL, bot.connector.service_url, sent["conversation"]["id"], dana.id, dana.mri)
    ]


async def test_an_installation_by_nobody_in_particular(bot: Site) -> None:
    """An installation by a policy has no account, and is accepted."""
    sent = added(bot)
    del sent["from"]["aadObjectId"]

    await bot.post(sent)

    assert [install.account for install in bot.inbox.installs] == [""]


@pytest.mark.parametrize("event", ["channelCreated", "channelRestored", "channelRenamed"])
async def test_one_more_channel(bot: Site, event: str) -> None:
    """A channel that was created, restored or renamed arrives as an installation with its name."""
    await bot.post(happened(bot, event))

    assert [(install.channel, install.name) for install in bot.inbox.installs] == [
        ("19:new@thread.tacv2", "Emergencies")
    ]


@pytest.mark.parametrize("event", ["teamUnarchived", "teamRestored"])
@pytest.mark.parametrize("named", Named)
async def test_a_whole_team_more(bot: Site, event: str, named: Named) -> None:
    """A team that was restored or unarchived arrives once as a whole team, in each form that Teams was seen to use."""
    general = bot.connector.places.channel("Approvals")
    sent = of_team(bot.connector, event, general, user_called("alex"), named)

    assert (await bot.post(sent)).status == 200

    team = "19:team-Operations@thread.tacv2"
    expected = {Named.BOTH: (team, general.id), Named.CHANNEL: ("", general.id), Named.TEAM: (team, team)}
    assert [(one.team, one.channel, one.whole_team) for one in bot.inbox.installs] == [(*expected[named], True)]


async def test_one_channel_less(bot: Site) -> None:
    """A deleted channel arrives as a removal from this channel, and not from the team."""
    sent = happened(bot, "channelDeleted")

    await bot.post(sent)

    assert [(gone.team, gone.channel) for gone in bot.inbox.removals] == [
        (sent["channelData"]["team"]["id"], "19:new@thread.tacv2")
    ]


@pytest.mark.parametrize("event", ["teamDeleted", "teamHardDeleted"])
async def test_a_whole_team_less(bot: Site, event: str) -> None:
    """A deleted team arrives as a removal from the whole team."""
    sent = happened(bot, event)

    await bot.post(sent)

    assert [(gone.team, gone.channel) for gone in bot.inbox.removals] == [(sent["channelData"]["team"]["id"], "")]


async def test_a_removal(bot: Site) -> None:
    """Removals of the app from a team and from a person's chat arrive."""
    us = {"id": f"28:{bot.connector.bot_app_id}"}
    team = bot.activity("conversationUpdate", membersRemoved=[us])
    chat = bot.activity("installationUpdate", "personal", action="remove")

    for sent in (team, chat):
        await bot.post(sent)

    alex = user_called("alex").id
    assert bot.inbox.removals == [
        Removal(Scope.CHANNEL, team["conversation"]["id"], alex, team["channelData"]["team"]["id"]),
        Removal(Scope.PERSONAL, chat["conversation"]["id"], alex),
    ]


async def test_what_is_no_news_is_answered_and_dropped(bot: Site) -> None:
    """Other events of Teams are answered with 200 and ignored."""
    someone = [{"id": "29:someone"}]
    for sent in (
        bot.activity("conversationUpdate", membersAdded=someone),
        bot.activity("conversationUpdate", membersRemoved=someone),
        bot.activity("conversationUpdate"),
        happened(bot, "teamRenamed"),
        happened(bot, "teamArchived"),
        bot.activity("installationUpdate", action="think"),
        bot.activity("messageReaction", reactionsAdded=[{"type": "like"}]),
        bot.activity("messageUpdate", text="edited"),
        bot.activity("typing"),
        bot.activity("event", name="application/vnd.microsoft.meetingStart", value={}),
        bot.activity("somethingNew"),
    ):
        assert (await bot.post(sent)).status == 200

    assert bot.inbox.everything == []
