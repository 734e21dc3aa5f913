"""Channels, chats and people in Teams."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from handlers.ports.copies import PostedCard
from handlers.ports.places import Place

CardJson = dict[str, Any]
"""A finished Adaptive Card."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Conversation and id of a new message."""

    conversation: str
    activity_id: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person to notify: Teams' id (MRI) and the name to show."""

    mri: str
    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """The place where somebody wrote. With `only_for` (their MRI) the answer is a targeted message: nobody else sees
    it, and Teams deletes it after a day."""

    service_url: str
    conversation: str
    only_for: str = ""


class Chat(Protocol):
    """Writes to channels, group chats and people in Teams."""

    async def post(self, place: Place, card: CardJson, summary: str) -> Posted:
        """Post a card: a new thread in a channel, or a message in a chat. `Unavailable` means that it may be there all
        the same, `Unreachable` that the bot cannot write there."""

    async def show(self, to: Address, card: CardJson, summary: str) -> Posted:
        """Answer a message with a card, where it was written. `NotPrivate` if only one person may see it and Teams does
        not support that there."""

    async def update(self, copy: PostedCard, card: CardJson, summary: str) -> None:
        """Redraw a posted card for everybody; raise `Gone` if that is no longer possible."""

    async def reply(self, copy: PostedCard, text: str, mentions: Sequence[Mention] = ()) -> None:
        """Write one line in the thread of a posted card."""

    async def say(self, channel: str, text: str, mentions: Sequence[Mention] = ()) -> None:
        """Write one line in a channel, of its own."""

    def link(self, copy: PostedCard) -> str:
        """Return the address that opens a posted card in Teams."""

    async def tell(self, account: str, text: str) -> None:
        """Write one line in the 1:1 chat; raise `Unreachable` if the app is not installed for that person."""

    async def answer(self, to: Address, text: str) -> None:
        """Write one line in answer to a message, where it was written."""

    async def mentions(self, channel: str, accounts: Iterable[str]) -> dict[str, Mention]:
        """Return Teams' ids of those accounts that are in the channel, by account; may be up to an hour old."""


@dataclass(frozen=True, slots=True)
class ChannelReference:
    """A channel, or a group chat, that the bot is in. `team` is Teams' id of the team; a group chat has none."""

    channel: str
    service_url: str
    team: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PersonalReference:
    """A person's 1:1 chat: the account's object id, Teams' id of the person (MRI), and where to write."""

    account: str
    mri: str
    service_url: str
    conversation: str = ""


class Conversations(Protocol):
    """Store of the places where the bot can write."""

    async def channel(self, channel: str) -> ChannelReference | None: ...

    async def of_team(self, *ids: str) -> Sequence[ChannelReference]:
        """Return the known channels of the team that has one of these ids, or has a channel with one; also of a team
        that was forgotten lately, because it may come back."""

    async def save_channel(self, reference: ChannelReference) -> bool:
        """Store it; return whether it was not known before. Of two concurrent callers, one gets true."""

    async def forget_channel(self, channel: str) -> None: ...

    async def forget_team(self, team: str) -> None: ...

    async def move(self, old: str, new: str) -> Sequence[str]:
        """Store the new service address for every channel and person that has the old one; return these channels."""

    async def person(self, account: str) -> PersonalReference | None: ...

    async def save_person(self, reference: PersonalReference) -> bool:
        """Store it; return whether it is new."""

    async def forget_person(self, account: str) -> None: ...
