"""Channels, chats and people in Teams, in memory."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from handlers.ports.copies import PostedCard
from handlers.ports.errors import Gone, NotPrivate, Unreachable
from handlers.ports.places import InChat, Place, channel_of
from handlers.ports.teams import Address, CardJson, Mention, Posted
from tests.fakes.troubles import Troubles


def chat_of(account: str) -> str:
    """Return the name of this person's 1:1 chat, for use where a channel's id could stand."""
    return f"@{account}"


def _spot(place: Place) -> str:
    return chat_of(place.account) if isinstance(place, InChat) else place.channel


@dataclass
class Message:
    """One card or line in a channel or chat. `drawn` are the states of a card, the latest last."""

    place: str
    posted: Posted
    text: str
    drawn: list[CardJson] = field(default_factory=list)
    mentions: tuple[Mention, ...] = ()
    deleted: bool = False

    @property
    def card(self) -> CardJson:
        """The card as it is shown now."""
        return self.drawn[-1]


@dataclass(frozen=True)
class Line:
    """One line under a card, and the people whom it notifies."""

    text: str
    mentions: tuple[Mention, ...] = ()


class Chat:
    """Keeps every message. Nobody can write to a place in `unreachable`, and a deleted message is gone. `unnamed` is
    how many of the next cards are posted without an id in the answer."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.replies = defaultdict[str, list[Line]](list)  # by the activity id of the card
        self.unreachable: set[str] = set()
        self.rosters: dict[str, dict[str, Mention]] = {}  # by channel, then by account
        self.troubles = Troubles()
        self.unnamed = 0
        self.not_private: set[str] = set()
        """Conversations that refuse a message that only one person would see."""
        self._ids = count(1)

    def cards(self, place: str) -> list[Message]:
        """Return the cards in a place, oldest first."""
        return [one for one in self.messages if one.place == place and one.drawn and not one.deleted]

    def under(self, activity_id: str) -> list[str]:
        """Return the lines under a card, oldest first."""
        return [line.text for line in self.replies[activity_id]]

    def lines(self, place: str) -> list[str]:
        """Return the lines in a place that are not cards, oldest first."""
        return [one.text for one in self.messages if one.place == place and not one.drawn]

    def told(self, account: str) -> list[str]:
        """Return the lines that this person got in their 1:1 chat."""
        return self.lines(chat_of(account))

    async def post(self, place: Place, card: CardJson, summary: str) -> Posted:
        posted = await self._write("post", _spot(place), summary, [card])
        if not self.unnamed:
            return posted
        self.unnamed -= 1
        return Posted(_spot(place), "")

    async def show(self, to: Address, card: CardJson, summary: str) -> Posted:
        self._check_private(to)
        return await self._write("show", to.conversation, summary, [card])

    async def update(self, copy: PostedCard, card: CardJson, summary: str) -> None:
        await self.troubles.begin("update")
        message = self._find(copy)
        if message is None:
            raise Gone("the card can no longer be edited")
        message.drawn.append(card)
        message.text = summary
        self.troubles.end("update")

    async def reply(self, copy: PostedCard, text: str, mentions: Sequence[Mention] = ()) -> None:
        await self.troubles.begin("reply")
        if channel_of(copy.conversation) in self.unreachable:
            raise Unreachable("this thread cannot be written to")
        self.replies[copy.activity_id].append(Line(text, tuple(mentions)))
        self.troubles.end("reply")

    async def say(self, channel: str, text: str, mentions: Sequence[Mention] = ()) -> None:
        await self._write("say", channel, text, mentions=mentions)

    def link(self, copy: PostedCard) -> str:
        return f"https://teams.example/{channel_of(copy.conversation)}/{copy.activity_id}"

    async def tell(self, account: str, text: str) -> None:
        await self._write("tell", chat_of(account), text)

    async def answer(self, to: Address, text: str) -> None:
        self._check_private(to)
        await self._write("answer", to.conversation, text)

    async def mentions(self, channel: str, accounts: Iterable[str]) -> dict[str, Mention]:
        await self.troubles.begin("mentions")
        if channel.startswith("@"):
            raise Unreachable("this is no conversation that has members")
        roster = self.rosters.get(channel, {})
        return {account: roster[account] for account in accounts if account in roster}

    async def _write(
        self, method: str, place: str, text: str, drawn: Sequence[CardJson] = (), mentions: Sequence[Mention] = ()
    ) -> Posted:
        await self.troubles.begin(method)
        if place in self.unreachable:
            raise Unreachable(f"{place} cannot be written to")
        number = str(next(self._ids))
        has_threads = not place.startswith("@") and not place.endswith("@thread.v2")
        posted = Posted(f"{place};messageid={number}" if has_threads else place, number)
        self.messages.append(Message(place, posted, text, list(drawn), tuple(mentions)))
        self.troubles.end(method)
        return posted

    def _check_private(self, to: Address) -> None:
        if to.only_for and to.conversation in self.not_private:
            raise NotPrivate("Teams takes no private message here")

    def _find(self, copy: PostedCard) -> Message | None:
        """Return the message of this posted card; None if it can no longer be written to."""
        eligibility = [one for one in self.messages if not one.deleted and one.place not in self.unreachable]
        return next((one for one in eligibility if one.posted.activity_id == copy.activity_id), None)
