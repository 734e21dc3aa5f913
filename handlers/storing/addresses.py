"""The latest address at which Teams wants to be answered (BotBuilder-MicrosoftTeams#63)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import structlog

from handlers.incoming.clicks import Click, Scope
from handlers.incoming.inbox import Message
from handlers.ports.places import channel_of
from handlers.ports.teams import Conversations

log = structlog.get_logger(__name__)


class CatchUp(Protocol):
    """Does what waits for channels that the bot can write to again."""

    async def catch_up(self, channels: Collection[str]) -> None:
        """Plan what waits for these channels, or was given up there."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Keeps the addresses of known channels and chats. The edge passes an address to the flows only after it was
    compared with the token and with what is allowed.

    It is the address of a whole tenant, not of one conversation: if one has moved, so have all others that had the same
    address. In most channels people only click, or nobody speaks at all.
    """

    conversations: Conversations
    catching_up: CatchUp

    async def keep(self, arrived: Message | Click) -> None:
        """Store the address that came with this, if it has changed."""
        known = await self._known(arrived)
        if known and arrived.service_url and not _is_same(known, arrived.service_url):
            await self._move(known, arrived.service_url)

    async def _known(self, arrived: Message | Click) -> str:
        """Return the stored address of this conversation, empty if the bot is not installed there."""
        if arrived.scope is Scope.PERSONAL:
            person = await self.conversations.person(arrived.account)
            return person.service_url if person else ""
        channel = await self.conversations.channel(channel_of(arrived.conversation))
        return channel.service_url if channel else ""

    async def _move(self, old: str, new: str) -> None:
        channels = await self.conversations.move(old, new)
        log.info("address_moved", channels=len(channels))
        if channels:
            await self.catching_up.catch_up(channels)


def _is_same(one: str, other: str) -> bool:
    """Return whether two addresses differ at most in case or a final slash, which says nothing about a move."""
    return one.rstrip("/").casefold() == other.rstrip("/").casefold()
