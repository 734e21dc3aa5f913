"""Messages of one line: under a card, in a 1:1 chat, in the operations channel."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from approvals.effects import MailPerson, Medium, Notice, NotificationKind, TellPerson
from approvals.people import Person
from approvals.request import IntuneStatus, Request
from cards import sentences
from handlers.gathering.helpers import Helpers
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Unavailable, Unreachable
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel
from handlers.ports.teams import Chat, Mention
from handlers.reminding.gathering import Gathering
from handlers.showing.attempts import Attempts

_OF_REVIEWS = frozenset({NotificationKind.REVIEW_DUE, NotificationKind.REVIEW_OVERDUE, NotificationKind.REVIEW_CLOSED})
"""Occasions written under the card of a review; all others go under those of the request."""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Thread:
    """Writes lines where their recipients see them. `operations_channel` is empty if there is none."""

    chat: Chat
    operations_channel: str
    helpers: Helpers
    attempts: Attempts
    gathering: Gathering

    async def reply(self, request: Request, notification: NotificationKind) -> None:
        """Write under every card that it concerns."""
        copies = [copy for copy in await self.attempts.living(request) if _concerns(request, notification, copy.place)]
        if notification is NotificationKind.PAGED and request.takes_votes and not copies:
            raise Unavailable("the card does not stand in the on-call chat yet")
        for copy in copies:
            text = (
                sentences.reply(request, notification) if _has_thread(copy) else sentences.tell(request, notification)
            )
            await self.chat.reply(copy, text, await self._addressees(request, notification, copy))

    async def ask(self, request: Request, attempt: str) -> None:
        """Mention the people who can fill an empty seat, in a reply under the card of this attempt, or beside it if
        Teams never named that card. It is a separate message, because Teams splits a card with text into two
        messages."""
        copy = await self.attempts.to_ask_at(request, attempt)
        if not request.takes_votes or copy is None or not isinstance(copy.place, InChannel):
            return
        whom = await self.helpers.mentions(request, copy.place.channel)
        if whom and copy.lives:
            await self.chat.reply(copy, sentences.ask(request), whom)
        elif whom:
            await self.chat.say(copy.place.channel, sentences.ask(request), whom)

    async def _addressees(
        self, request: Request, notification: NotificationKind, copy: PostedCard
    ) -> Sequence[Mention]:
        """Return whom a thread reply mentions: those who can act on it, never everybody."""
        if isinstance(copy.place, InChat):
            return ()
        if notification is NotificationKind.WAITS_FOR_ONE and request.takes_votes:
            return await self.helpers.mentions(request, copy.place.channel)
        if notification is NotificationKind.PAGED and request.reminders.paged:
            known = await self.chat.mentions(copy.place.channel, [request.reminders.paged[-1].account])
            return list(known.values())
        return ()

    async def alarm(self, request: Request, notification: NotificationKind) -> None:
        """Write to the operations channel; an overdue review goes to the on-call chat as well."""
        text = sentences.alarm(request, notification)
        log.error("alarm", request_id=request.id, notification=notification, text=text)
        if notification is NotificationKind.COPY_LOST:
            await self.gathering.gather_alarm(Notice(request.id, notification))
            return
        overdue = request.review.channels if notification is NotificationKind.REVIEW_OVERDUE and request.review else ()
        for channel in dict.fromkeys(filter(None, (self.operations_channel, *overdue))):
            await self.chat.say(channel, text)

    async def tell(self, request: Request, effect: TellPerson) -> None:
        """Write in the 1:1 chat if they have the app, else mention them under the card."""
        if effect.notification is NotificationKind.COMPLETE_SOON and request.intune_status is not IntuneStatus.APPROVED:
            return
        text = sentences.tell(request, effect.notification)
        for account in _accounts(request, effect.account):
            with suppress(Unreachable):
                await self.chat.tell(account, text)
                return
        await self._mention_under_card(request, effect, text)

    async def _mention_under_card(self, request: Request, effect: TellPerson, text: str) -> None:
        """Mention them under a card; if that reaches nobody, gather a mail."""
        for copy in await self.attempts.living(request):
            if isinstance(copy.place, InChat):  # a chat has no members to look for
                continue
            known = await self.chat.mentions(copy.place.channel, _accounts(request, effect.account))
            if known:
                await self.chat.reply(copy, text, list(known.values())[:1])
                return
        log.warning("person_not_reached", request_id=request.id, account=effect.account)
        await self.gathering.gather(Medium.MAIL, effect.account, Notice(request.id, effect.notification))

    async def mail(self, request: Request, effect: MailPerson) -> None:
        """Gather a mail, to be sent together with their others."""
        await self.gathering.gather(Medium.MAIL, effect.account, Notice(request.id, effect.notification))


def _has_thread(copy: PostedCard) -> bool:
    """Return whether the card has a thread. If it has none, as in a group chat, each text has to name its request."""
    return ";messageid=" in copy.conversation


def _concerns(request: Request, notification: NotificationKind, place: Place) -> bool:
    if notification is NotificationKind.PAGED:
        paging = request.reminders.paging
        return paging is not None and place == InChannel(paging.chat)
    return isinstance(place, ReviewInChannel if notification in _OF_REVIEWS else InChannel)


def _accounts(request: Request, account: str) -> list[str]:
    """Return this account first, then those linked to it: people read chat with their daily account."""
    people = [vote.voter for vote in request.votes]
    people += [person for person in (request.requestor, request.initiator) if isinstance(person, Person)]
    linked = {other for person in people if account in person.accounts for other in person.accounts}
    return [account, *sorted(linked - {account})]
