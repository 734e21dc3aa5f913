"""The app comes and goes: remember where the bot can write, and say what a place will get."""

from contextlib import suppress

import structlog

from approvals.effects import Planned, PostCards
from cards.welcome import welcome
from handlers.clicks import Place
from handlers.desk import Desk, channels_of
from handlers.inbox import Installation, Removal
from handlers.ports.errors import Unreachable
from handlers.ports.teams import ChannelReference, PersonalReference

HELLO = "Countersign is here. It writes to you when a request of yours, or one that waits for you, needs you."
SHARED = (
    "Countersign does not serve shared channels, because people of other organisations may be in them. Please use a "
    "standard or a private channel."
)
WELCOME = "Countersign is here."

log = structlog.get_logger(__name__)


async def installed(desk: Desk, where: Installation) -> None:
    """Remember how to write there; the first time, say what this place will get."""
    if where.place is Place.PERSONAL:
        await _meet_person(desk, where)
    else:
        await _meet_channel(desk, where)


async def removed(desk: Desk, where: Removal) -> None:
    """Forget how to write there."""
    if where.place is Place.PERSONAL:
        await desk.conversations.forget_person(where.account)
    elif where.channel or where.place is Place.GROUP_CHAT:
        await desk.conversations.forget_channel(where.channel or where.conversation)
    else:
        await desk.conversations.forget_team(where.team)
    log.info("bot_removed", place=where.place, channel=where.channel, team=where.team)


async def _meet_person(desk: Desk, where: Installation) -> None:
    if not where.account:
        return
    reference = PersonalReference(where.account, where.mri, where.service_url, where.conversation)
    if await desk.conversations.save_person(reference):
        with suppress(Unreachable):
            await desk.chat.tell(where.account, HELLO)


async def _meet_channel(desk: Desk, where: Installation) -> None:
    channel = where.channel or where.conversation
    if where.shared:
        with suppress(Unreachable):
            await desk.chat.say(channel, SHARED)
        return
    if await desk.conversations.save_channel(ChannelReference(channel, where.service_url, where.team, where.name)):
        log.info("bot_installed", channel=channel, team=where.team)
        with suppress(Unreachable):
            await desk.chat.post(channel, welcome(channel, desk.policy.workflows), WELCOME)
    await _catch_up(desk, channel)


async def _catch_up(desk: Desk, channel: str) -> None:
    """What waits for this channel and could not be posted while the bot was not in it; long ago it was given up."""
    found = await desk.requests.open()
    missed = [request for request in found if request.takes_votes and channel in channels_of(request)]
    await desk.outbox.plan([Planned(PostCards(request.id)) for request in missed], await desk.clock.now())
