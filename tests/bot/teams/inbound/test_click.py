"""A click on a card: what the flows get to know of it, and how it is told from its own repetition."""

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
    """What the flow gets of this click."""
    reply = await bot.post(sent)
    assert reply.status == 200, reply.body
    return bot.inbox.clicks[-1]


async def test_a_click_arrives_with_everything_in_it(bot: Site) -> None:
    """Who, where, on which message, which button of which request, and what was typed."""
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
    """It decides how somebody can be signed in."""
    assert (await read(bot, bot.click(place=place))).scope is expected


@pytest.mark.parametrize("verb", Verb)
async def test_every_verb_arrives(bot: Site, verb: Verb) -> None:
    """Those of all our buttons, and no others."""
    assert (await read(bot, bot.click(verb))).button.verb is verb


async def test_a_refresh_by_itself_is_told_from_a_click(bot: Site) -> None:
    """Teams says which it was; a client that says nothing was clicked."""
    sent = bot.click()
    sent["value"]["trigger"] = "automatic"
    assert (await read(bot, sent)).automatic

    del sent["value"]["trigger"]
    assert not (await read(bot, sent)).automatic


async def test_the_persons_token_arrives_and_hides(bot: Site) -> None:
    """It is there for the flow, and in no printed form of the click."""
    sent = bot.click()
    sent["value"]["authentication"] = {"id": "1", "connectionName": "countersign", "token": "eyJ.their.own"}

    click = await read(bot, sent)

    assert click.assertion == "eyJ.their.own"
    assert "eyJ" not in repr(click)


async def test_a_note_is_cut_where_the_card_cuts_it(bot: Site) -> None:
    """No card of ours lets anybody write more."""
    assert (await read(bot, bot.click(note="x" * 5000))).note == "x" * LONGEST_NOTE


@pytest.mark.parametrize("half", ["a\ud800b", "\udfff", "\ude00\ud83d"])
@pytest.mark.parametrize("where", ["note", "ticket", "name", "unknown"])
async def test_half_a_character_is_refused(bot: Site, where: str, half: str) -> None:
    """JSON can hold what no other place can store, in a value or in a name, escaped or not."""
    in_input, in_name = bot.click(**{where: half}), bot.click(**{half: "x"})
    of_sender = bot.click()
    of_sender["from"]["name"] = half
    for sent in (in_input, in_name, of_sender):
        raw = json.dumps(sent, ensure_ascii=False).encode("utf-8", "surrogatepass")
        assert [(await bot.post(one)).status for one in (sent, raw)] == [400, 400]
    assert bot.inbox.clicks == []


async def test_a_whole_character_is_heard(bot: Site) -> None:
    """Two halves that belong together are one."""
    assert (await read(bot, bot.click(note="\ud83d\ude00"))).note == "😀"


async def test_a_resend_has_the_same_fingerprint(bot: Site) -> None:
    """Whatever Teams changes when it sends a click again, and the token that comes with the second one."""
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
    """Nothing that a flow acts on can be changed under a known id without being noticed."""
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
    """Between what can be hashed and what can be read there are depths that are the sender's mistake, not ours."""
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
    """Within HTTP 200, with its own status and type, in whatever script it is written."""
    bot.inbox.answer = ShowCard(CARD)

    reply = await bot.post(bot.click())

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.body == {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": CARD}


async def test_a_sentence_goes_back(bot: Site) -> None:
    """Teams shows it below the card."""
    bot.inbox.answer = Say("This request is not known here any more.")

    reply = await bot.post(bot.click())

    assert reply.body == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "This request is not known here any more.",
    }


async def test_a_token_is_asked_for(bot: Site) -> None:
    """Silently, by an id that is good for once, and with the page for clients that cannot."""
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
