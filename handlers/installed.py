"""Installation and removal of the app: store where the bot can write, and say what a place will get."""

from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from cards.welcome import welcome
from handlers.gathering.policy import Policy
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Installation, Removal
from handlers.ports.errors import Unreachable
from handlers.ports.places import InChannel
from handlers.ports.teams import ChannelReference, Chat, Conversations, PersonalReference
from handlers.showing.catching_up import CatchingUp

log = structlog.get_logger(__name__)
HELLO = "Countersign is here. It writes to you when a request of yours, or one that waits for you, needs you."
SHARED = (
    "Countersign does not serve shared channels, because people of other organisations may be in them. Please use a "
    "standard or a private channel."
)
WELCOME = "Countersign is here."


@dataclass(frozen=True, slots=True)
class Installing:
    """Greets new people and places, and forgets removed ones. The same event may come several times."""

    chat: Chat
    conversations: Conversations
    policy: Policy
    catching_up: CatchingUp

    async def installed(self, where: Installation) -> None:
        """Store how to write there; the first time, say what this place will get."""
        if where.scope is Scope.PERSONAL:
            await self._meet_person(where)
        elif where.whole_team:
            await self._meet_team(where)
        else:
            await self._meet_channel(where)

    async def removed(self, where: Removal) -> None:
        """Forget how to write there."""
        if where.scope is Scope.PERSONAL:
            await self.conversations.forget_person(where.account)
        elif where.channel or where.scope is Scope.GROUP_CHAT:
            await self.conversations.forget_channel(where.channel or where.conversation)
        else:
            await self.conversations.forget_team(where.team)
        log.info("bot_removed", scope=where.scope, channel=where.channel, team=where.team)

    async def _meet_person(self, where: Installation) -> None:
        if not where.account:
            return
        reference = PersonalReference(where.account, where.mri, where.service_url, where.conversation)
        if await self.conversations.save_person(reference):
            with suppress(Unreachable):
                await self.chat.tell(where.account, HELLO)

    async def _meet_channel(self, where: Installation) -> None:
        channel = where.channel or where.conversation
        if where.shared:
            with suppress(Unreachable):
                await self.chat.say(channel, SHARED)
            return
        if await self.conversations.save_channel(ChannelReference(channel, where.service_url, where.team, where.name)):
            log.info("bot_installed", channel=channel, team=where.team)
            with suppress(Unreachable):
                await self.chat.post(InChannel(channel), welcome(channel, self.policy.workflows), WELCOME)
        await self.catching_up.catch_up([channel])

    async def _meet_team(self, where: Installation) -> None:
        """Store that a team is back that was archived or deleted. Teams reports it once, and names the team, its
        general channel, or both (botframework-sdk#5892, msteams-docs#2676, msteams-docs#7462). It was greeted
        before."""
        known = await self.conversations.of_team(*filter(None, (where.team, where.channel)))
        for channel in known:
            await self.conversations.save_channel(replace(channel, service_url=where.service_url))
        log.info("team_is_back", team=where.team, channels=len(known))
        await self.catching_up.catch_up({where.channel, *(one.channel for one in known)}, of_team=True)
