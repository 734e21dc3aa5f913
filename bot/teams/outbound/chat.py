"""Writes to channels and people in Teams: the `Chat` port, implemented with the Bot Connector."""

import asyncio
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.teams.outbound.absences import Absences
from bot.teams.outbound.connector import Connector, in_thread, is_group_chat
from bot.teams.outbound.messages import Outgoing, card_message, line
from bot.teams.outbound.pacing import Edits, Monotonic
from bot.teams.outbound.wire import TeamsRefused, Transient
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Forbidden, Gone, NotFound, NotPrivate, Unreachable
from handlers.ports.places import InChat, Place, channel_of
from handlers.ports.teams import Address, CardJson, Conversations, Mention, Posted

ROSTER_SECONDS = 3600.0
"""How long a channel's roster is cached."""

SILENCE_SECONDS = 3600.0
"""How long to stop writing to a person after a failure, unless the app is installed for them in the meantime."""

_NO_SUCH_PLACE = (Forbidden, NotFound, Gone)


@dataclass(frozen=True, slots=True)
class _Chat:
    service_url: str
    conversation: str


@dataclass(frozen=True, slots=True)
class _Roster:
    people: dict[str, Mention]
    good_until: float


class TeamsChat:
    """The `Chat` port. `default_service_url` is used where Teams has not sent one; `monotonic` counts seconds."""

    def __init__(
        self, connector: Connector, conversations: Conversations, default_service_url: str, monotonic: Monotonic
    ) -> None:
        self._connector = connector
        self._conversations = conversations
        self._default_service_url = default_service_url
        self._monotonic = monotonic
        self._edits = Edits()
        self._rosters: dict[str, _Roster] = {}
        self._reading_rosters = asyncio.Lock()
        self._opened: dict[str, _Chat] = {}
        self._silent: dict[str, tuple[_Chat, float]] = {}
        self._absences = Absences(monotonic)

    async def post(self, place: Place, card: CardJson, summary: str) -> Posted:
        """Start a thread in a channel, or write in a chat.

        Raises `Unreachable` where the bot is not installed, `Unavailable` if the message may have been posted.
        """
        message = card_message(card, summary)
        if isinstance(place, InChat):
            return await self._send_to(place.account, message)
        return await self._start_thread(place.channel, message)

    async def show(self, to: Address, card: CardJson, summary: str) -> Posted:
        """Answer a message with a card, in the same conversation. Raises `Unreachable` if that, or the only reader,
        is not found, and `NotPrivate` if Teams refuses targeted messages there."""
        return Posted(to.conversation, await self._answer(to, card_message(card, summary)))

    async def update(self, copy: PostedCard, card: CardJson, summary: str) -> None:
        """Redraw a posted card, or leave it to a later update. Raises `Gone` if the card can no longer be edited."""
        service_url = await self._service_url_of(copy.place)
        message = (copy.conversation, copy.activity_id)
        try:
            with self._passing(message):
                await self._edits.make(
                    message,
                    card_message(card, summary),
                    lambda latest: self._connector.update(service_url, *message, latest),
                )
        except _NO_SUCH_PLACE as trouble:
            raise Gone(f"the card can no longer be edited: {trouble}", request_id=trouble.request_id) from trouble

    async def reply(self, copy: PostedCard, text: str, mentions: Sequence[Mention] = ()) -> None:
        """Write one line in the thread of a posted card. Raises `Unreachable` if the thread no longer exists."""
        thread = in_thread(copy.conversation, copy.activity_id)
        try:
            service_url = await self._service_url_of(copy.place)
            with self._passing(thread):
                await self._connector.send(service_url, thread, line(text, mentions))
        except _NO_SUCH_PLACE as trouble:
            raise _unreachable("thread", trouble) from trouble

    async def say(self, channel: str, text: str, mentions: Sequence[Mention] = ()) -> None:
        """Write one line in a channel, as a new thread. Raises `Unreachable` where the bot is not installed."""
        await self._start_thread(channel, line(text, mentions))

    def link(self, copy: PostedCard) -> str:
        """Return the address that opens a posted card in Teams."""
        return self._connector.link(channel_of(copy.conversation), copy.activity_id)

    async def tell(self, account: str, text: str) -> None:
        """Write one line in the 1:1 chat. Raises `Unreachable` where the app is not installed for that person.

        After a failure this person is not tried again for an hour, unless they install the app before that.
        """
        await self._send_to(account, line(text))

    async def answer(self, to: Address, text: str) -> None:
        """Answer a message with one line, in the same conversation. Raises the same as `show`."""
        await self._answer(to, line(text))

    async def mentions(self, channel: str, accounts: Iterable[str]) -> dict[str, Mention]:
        """Return the Teams ids of those accounts that are in the channel, by account; up to an hour old."""
        async with self._reading_rosters:
            roster = self._rosters.get(channel)
            if roster is None or self._monotonic() >= roster.good_until:
                roster = self._rosters[channel] = await self._read_roster(channel)
        return {account: roster.people[account.lower()] for account in accounts if account.lower() in roster.people}

    async def _answer(self, to: Address, message: Outgoing) -> str:
        try:
            return await self._connector.answer(to.service_url, to.conversation, message, only_for=to.only_for)
        except (Forbidden, TeamsRefused, Transient) as trouble:
            if to.only_for:
                raise NotPrivate(f"Teams takes no private message here: {trouble}") from trouble
            if not isinstance(trouble, Forbidden):
                raise
            raise _unreachable("conversation", trouble) from trouble
        except (NotFound, Gone) as trouble:
            # With `only_for`, it may be that only this person is no member (MemberNotFoundInConversation).
            raise _unreachable("conversation", trouble) from trouble

    async def _send_to(self, account: str, message: Outgoing) -> Posted:
        known = await self._known(account)
        if self._is_silent(account, known):
            raise Unreachable("this person could not be written to a short while ago")
        try:
            with self._passing(account):
                return await self._send_in_chat(account, known, message)
        except _NO_SUCH_PLACE as trouble:
            self._opened.pop(account, None)
            self._silent[account] = (known, self._monotonic() + SILENCE_SECONDS)
            raise _unreachable("person", trouble) from trouble

    async def _send_in_chat(self, account: str, known: _Chat, message: Outgoing) -> Posted:
        place = known if known.conversation else await self._open(account, known.service_url)
        return Posted(place.conversation, await self._connector.send(place.service_url, place.conversation, message))

    async def _start_thread(self, channel: str, message: Outgoing) -> Posted:
        service_url = await self._service_url(channel)
        try:
            with self._passing(channel):
                if is_group_chat(channel):
                    return Posted(channel, await self._connector.send(service_url, channel, message))
                return await self._connector.start_thread(service_url, channel, message)
        except _NO_SUCH_PLACE as trouble:
            raise _unreachable("channel", trouble) from trouble

    @contextmanager
    def _passing(self, thing: Hashable) -> Iterator[None]:
        """Turn a 404 into `Unavailable` for the first minutes, so that the call is tried again."""
        try:
            yield
        except NotFound as trouble:
            judged = self._absences.judge(thing, trouble)
            if judged is trouble:
                raise
            raise judged from trouble
        self._absences.found(thing)

    async def _service_url_of(self, place: Place) -> str:
        if isinstance(place, InChat):
            return (await self._known(place.account)).service_url
        return await self._service_url(place.channel)

    async def _service_url(self, channel: str) -> str:
        known = await self._conversations.channel(channel)
        return known.service_url if known else self._default_service_url

    async def _known(self, account: str) -> _Chat:
        known = await self._conversations.person(account)
        return _Chat(known.service_url, known.conversation) if known else _Chat(self._default_service_url, "")

    async def _open(self, account: str, service_url: str) -> _Chat:
        """Open the 1:1 chat, once. Only here does a 400 say something about the person: Teams does not know them."""
        if account not in self._opened:
            try:
                conversation = await self._connector.open_personal(service_url, account)
            except TeamsRefused as trouble:
                raise Forbidden(f"no chat with this person: {trouble}", request_id=trouble.request_id) from trouble
            self._opened[account] = _Chat(service_url, conversation)
        return self._opened[account]

    def _is_silent(self, account: str, known: _Chat) -> bool:
        """Return whether writing to this place failed recently."""
        failed, until = self._silent.get(account, (None, 0.0))
        return failed == known and self._monotonic() < until

    async def _read_roster(self, channel: str) -> _Roster:
        asked_at = self._monotonic()
        people = {
            member.account.lower(): Mention(member.mri, member.name)
            async for member in self._connector.members(await self._service_url(channel), channel)
            if member.account and member.name
        }
        return _Roster(people, asked_at + ROSTER_SECONDS)


def _unreachable(what: str, trouble: Forbidden | NotFound | Gone) -> Unreachable:
    return Unreachable(f"this {what} cannot be written to: {trouble}", request_id=trouble.request_id)
