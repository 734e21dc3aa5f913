"""A click on a card: what the flows get of it, and how a repeated click is recognised."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cards.actions import Button, Verb
from cards.steps import LONGEST_NOTE
from handlers.incoming.clicks import AskForToken, Click, Say, Scope, ShowCard
from tests.bot.teams.inbound.inbound import REQUEST_ID, TOKEN_RESOURCE, Site, site, user_called

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Größe ✓"}]}
PAGE = "https://bot.example/signin/abc"


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


async def read(bot: Site, sent: dict[str, Any]) -> Click:
    """Send this click and return what the flow gets."""
    reply = await bot.post(sent)
    assert reply.status == 200, reply.body
    return bot.inbox.clicks[-1]


async def test_a_click_arrives_with_everything_in_it(bot: Site) -> None:
    """A click arrives with the person, the conversation, the message, the button, the request and the typed note."""
    sent = bot.click(Verb.CONFIRM_REJECT, note="not now")
    sent["conversation"]["id"] += ";messageid=1700"

    click = await read(bot, sent)

    alex = user_called("alex")
    assert (click.account, click.name, click.mri) == (alex.id, alex.name, alex.mri)
    assert (click.conversation, click.message_id) == (sent["conversation"]["id"], "1700")
    assert click.button == Button(Verb.CONFIRM_REJECT, REQUEST_ID, "0123456789ab")
    assert (click.note, click.assertion, click.automatic) == ("not now", None, False)
    assert click.once.id == sent["id"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [("channel", Scope.CHANNEL), ("groupChat", Scope.GROUP_CHAT), ("personal", Scope.PERSONAL)],
)
async def test_the_place_is_known(bot: Site, place: str, expected: Scope) -> None:
    """A click arrives with the kind of its conversation, because the way to sign in depends on it."""
    assert (await read(bot, bot.click(place=place))).scope is expected


@pytest.mark.parametrize("verb", Verb)
async def test_every_verb_arrives(bot: Site, verb: Verb) -> None:
    """A click with any of our buttons' verbs arrives."""
    assert (await read(bot, bot.click(verb))).button.verb is verb


async def test_a_refresh_by_itself_is_told_from_a_click(bot: Site) -> None:
    """A refresh that Teams starts by itself is marked as automatic; a click without this information is not."""
    sent = bot.click()
    sent["value"]["trigger"] = "automatic"
    assert (await read(bot, sent)).automatic

    del sent["value"]["trigger"]
    assert not (await read(bot, sent)).automatic


async def test_the_persons_token_arrives_and_hides(bot: Site) -> None:
    """The person's token is passed to the flow, and does not appear in the printed form of the click."""
    sent = bot.click()
    sent["value"]["authentication"] = {"id": "1", "connectionName": "countersign", "token": "eyJ.their.own"}

    click = await read(bot, sent)

    assert click.assertion == "eyJ.their.own"
    assert "eyJ" not in repr(click)


async def test_a_note_is_cut_where_the_card_cuts_it(bot: Site) -> None:
    """A note is cut at the length that the card allows."""
    assert (await read(bot, bot.click(note="x" * 5000))).note == "x" * LONGEST_NOTE


@pytest.mark.parametrize("half", ["a\ud800b", "\udfff", "\ude00\ud83d"])
@pytest.mark.parametrize("where", ["note", "ticket", "name", "unknown"])
async def test_half_a_character_is_refused(bot: Site, where: str, half: str) -> None:
    """A click with half of a surrogate pair, in a value or in a name, is refused, because it cannot be stored."""
    in_input, in_name = bot.click(**{where: half}), bot.click(**{half: "x"})
    of_sender = bot.click()
    of_sender["from"]["name"] = half
    for sent in (in_input, in_name, of_sender):
        raw = json.dumps(sent, ensure_ascii=False).encode("utf-8", "surrogatepass")
        assert [(await bot.post(one)).status for one in (sent, raw)] == [400, 400]
    assert bot.inbox.clicks == []


async def test_a_whole_character_is_heard(bot: Site) -> None:
    """A surrogate pair in a click is one character."""
    assert (await read(bot, bot.click(note="\ud83d\ude00"))).note == "😀"


async def test_a_resend_has_the_same_fingerprint(bot: Site) -> None:
    """A click that Teams sends again has the same idempotency key, although Teams changes parts of it and adds a
    token."""
    sent = bot.click(note="because")
    first = (await read(bot, sent)).once

    sent |= {"timestamp": "2026-11-23T08:00:15.000Z", "localTimestamp": "2026-11-23T09:00:15+01:00"}
    sent["entities"] = [{"type": "clientInfo", "platform": "iOS"}]
    sent["value"] |= {"trigger": "automatic", "state": "123456", "authentication": {"id": "1", "token": "eyJ.a.b"}}
    sent["value"]["action"]["data"] = dict(reversed(sent["value"]["action"]["data"].items()))
    again = (await read(bot, sent)).once

    assert again == first


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("value.action.verb", "approve"),
        ("value.action.data.request", "another"),
        ("value.action.data.fingerprint", "ffff"),
        ("value.action.data.note", "other words"),
        ("value.action.data.extra", {"a": [1, 2]}),
        ("from.aadObjectId", "11111111-2222-4333-8444-555555555555"),
        ("from.name", "Somebody Else"),
        ("from.id", "29:else"),
        ("conversation.id", "19:elsewhere@thread.tacv2"),
        ("conversation.conversationType", "personal"),
        ("replyToId", "1701"),
    ],
)
async def test_an_edited_click_has_another_fingerprint(bot: Site, path: str, value: Any) -> None:
    """A click with a changed part, under the id of another click, has another digest."""
    sent = bot.click(note="because")
    first = (await read(bot, sent)).once

    *outer, last = path.split(".")
    within = sent
    for name in outer:
        within = within[name]
    within[last] = value
    edited = (await read(bot, sent)).once

    assert edited.id == first.id
    assert edited.digest != first.digest


async def test_no_depth_of_data_brings_the_bot_down(bot: Site) -> None:
    """Data that is nested too deeply is answered with 400, at any depth, and never with a failure of the bot."""
    before, _, after = json.dumps(bot.click(deep="here")).partition('"here"')

    async def status(depth: int) -> int:
        return (await bot.post(f"{before}{'[' * depth}{']' * depth}{after}".encode())).status

    good, bad = 1, 2000
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if await status(middle) == 200 else (good, middle)

    assert good > 100
    assert {await status(depth) for depth in range(bad, bad + 10)} == {400}


async def test_a_card_goes_back(bot: Site) -> None:
    """A card is returned inside HTTP 200 with its own status and type, in letters of any script."""
    bot.inbox.answer = ShowCard(CARD)

    reply = await bot.post(bot.click())

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.body == {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": CARD}


async def test_a_sentence_goes_back(bot: Site) -> None:
    """A sentence is returned as a message, which Teams shows below the card."""
    bot.inbox.answer = Say("This request is not known here any more.")

    reply = await bot.post(bot.click())

    assert reply.body == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "This request is not known here any more.",
    }


async def test_a_token_is_asked_for(bot: Site) -> None:
    """The request for a token has a new id each time, and the address of the sign-in page for clients that cannot sign
    in silently."""
    bot.inbox.answer = AskForToken(PAGE)

    replies = [await bot.post(bot.click(place="personal")) for _ in range(2)]

    assert [reply.status for reply in replies] == [200, 200]
    first, second = (reply.body for reply in replies)
    assert (first["statusCode"], first["type"]) == (401, "application/vnd.microsoft.activity.loginRequest")
    assert first["value"]["connectionName"]
    assert first["value"]["tokenExchangeResource"]["uri"] == TOKEN_RESOURCE
    assert [(button["type"], button["value"]) for button in first["value"]["buttons"]] == [("signin", PAGE)]
    ids = {body["value"]["tokenExchangeResource"]["id"] for body in (first, second)}
    assert len(ids) == 2
