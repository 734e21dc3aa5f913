"""The latest address at which Teams wants to be answered (BotBuilder-MicrosoftTeams#63)."""

from dataclasses import dataclass, replace

import structlog

from handlers.incoming.clicks import Click, Scope
from handlers.incoming.inbox import Message
from handlers.ports.places import channel_of
from handlers.ports.teams import Conversations

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Keeps the addresses of known channels and chats. The edge passes an address to the flows only after it was
    compared with the token and with what is allowed."""

    conversations: Conversations

    async def keep(self, arrived: Message | Click) -> None:
        """Store the address that came with this, if it has changed."""
        if not arrived.service_url:
            return
        if arrived.scope is Scope.PERSONAL:
            await self._keep_person(arrived.account, arrived.service_url)
        else:
            await self._keep_channel(channel_of(arrived.conversation), arrived.service_url)

    async def _keep_person(self, account: str, service_url: str) -> None:
        known = await self.conversations.person(account)
        if known and known.service_url != service_url:
            await self.conversations.save_person(replace(known, service_url=service_url))
            log.info("chat_moved", account=account)

    async def _keep_channel(self, channel: str, service_url: str) -> None:
        known = await self.conversations.channel(channel)
        if known and known.service_url != service_url:
            await self.conversations.save_channel(replace(known, service_url=service_url))
            log.info("channel_moved", channel=channel)
