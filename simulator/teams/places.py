"""Conversations: channels and chats, with every version of every message."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from simulator.world import User, World

FORGOTTEN = timedelta(hours=24)
"""Time for which clients show a targeted message."""

Kind = Literal["channel", "groupChat", "personal"]


@dataclass
class Message:
    """One message of the bot; the last version is the current one.

    `personal` has the cards that single people see since their last click, by user id. A targeted message is
    `only_for` one person (MRI), and clients drop it a day after `written_at`.
    """

    id: str
    conversation: str
    versions: list[dict[str, Any]]
    deleted: bool = False
    only_for: str = ""
    written_at: datetime | None = None
    personal: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def activity(self) -> dict[str, Any]:
        """The version that everybody sees."""
        return self.versions[-1]

    @property
    def card(self) -> dict[str, Any] | None:
        """The card that everybody sees."""
        for attachment in self.activity.get("attachments") or ():
            if attachment.get("contentType") == "application/vnd.microsoft.card.adaptive":
                card: dict[str, Any] = attachment["content"]
                return card
        return None

    @property
    def text(self) -> str:
        """The text that everybody sees."""
        return str(self.activity.get("text") or "")

    def card_for(self, user: User) -> dict[str, Any] | None:
        """Return the card as this person sees it."""
        return self.personal.get(user.id) or self.card

    def edit(self, activity: dict[str, Any]) -> None:
        """Add a new version for everybody, which replaces personal views."""
        self.versions.append(deepcopy(activity))
        self.personal.clear()


@dataclass
class Conversation:
    """A channel or a chat: its members, whether the bot is installed, and the bot's messages. An archived one is
    read-only; one that is `gone` was deleted and can be restored."""

    id: str
    kind: Kind
    name: str
    members: list[User]
    team: str = ""
    installed: bool = False
    archived: bool = False
    gone: bool = False
    messages: list[Message] = field(default_factory=list)

    def seen_by(self, user: User, now: datetime) -> list[Message]:
        """Return the messages that this person's client shows."""
        return [one for one in self.messages if not one.deleted and _is_shown(one, user, now)]

    def message(self, message_id: str) -> Message | None:
        """Return the message of that id, unless it was deleted."""
        return next((one for one in self.messages if one.id == message_id and not one.deleted), None)


def _is_shown(message: Message, user: User, now: datetime) -> bool:
    if not message.only_for:
        return True
    return message.only_for == user.mri and message.written_at is not None and now < message.written_at + FORGOTTEN


class Places:
    """All conversations of the tenant, by id; a thread's id finds its channel."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._conversations: dict[str, Conversation] = {}
        self._last_message = 1_700_000_000_000

    def channel(self, name: str, *members: str, team: str = "Operations") -> Conversation:
        """Add a channel of a team and return it; without names, everybody who uses Teams is a member."""
        people = [self._world.user(member) for member in members]
        people = people or [user for user in self._world.users.values() if user.in_teams]
        identity = uuid5(NAMESPACE_URL, f"channel/{team}/{name}").hex
        return self._add(Conversation(f"19:{identity}@thread.tacv2", "channel", name, people, team=team))

    def group_chat(self, name: str, *members: str) -> Conversation:
        """Add a group chat and return it."""
        people = [self._world.user(member) for member in members]
        return self._add(Conversation(f"19:{uuid5(NAMESPACE_URL, name).hex}@thread.v2", "groupChat", name, people))

    def personal(self, user: User) -> Conversation:
        """Return the 1:1 chat of the bot and this person, whether or not the app is installed there."""
        identity = f"a:{uuid5(NAMESPACE_URL, user.id).hex}"
        if identity not in self._conversations:
            self._add(Conversation(identity, "personal", user.name, [user], installed=user.has_bot and user.in_teams))
        return self._conversations[identity]

    def find(self, conversation_id: str) -> Conversation | None:
        """Return the conversation of this id or of this thread's id, if any."""
        return self._conversations.get(conversation_id.split(";", 1)[0])

    def of_team(self, team: str) -> list[Conversation]:
        """Return the channels of a team, the general one first."""
        return [one for one in self._conversations.values() if one.team == team and one.kind == "channel"]

    def all(self) -> list[Conversation]:
        """Return all conversations."""
        return list(self._conversations.values())

    def write(
        self,
        conversation: Conversation,
        activity: dict[str, Any],
        thread: str = "",
        only_for: str = "",
        at: datetime | None = None,
    ) -> Message:
        """Add a new message of the bot and return it; in a channel, one without `thread` begins its own thread."""
        self._last_message += 1
        identity = str(self._last_message)
        where = conversation.id
        if conversation.kind == "channel":
            where = f"{conversation.id};messageid={thread or identity}"
        message = Message(identity, where, [deepcopy(activity)], only_for=only_for, written_at=at)
        conversation.messages.append(message)
        return message

    def user(self, member_id: str) -> User | None:
        """Return the person of this MRI or object id, if any."""
        return next((user for user in self._world.users.values() if member_id in (user.mri, user.id)), None)

    def _add(self, conversation: Conversation) -> Conversation:
        return self._conversations.setdefault(conversation.id, conversation)
