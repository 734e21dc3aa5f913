"""Reminding: the steps of a request's ladder, paging those on call, and what each person is then told, gathered.

Five waiting requests are one message with a list: what is to be told is gathered for each recipient first, and
delivered a little later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

import structlog

from approvals.effects import Deliver, Medium, Notice, Occasion, Planned
from approvals.request import Request
from cards import letters, sentences
from handlers.gathering.availability import Availability
from handlers.gathering.helpers import MOST_MENTIONED, Helpers
from handlers.ports.clock import Clock
from handlers.ports.copies import Copies, Copy
from handlers.ports.directory import Directory
from handlers.ports.errors import Unreachable, Unsendable
from handlers.ports.notices import Notices
from handlers.ports.outbox import Outbox
from handlers.ports.people import Mail
from handlers.ports.places import account_of, is_review
from handlers.ports.requests import Requests
from handlers.ports.teams import Chat, Mention
from handlers.telling.gathering import Gathering

log = structlog.get_logger(__name__)


ALARM_PAUSE = timedelta(minutes=10)
"""So long an alarm of what was lost waits for more of it, after one that was told at once."""


Told = Sequence[tuple[Request, Notice]]


@dataclass(frozen=True, slots=True)
class Delivering:
    """Sends what is gathered."""

    clock: Clock
    requests: Requests
    copies: Copies
    outbox: Outbox
    directory: Directory
    chat: Chat
    notices: Notices
    mail: Mail | None
    helpers: Helpers
    availability: Availability
    gathering: Gathering

    async def deliver(self, medium: Medium, target: str) -> None:
        """Send what is gathered as one message; what has become pointless is left out."""
        waiting = await self.notices.waiting(medium, target)
        told = [(request, notice) for notice in waiting if (request := await self._to_tell(notice))]
        if told:
            await self._send(medium, target, told)
            log.info("delivered", medium=medium, target=target, notices=len(told))
        await self.notices.delivered(medium, target, waiting)
        if told and medium is Medium.ALARM:
            await self.outbox.plan([Planned(Deliver(medium, target))], await self.clock.now() + ALARM_PAUSE)

    async def _send(self, medium: Medium, target: str, told: Told) -> None:
        match medium:
            case Medium.THREAD:
                await self._to_channel(target, told)
            case Medium.CHAT:
                await self._to_chat(target, told)
            case Medium.MAIL:
                await self._to_mailbox(target, told)
            case Medium.ALARM:
                await self._to_operations(target, told)
            case _:
                assert_never(medium)

    async def _to_tell(self, notice: Notice) -> Request | None:
        """The request, if there is still a point in telling of it."""
        request = await self.requests.load(notice.request_id)
        if request is None:
            return None
        if notice.occasion is Occasion.WAITS:
            claimed = request.claim is not None and await self.clock.now() < request.claim.until
            return request if request.takes_votes and not claimed else None
        if notice.occasion in (Occasion.REVIEW_DUE, Occasion.REVIEW_OVERDUE):
            return request if request.review is not None and request.review.is_open else None
        return request

    async def _to_channel(self, channel: str, told: Told) -> None:
        """One request is reminded of under its card, several in a message of their own."""
        if len(told) == 1:
            ((request, notice),) = told
            for copy in await self._copies(request, channel):
                whom = await self.helpers.mentions(
                    request, channel, await self.availability.whom_to_ask(await self.helpers.people(request))
                )
                await self.chat.reply(copy, sentences.reply(request, notice.occasion), whom)
            return
        people: dict[str, Mention] = {}
        for request, _ in told:
            there = await self.availability.whom_to_ask(await self.helpers.people(request))
            people |= {mention.mri: mention for mention in await self.helpers.mentions(request, channel, there)}
        some = list(people.values())[:MOST_MENTIONED]
        await self.chat.say(channel, sentences.list_of([request for request, _ in told]), some)

    async def _to_operations(self, channel: str, told: Told) -> None:
        await self.chat.say(channel, sentences.lost([request for request, _ in told]))

    async def _to_chat(self, account: str, told: Told) -> None:
        """Who cannot be reached in chat gets a mail instead."""
        text = sentences.list_of([request for request, _ in told])
        try:
            await self.chat.tell(account, text)
        except Unreachable:
            for _, notice in told:
                await self.gathering.gather(Medium.MAIL, account, notice)

    async def _to_mailbox(self, account: str, told: Told) -> None:
        """At the mailbox of the account, or of a linked one that has one."""
        address = await self._address_of(account)
        if self.mail is None or address is None:
            log.warning("no_mailbox", account=account)
            return
        items = [letters.Item(request, notice.occasion, await self._link(request)) for request, notice in told]
        try:
            await self.mail.send(address, letters.letter(items))
        except Unsendable as error:
            log.warning("mail_given_up", account=account, error=str(error))

    async def _address_of(self, account: str) -> str | None:
        if self.mail is None:
            return None
        person = await self.directory.person(account)
        linked = sorted(person.accounts - {account}) if person else []
        for one in (account, *linked):
            if address := await self.mail.address_of(one):
                return address
        return None

    async def _link(self, request: Request) -> str:
        """To the card in a channel, where there is one: it is the only place where anything is decided."""
        copies = [copy for copy in await self.copies.of(request.id) if copy.lives]
        shown = [copy for copy in copies if not (account_of(copy.channel) or is_review(copy.channel))]
        return self.chat.link(shown[0]) if shown else ""

    async def _copies(self, request: Request, channel: str) -> list[Copy]:
        found = await self.copies.of(request.id)
        return [copy for copy in found if copy.channel == channel and copy.lives]
