"""Channels, chats and people in Teams."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from handlers.ports.copies import Copy
from handlers.ports.places import Place

Card = dict[str, Any]
"""A finished Adaptive Card."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a new message stands."""

    conversation: str
    activity_id: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody to notify: Teams' id (MRI) and the name to show."""

    mri: str
    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody wrote from. With `only_for` (their MRI) the answer is a targeted message: nobody else sees it,
    and Teams forgets it after a day."""

    service_url: str
    conversation: str
    only_for: str = ""


class Chat(Protocol):
    """Writing to channels and people in Teams. A place is a channel, a group chat, or `chat_of` somebody."""

    async def post(self, place: Place, card: Card, summary: str) -> Posted:
        """A new thread in a channel, or a message in a chat. `Unavailable` means that it may stand there all the same,
        `Unreachable` that the bot cannot write there."""

    async def show(self, to: Address, card: Card, summary: str) -> Posted:
        """A card in answer to a message, where it was written. `NotPrivate` where only one person is to see it and
        Teams does not take that there."""

    async def update(self, copy: Copy, card: Card, summary: str) -> None:
        """Redraw a posted card for everybody; `Gone` if that can no longer be done."""

    async def reply(self, copy: Copy, text: str, mentions: Sequence[Mention] = ()) -> None:
        """One line in the thread of a posted card."""

    async def say(self, channel: str, text: str, mentions: Sequence[Mention] = ()) -> None:
        """One line in a channel, of its own."""

    def link(self, copy: Copy) -> str:
        """The address that opens a posted card in Teams."""

    async def tell(self, account: str, text: str) -> None:
        """One line in the 1:1 chat; `Unreachable` where the app is not installed for that person."""

    async def answer(self, to: Address, text: str) -> None:
        """One line in answer to a message, where it was written."""

    async def mentions(self, channel: str, accounts: Iterable[str]) -> dict[str, Mention]:
        """Teams' ids of those accounts that are in the channel, by account; may be up to an hour old."""


@dataclass(frozen=True, slots=True)
class ChannelReference:
    """A channel, or a group chat, that the bot is in. `team` is Teams' id of the team; a group chat has none."""

    channel: str
    service_url: str
    team: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PersonalReference:
    """A person's 1:1 chat: their account's object id, Teams' id of them (MRI), and where to write."""

    account: str
    mri: str
    service_url: str
    conversation: str = ""


class Conversations(Protocol):
    """Where the bot is installed, and so can write."""

    async def channel(self, channel: str) -> ChannelReference | None: ...

    async def of_team(self, *ids: str) -> Sequence[ChannelReference]:
        """What is known of the channels of the team that has one of these ids, or a channel that has one; also of a
        team that was forgotten lately, for it may come back."""

    async def save_channel(self, reference: ChannelReference) -> bool:
        """Whether it was not known before: of two who save it at the same time, one is told so."""

    async def forget_channel(self, channel: str) -> None: ...

    async def forget_team(self, team: str) -> None: ...

    async def person(self, account: str) -> PersonalReference | None: ...

    async def save_person(self, reference: PersonalReference) -> bool:
        """Whether they were not known before."""

    async def forget_person(self, account: str) -> None: ...
