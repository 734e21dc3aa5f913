"""People's Teams clients: what they see and send, and when they can sign a person in silently."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp import web

from simulator.certificate import Authority
from simulator.clock import Clock
from simulator.site import serve
from simulator.teams.clients import CARD, LOGIN, TEXT
from simulator.teams.places import Message
from simulator.tenant import Tenant, tenant

APPROVE = {"type": "Action.Execute", "title": "Approve", "verb": "approve", "data": {"request": "r1"}}
NOTE = {"type": "Input.Text", "id": "note", "isRequired": True, "errorMessage": "Say why"}


@dataclass
class Recorder:
    """A bot that records what arrives and answers as it is told."""

    answer: Any = field(default_factory=lambda: {"statusCode": 200, "type": TEXT, "value": "ok"})
    sent: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        self.sent.append(await request.json())
        self.tokens.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return web.json_response(self.answer if self.sent[-1]["type"] == "invoke" else None)


@dataclass
class Scene:
    site: Tenant
    bot: Recorder

    def card(self, place: str = "channel", **more: Any) -> Message:
        """Return a card with one button in this place."""
        places, dana = self.site.connector.places, self.site.world.user("dana")
        where = {
            "channel": lambda: self.site.channels["Approvals"],
            "personal": lambda: places.personal(dana),
            "chat": lambda: places.group_chat("Night shift", "dana", "noa"),
        }[place]()
        content = {"type": "AdaptiveCard", "version": "1.5", "body": [], "actions": [APPROVE], **more}
        return places.write(where, {"attachments": [{"contentType": CARD, "content": content}]})


@pytest.fixture
async def scene(authority: Authority) -> AsyncIterator[Scene]:
    bot = Recorder()
    app = web.Application()
    app.router.add_post("/api/messages", bot.receive)
    async with (
        tenant(Clock(datetime(2026, 11, 23, 8, tzinfo=UTC)), authority=authority) as site,
        serve(app, authority.server_context()) as origin,
    ):
        site.teams.messages_url = f"{origin}/api/messages"
        yield Scene(site, bot)


def login(scene: Scene, **changes: Any) -> dict[str, Any]:
    """Return a correct sign-in request of a bot, with these changes."""
    card = {
        "connectionName": "countersign",
        "tokenExchangeResource": {"id": "x", "uri": scene.site.teams.identifier_uri},
        "buttons": [{"type": "signin", "value": "https://bot.example/signin/abc"}],
    }
    return {"statusCode": 401, "type": LOGIN, "value": card | changes}


async def test_a_click_is_sent_as_teams_sends_it(scene: Scene) -> None:
    """A click is signed, names the person and the thread, and has the inputs merged into the button's data."""
    message = scene.card(body=[NOTE])
    await scene.site.teams.client("dana").click(message, "Approve", {"note": "seen"})

    [sent], [token] = scene.bot.sent, scene.bot.tokens
    assert sent["value"]["action"]["data"] == {"request": "r1", "note": "seen"}
    assert (sent["name"], sent["value"]["trigger"]) == ("adaptiveCard/action", "manual")
    assert sent["from"]["aadObjectId"] == scene.site.world.user("dana").id
    assert (sent["replyToId"], sent["conversation"]["id"]) == (message.id, message.conversation)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["serviceurl"] == sent["serviceUrl"]


async def test_a_required_field_keeps_the_click_here(scene: Scene) -> None:
    """If a required field is empty, Teams asks for it and sends nothing."""
    with pytest.raises(ValueError, match="Say why"):
        await scene.site.teams.client("dana").click(scene.card(body=[NOTE]), "Approve")
    assert scene.bot.sent == []


async def test_an_answer_is_seen_by_one_until_the_card_is_edited(scene: Scene) -> None:
    """Only one person sees the answer card, until the card is edited for everybody."""
    message, dana, sam = scene.card(), scene.site.teams.client("dana"), scene.site.teams.client("sam")
    own = {"type": "AdaptiveCard", "version": "1.5", "body": [], "actions": []}
    scene.bot.answer = {"statusCode": 200, "type": CARD, "value": own}
    await dana.click(message, "Approve")
    assert (dana.card(message), sam.card(message)["actions"]) == (own, [APPROVE])

    message.edit(message.activity)
    assert dana.card(message)["actions"] == [APPROVE]


async def test_who_is_asked_to_refresh(scene: Scene) -> None:
    """Only listed people's clients refresh, and not again within a minute."""
    dana = scene.site.world.user("dana")
    message = scene.card(refresh={"action": APPROVE | {"verb": "refresh"}, "userIds": [dana.mri]})
    client = scene.site.teams.client("dana")

    assert await scene.site.teams.client("sam").refresh(message) is None
    assert await client.refresh(message) is not None
    assert await client.refresh(message) is None
    scene.site.clock.advance(timedelta(minutes=1))
    assert await client.refresh(message) is not None
    assert [sent["value"]["trigger"] for sent in scene.bot.sent] == ["automatic", "automatic"]


@pytest.mark.parametrize("place", ["personal", "chat"])
async def test_silent_sign_in(scene: Scene, place: str) -> None:
    """In chats Teams sends the same click a second time, with the person's token for the sign-in application."""
    scene.bot.answer = login(scene)
    answer = await scene.site.teams.client("dana").click(scene.card(place), "Approve")

    first, second = scene.bot.sent
    claims = jwt.decode(second["value"].pop("authentication")["token"], options={"verify_signature": False})
    assert claims["oid"] == scene.site.world.user("dana").id
    assert (claims["aud"], second) == (scene.site.teams.identifier_uri, first)
    assert answer.sign_in_url == "https://bot.example/signin/abc"


@pytest.mark.parametrize(
    ("who", "place", "changes"),
    [
        ("dana", "channel", {}),
        ("noa", "chat", {}),
        ("dana", "personal", {"tokenExchangeResource": {"id": "x", "uri": "api://somebody-else"}}),
        ("dana", "personal", {"connectionName": ""}),
        ("dana", "personal", {"buttons": []}),
        ("dana", "personal", {"buttons": [{"value": "https://a"}, {"value": "https://b"}]}),
    ],
    ids=["a channel", "not installed for them", "wrong resource", "no connection", "no button", "two buttons"],
)
async def test_no_silent_sign_in(scene: Scene, who: str, place: str, changes: dict[str, Any]) -> None:
    """Where a silent sign-in is not possible, the client shows the sign-in button and sends no token."""
    scene.bot.answer = login(scene, **changes)
    answer = await scene.site.teams.client(who).click(scene.card(place), "Approve")

    assert answer.error == "Please sign in"
    assert len(scene.bot.sent) == 1


async def test_a_message_in_a_channel_mentions_the_bot(scene: Scene) -> None:
    """A message in a channel has to mention the bot to reach it; in a 1:1 chat every message does."""
    dana = scene.site.teams.client("dana")
    await dana.say(scene.site.channels["Approvals"], "help")
    await dana.say(scene.site.connector.places.personal(dana.user), "help")

    assert [sent["text"] for sent in scene.bot.sent] == ["<at>Countersign</at> help", "help"]


async def test_coming_and_going(scene: Scene) -> None:
    """Teams reports an installation with two different activities."""
    channel, marc = scene.site.channels["Approvals"], scene.site.world.user("marc")
    await scene.site.teams.install(channel, marc)
    await scene.site.teams.remove(channel, marc)

    assert [(sent["type"], sent.get("action")) for sent in scene.bot.sent] == [
        ("installationUpdate", "add"),
        ("conversationUpdate", None),
        ("installationUpdate", "remove"),
    ]
    assert not channel.installed


async def test_no_button_no_click(scene: Scene) -> None:
    """A person can press only a button that they see."""
    with pytest.raises(LookupError):
        await scene.site.teams.client("dana").click(scene.card(), "Wipe everything")
