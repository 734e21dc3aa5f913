"""Deliver the notices for one recipient as one message, however many requests they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

import structlog

from approvals.effects import Deliver, Medium, Notice, NotificationKind, Planned
from approvals.request import Request
from cards import sentences
from handlers.gathering.availability import Availability
from handlers.gathering.helpers import MOST_MENTIONED, Helpers
from handlers.ports.clock import Clock
from handlers.ports.errors import Unreachable
from handlers.ports.notices import Notices
from handlers.ports.outbox import Outbox
from handlers.ports.places import InChannel
from handlers.ports.requests import Requests
from handlers.ports.teams import Chat, Mention
from handlers.reminding.gathering import Gathering
from handlers.reminding.mailing import Mailing
from handlers.showing.attempts import Attempts

ALARM_PAUSE = timedelta(minutes=10)
"""Batching window for alarms of lost cards, after one that was sent at once."""

Told = Sequence[tuple[Request, Notice]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ChannelReminders:
    """Reminds in a channel, and mentions the people who could help and are available."""

    chat: Chat
    attempts: Attempts
    helpers: Helpers
    availability: Availability

    async def send(self, channel: str, told: Told) -> None:
        """Remind of one request under its card, of several in a message of their own."""
        if len(told) == 1:
            ((request, notice),) = told
            whom = await self._mentions(request, channel)
            for copy in await self.attempts.living(request):
                if copy.place == InChannel(channel):
                    await self.chat.reply(copy, sentences.reply(request, notice.notification), whom)
            return
        people: dict[str, Mention] = {}
        for request, _ in told:
            people |= {mention.mri: mention for mention in await self._mentions(request, channel)}
        some = list(people.values())[:MOST_MENTIONED]
        await self.chat.say(channel, sentences.list_of([request for request, _ in told]), some)

    async def _mentions(self, request: Request, channel: str) -> list[Mention]:
        there = await self.availability.whom_to_ask(await self.helpers.people(request))
        return await self.helpers.mentions(request, channel, there)


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends one message by the medium of its notices."""

    chat: Chat
    channel_reminders: ChannelReminders
    mailing: Mailing
    gathering: Gathering

    async def send(self, medium: Medium, target: str, told: Told) -> None:
        """Send the message about these requests."""
        match medium:
            case Medium.THREAD:
                await self.channel_reminders.send(target, told)
            case Medium.CHAT:
                await self._to_chat(target, told)
            case Medium.MAIL:
                await self.mailing.send(target, told)
            case Medium.ALARM:
                await self.chat.say(target, sentences.lost([request for request, _ in told]))
            case _:
                assert_never(medium)

    async def _to_chat(self, account: str, told: Told) -> None:
        """Write in the chat; if that cannot be reached, gather a mail instead."""
        text = sentences.list_of([request for request, _ in told])
        try:
            await self.chat.tell(account, text)
        except Unreachable:
            for _, notice in told:
                await self.gathering.gather(Medium.MAIL, account, notice)


@dataclass(frozen=True, slots=True)
class Delivering:
    """Delivers the notices, and removes them."""

    clock: Clock
    requests: Requests
    outbox: Outbox
    notices: Notices
    sending: Sending

    async def deliver(self, medium: Medium, target: str) -> None:
        """Send the notices as one message, without those that have become pointless."""
        waiting = await self.notices.waiting(medium, target)
        told = [(request, notice) for notice in waiting if (request := await self._to_tell(notice))]
        if told:
            await self.sending.send(medium, target, told)
            log.info("delivered", medium=medium, target=target, notices=len(told))
        await self.notices.delivered(medium, target, waiting)
        if told and medium is Medium.ALARM:
            await self.outbox.plan([Planned(Deliver(medium, target))], await self.clock.now() + ALARM_PAUSE)

    async def _to_tell(self, notice: Notice) -> Request | None:
        """Return the request, if its notice is still of use."""
        request = await self.requests.load(notice.request_id)
        if request is None:
            return None
        if notice.notification is NotificationKind.WAITS:
            claimed = request.reminders.is_claimed(await self.clock.now())
            return request if request.takes_votes and not claimed else None
        if notice.notification in (NotificationKind.REVIEW_DUE, NotificationKind.REVIEW_OVERDUE):
            return request if request.review is not None and request.review.is_open else None
        return request
