"""Where messages stand: teams, channels, chats, and every version of every message."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from simulator.world import User, World

FORGOTTEN = timedelta(hours=24)
"""So long clients show a targeted message."""

Kind = Literal["channel", "groupChat", "personal"]


@dataclass
class Message:
    """One message of the bot; the last version is what stands there now.

    `personal` holds the card that one person alone sees since their last click, by user id. A targeted message is
    `only_for` one person (MRI), and clients forget it a day after `written_at`.
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
        """What everybody sees."""
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
        """The card as this person sees it."""
        return self.personal.get(user.id) or self.card

    def edit(self, activity: dict[str, Any]) -> None:
        """A new version for everybody; personal views give way to it."""
        self.versions.append(deepcopy(activity))
        self.personal.clear()


@dataclass
class Conversation:
    """A channel or a chat: who is in it, whether the bot is, and what it wrote there. What is archived can be read and
    not written to; what is `gone` was deleted and can be restored."""

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
        """What this person's client shows of it."""
        return [one for one in self.messages if not one.deleted and _is_shown(one, user, now)]

    def message(self, message_id: str) -> Message | None:
        """The message of that id, if it was not deleted."""
        return next((one for one in self.messages if one.id == message_id and not one.deleted), None)


def _is_shown(message: Message, user: User, now: datetime) -> bool:
    if not message.only_for:
        return True
    return message.only_for == user.mri and message.written_at is not None and now < message.written_at + FORGOTTEN


class Places:
    """All conversations of the tenant, found by id; a thread's id leads to its channel."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._conversations: dict[str, Conversation] = {}
        self._last_message = 1_700_000_000_000

    def channel(self, name: str, *members: str, team: str = "Operations") -> Conversation:
        """A channel of a team; without names, everybody who uses Teams is in it."""
        people = [self._world.user(member) for member in members]
        people = people or [user for user in self._world.users.values() if user.in_teams]
        identity = uuid5(NAMESPACE_URL, f"channel/{team}/{name}").hex
        return self._add(Conversation(f"19:{identity}@thread.tacv2", "channel", name, people, team=team))

    def group_chat(self, name: str, *members: str) -> Conversation:
        """A chat of several people."""
        people = [self._world.user(member) for member in members]
        return self._add(Conversation(f"19:{uuid5(NAMESPACE_URL, name).hex}@thread.v2", "groupChat", name, people))

    def personal(self, user: User) -> Conversation:
        """The 1:1 chat of the bot and this person, whether or not the app is installed there."""
        identity = f"a:{uuid5(NAMESPACE_URL, user.id).hex}"
        if identity not in self._conversations:
            self._add(Conversation(identity, "personal", user.name, [user], installed=user.has_bot and user.in_teams))
        return self._conversations[identity]

    def find(self, conversation_id: str) -> Conversation | None:
        """The conversation, by its own id or by that of one of its threads."""
        return self._conversations.get(conversation_id.split(";", 1)[0])

    def of_team(self, team: str) -> list[Conversation]:
        """The channels of a team, the general one first."""
        return [one for one in self._conversations.values() if one.team == team and one.kind == "channel"]

    def all(self) -> list[Conversation]:
        """Every conversation."""
        return list(self._conversations.values())

    def write(
        self,
        conversation: Conversation,
        activity: dict[str, Any],
        thread: str = "",
        only_for: str = "",
        at: datetime | None = None,
    ) -> Message:
        """A new message of the bot's; a channel's first message begins its own thread."""
        self._last_message += 1
        identity = str(self._last_message)
        where = conversation.id
        if conversation.kind == "channel":
            where = f"{conversation.id};messageid={thread or identity}"
        message = Message(identity, where, [deepcopy(activity)], only_for=only_for, written_at=at)
        conversation.messages.append(message)
        return message

    def user(self, member_id: str) -> User | None:
        """Somebody by MRI or object id."""
        return next((user for user in self._world.users.values() if member_id in (user.mri, user.id)), None)

    def _add(self, conversation: Conversation) -> Conversation:
        return self._conversations.setdefault(conversation.id, conversation)
