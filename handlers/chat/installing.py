"""The app comes and goes: remember where the bot can write, and say what a place will get."""

from contextlib import suppress
from dataclasses import dataclass

import structlog

from approvals.effects import Planned, PostCards
from cards.welcome import welcome
from handlers.clicks import Scope
from handlers.inbox import Installation, Removal
from handlers.places import channels_of
from handlers.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.errors import Unreachable
from handlers.ports.outbox import Outbox
from handlers.ports.places import InChannel
from handlers.ports.requests import Requests
from handlers.ports.teams import ChannelReference, Chat, Conversations, PersonalReference

log = structlog.get_logger(__name__)
HELLO = "Countersign is here. It writes to you when a request of yours, or one that waits for you, needs you."
SHARED = (
    "Countersign does not serve shared channels, because people of other organisations may be in them. Please use a "
    "standard or a private channel."
)
WELCOME = "Countersign is here."


@dataclass(frozen=True, slots=True)
class Installing:
    """Greets whoever gets the app, and forgets whoever loses it. The same news may come several times."""

    clock: Clock
    requests: Requests
    outbox: Outbox
    chat: Chat
    conversations: Conversations
    policy: Policy

    async def installed(self, where: Installation) -> None:
        """Remember how to write there; the first time, say what this place will get."""
        if where.scope is Scope.PERSONAL:
            await self._meet_person(where)
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
        await self._catch_up(channel)

    async def _catch_up(self, channel: str) -> None:
        """What waits for this channel and could not be posted while the bot was not in it; long ago it was given up."""
        found = await self.requests.open()
        missed = [request for request in found if request.takes_votes and channel in channels_of(request)]
        await self.outbox.plan([Planned(PostCards(request.id)) for request in missed], await self.clock.now())
