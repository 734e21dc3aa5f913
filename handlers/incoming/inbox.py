"""Input from Teams: clicks, messages, installations and removals."""

from dataclasses import dataclass
from typing import Protocol

from handlers.incoming.clicks import Answer, Click, Scope
from handlers.ports.requests import IdempotencyKey


@dataclass(frozen=True, slots=True)
class Named:
    """A mentioned person: the name that is shown, which may be short, and Teams' or the directory's id of them, which
    is empty if Teams does not say who is meant."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the bot; the channel's signature proves its author.

    `text` is plain: without the bot's mention, markup or line breaks. `targeted` marks a message that nobody else sees
    and that must be answered the same way. `once.id` is the message's id. `channel` and `team` are empty in chats.
    `named` are the people who are mentioned, in the order of the text.
    """

    once: IdempotencyKey
    account: str
    name: str
    mri: str
    scope: Scope
    conversation: str
    service_url: str
    text: str
    channel: str = ""
    team: str = ""
    targeted: bool = False
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot can be reached here now; the same event may come several times.

    `account` and `mri` are the person of a 1:1 chat, or who installed the app elsewhere; either may be empty. `channel`
    is one channel of `team` that is known to exist, `name` its name if Teams says it; a new team has more channels than
    this one. `shared` is a channel that people of other organisations may be in. `whole_team` means that a team came
    back; then `channel` may be the team's own id.
    """

    scope: Scope
    service_url: str
    conversation: str
    account: str = ""
    mri: str = ""
    team: str = ""
    channel: str = ""
    name: str = ""
    shared: bool = False
    whole_team: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """The bot can no longer be reached here. `channel` is empty if the whole `team` is meant."""

    scope: Scope
    conversation: str
    account: str = ""
    team: str = ""
    channel: str = ""


class Inbox(Protocol):
    """The flows for what comes in. Each method may be called again for the same activity."""

    async def click(self, clicked: Click) -> Answer:
        """Do what was clicked; return what the person sees next."""

    async def message(self, written: Message) -> None:
        """Act on a message."""

    async def installed(self, where: Installation) -> None:
        """Store how to write there."""

    async def removed(self, where: Removal) -> None:
        """Forget how to write there."""
