"""People's Teams clients: what they show, clicks, messages, and sign-in."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from simulator.clock import Clock
from simulator.entra import Entra
from simulator.teams.activities import Named, activity, new_id, of_team
from simulator.teams.buttons import button, filled
from simulator.teams.composing import Shape, quoting, to_bot, written
from simulator.teams.connector import Connector
from simulator.teams.places import Conversation, Message
from simulator.teams.tokens import Minter
from simulator.world import User, World

TEAMS_APP = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"
"""Client id with which Teams requests a person's token from Entra."""

REFRESH_PAUSE = timedelta(minutes=1)
"""Shortest time between an answer and Teams' next automatic refresh of the view."""

CARD = "application/vnd.microsoft.card.adaptive"
TEXT = "application/vnd.microsoft.activity.message"
LOGIN = "application/vnd.microsoft.activity.loginRequest"


@dataclass(frozen=True)
class Answer:
    """Result of a click: the HTTP answer, and what the person sees.

    `sign_in_url` is set if the client could not sign the person in silently and shows a button instead.
    """

    status: int
    body: Any
    card: dict[str, Any] | None = None
    text: str = ""
    error: str = ""
    sign_in_url: str = ""


@dataclass
class Teams:
    """All clients of a tenant. `messages_url` is the bot's address."""

    world: World
    clock: Clock
    entra: Entra
    connector: Connector
    session: aiohttp.ClientSession
    sign_in_app_id: str
    identifier_uri: str
    messages_url: str = ""
    minter: Minter = field(init=False)

    def __post_init__(self) -> None:
        self.minter = Minter(self.connector)

    def client(self, name: str) -> "Client":
        """Return the Teams client of this person."""
        return Client(self, self.world.user(name))

    async def post(self, sent: dict[str, Any], token: str | None = None) -> tuple[int, Any]:
        """Send an activity to the bot, with a valid token unless another one (or "" for none) is given."""
        bearer = self.minter.good() if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        async with self.session.post(self.messages_url, json=sent, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def install(self, conversation: Conversation, by: User) -> tuple[int, Any]:
        """Add the bot to a conversation and notify it, as Teams does."""
        conversation.installed = True
        await self.post(activity(self.connector, "installationUpdate", conversation, by, action="add"))
        added = [{"id": f"28:{self.connector.bot_app_id}"}]
        return await self.post(activity(self.connector, "conversationUpdate", conversation, by, membersAdded=added))

    async def remove(self, conversation: Conversation, by: User) -> tuple[int, Any]:
        """Remove the bot from a conversation and notify it."""
        conversation.installed = False
        return await self.post(activity(self.connector, "installationUpdate", conversation, by, action="remove"))

    async def archive(self, team: str, by: User) -> tuple[int, Any]:
        """Archive a team: it can be read, but not written to."""
        return await self._happens(team, by, "teamArchived", archived=True)

    async def unarchive(self, team: str, by: User, named: Named = Named.BOTH) -> tuple[int, Any]:
        """Unarchive a team."""
        return await self._happens(team, by, "teamUnarchived", named, archived=False)

    async def delete(self, team: str, by: User) -> tuple[int, Any]:
        """Delete a team; for a while it can be restored."""
        return await self._happens(team, by, "teamDeleted", gone=True)

    async def restore(self, team: str, by: User, named: Named = Named.BOTH) -> tuple[int, Any]:
        """Restore a deleted team with its apps."""
        return await self._happens(team, by, "teamRestored", named, gone=False)

    async def _happens(
        self, team: str, by: User, event: str, named: Named = Named.BOTH, **becomes: bool
    ) -> tuple[int, Any]:
        """Change every channel of a team, and notify the bot once, from the team's general channel."""
        channels = self.connector.places.of_team(team)
        for channel in channels:
            for name, value in becomes.items():
                setattr(channel, name, value)
        return await self.post(of_team(self.connector, event, channels[0], by, named))


class Client:
    """One person's Teams client."""

    def __init__(self, teams: Teams, user: User) -> None:
        self.user = user
        self.last: dict[str, Any] = {}
        self._teams = teams
        self._answered: dict[str, datetime] = {}

    def card(self, message: Message) -> dict[str, Any]:
        """Return the card as this person sees it."""
        card = message.card_for(self.user)
        assert card is not None, "this message carries no card"
        return card

    def url(self, message: Message, title: str) -> str:
        """Return the address that a button opens."""
        found = button(self.card(message), title)
        assert found is not None, f"no button {title}"
        return str(found["url"])

    async def click(
        self, message: Message, name: str, inputs: dict[str, str] | None = None, *, force: bool = False
    ) -> Answer:
        """Press the button with this title or verb. `force` sends it even if a required input is empty.

        Raises `LookupError` for a button that this person does not see.
        """
        card = self.card(message)
        found = button(card, name)
        if found is None:
            raise LookupError(f"{self.user.name} sees no button {name!r}")
        return await self.invoke(message, filled(card, found, inputs or {}, force=force), "manual")

    async def refresh(self, message: Message) -> Answer | None:
        """Request this person's own card, if the card names them, as Teams does when it comes into view."""
        refresh = (message.card or {}).get("refresh")
        if not refresh or self.user.mri not in refresh.get("userIds", ()):
            return None
        last = self._answered.get(message.id)
        if last is not None and self._teams.clock.now() - last < REFRESH_PAUSE:
            return None
        return await self.invoke(message, refresh["action"], "automatic")

    async def invoke(self, message: Message, action: dict[str, Any], trigger: str) -> Answer:
        """Send an action, even if it is on no card of theirs, and return the answer."""
        conversation = self._conversation(message)
        kept = {name: action[name] for name in ("type", "id", "title", "verb", "data") if name in action}
        sent = activity(
            self._teams.connector,
            "invoke",
            conversation,
            self.user,
            name="adaptiveCard/action",
            replyToId=message.id,
            value={"action": kept, "trigger": trigger},
        )
        sent["conversation"]["id"] = message.conversation
        return await self._send(message, sent)

    async def resend(self, message: Message, **changes: Any) -> Answer:
        """Send the last activity again, with these changes."""
        return await self._send(message, deepcopy(self.last) | changes)

    async def say(self, conversation: Conversation, text: str, *mentioned: User) -> tuple[int, Any]:
        """Write to the bot, with a mention in channels and group chats: it gets only those messages. Each `{}` in the
        text mentions one of `mentioned`."""
        composed = written(text, mentioned)
        if conversation.kind != "personal":
            composed = to_bot(composed, self._teams.connector.bot_app_id)
        return await self._write(conversation, composed)

    async def quote(
        self, conversation: Conversation, text: str, quoted: Message, shape: Shape = Shape.MARKER
    ) -> tuple[int, Any]:
        """Reply to one of the bot's messages with a quote of it, in this shape."""
        composed = written(text, ())
        if conversation.kind != "personal":
            composed = to_bot(composed, self._teams.connector.bot_app_id)
        sender = {"id": f"28:{self._teams.connector.bot_app_id}", "name": "Countersign"}
        return await self._write(conversation, quoting(composed, quoted, sender, shape))

    async def slash(self, conversation: Conversation, text: str, *mentioned: User) -> tuple[int, Any]:
        """Send a slash command: in channels and group chats, nobody else sees it."""
        bot = {"id": f"28:{self._teams.connector.bot_app_id}", "name": "Countersign", "isTargeted": True}
        return await self._write(conversation, written(text, mentioned) | {"recipient": bot})

    async def _write(self, conversation: Conversation, composed: dict[str, Any]) -> tuple[int, Any]:
        self.last = activity(self._teams.connector, "message", conversation, self.user, **composed)
        return await self._teams.post(self.last)

    async def _send(self, message: Message, sent: dict[str, Any]) -> Answer:
        self.last = deepcopy(sent)
        status, body = await self._teams.post(sent)
        self._answered[message.id] = self._teams.clock.now()
        if status != 200 or not isinstance(body, dict):
            return Answer(status, body, error="Something went wrong")
        kind, value = body.get("type"), body.get("value")
        if kind == CARD and isinstance(value, dict):
            message.personal[self.user.id] = value
            return Answer(status, body, card=value)
        if kind == LOGIN:
            return await self._sign_in(message, sent, status, body)
        if kind == TEXT:
            return Answer(status, body, text=str(value))
        return Answer(status, body, error=str((value or {}).get("message", "Something went wrong")))

    async def _sign_in(self, message: Message, sent: dict[str, Any], status: int, body: dict[str, Any]) -> Answer:
        """Get a token silently if Teams can, and send the same invoke again with it; otherwise show the button."""
        value = body["value"]
        resource = value.get("tokenExchangeResource") or {}
        silent = (
            self._conversation(message).kind != "channel"
            and self.user.has_bot
            and resource.get("uri") == self._teams.identifier_uri
            and bool(value.get("connectionName"))
            and len(value.get("buttons") or ()) == 1
            and "authentication" not in sent["value"]
        )
        if not silent:
            buttons = value.get("buttons") or [{}]
            return Answer(status, body, error="Please sign in", sign_in_url=str(buttons[0].get("value", "")))
        token = self._teams.entra.user_token(
            self.user.id, self._teams.identifier_uri, TEAMS_APP, ["access_as_user"], azp=TEAMS_APP
        )
        again = deepcopy(sent)
        again["value"]["authentication"] = {
            "id": resource.get("id") or new_id(),
            "connectionName": value["connectionName"],
            "token": token,
        }
        return await self._send(message, again)

    def _conversation(self, message: Message) -> Conversation:
        found = self._teams.connector.places.find(message.conversation)
        assert found is not None
        return found
