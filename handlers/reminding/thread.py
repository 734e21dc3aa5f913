"""Messages of one line: under a card, in a 1:1 chat, in the operations channel."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from approvals.effects import MailPerson, Medium, Notice, Occasion, TellPerson
from approvals.people import Person
from approvals.request import IntuneStatus, Request
from cards import sentences
from handlers.gathering.helpers import Helpers
from handlers.ports.copies import Copy
from handlers.ports.errors import Unavailable, Unreachable
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel
from handlers.ports.teams import Chat, Mention
from handlers.reminding.gathering import Gathering
from handlers.showing.attempts import Attempts

_OF_REVIEWS = frozenset({Occasion.REVIEW_DUE, Occasion.REVIEW_OVERDUE, Occasion.REVIEW_CLOSED})
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

    async def reply(self, request: Request, occasion: Occasion) -> None:
        """Write under every card that it concerns."""
        copies = [copy for copy in await self.attempts.living(request) if _concerns(request, occasion, copy.place)]
        if occasion is Occasion.PAGED and request.takes_votes and not copies:
            raise Unavailable("the card does not stand in the on-call chat yet")
        for copy in copies:
            text = sentences.reply(request, occasion) if _has_thread(copy) else sentences.tell(request, occasion)
            await self.chat.reply(copy, text, await self._addressees(request, occasion, copy))

    async def ask(self, request: Request, attempt: str) -> None:
        """Mention those who can fill an empty seat, under the card of this attempt. It is a line of its own: Teams
        makes two messages of a card with text."""
        if not request.takes_votes:
            return
        for copy in await self.attempts.living(request):
            if copy.attempt == attempt and isinstance(copy.place, InChannel):
                whom = await self.helpers.mentions(request, copy.place.channel)
                if whom:
                    await self.chat.reply(copy, sentences.ask(request), whom)

    async def _addressees(self, request: Request, occasion: Occasion, copy: Copy) -> Sequence[Mention]:
        """Return whom a thread reply mentions: those who can act on it, never everybody."""
        if isinstance(copy.place, InChat):
            return ()
        if occasion is Occasion.WAITS_FOR_ONE and request.takes_votes:
            return await self.helpers.mentions(request, copy.place.channel)
        if occasion is Occasion.PAGED and request.reminders.paged:
            known = await self.chat.mentions(copy.place.channel, [request.reminders.paged[-1].account])
            return list(known.values())
        return ()

    async def alarm(self, request: Request, occasion: Occasion) -> None:
        """Write to the operations channel; an overdue review goes to the on-call chat as well."""
        text = sentences.alarm(request, occasion)
        log.error("alarm", request_id=request.id, occasion=occasion, text=text)
        if occasion is Occasion.COPY_LOST:
            await self.gathering.gather_alarm(Notice(request.id, occasion))
            return
        overdue = request.review.channels if occasion is Occasion.REVIEW_OVERDUE and request.review else ()
        for channel in dict.fromkeys(filter(None, (self.operations_channel, *overdue))):
            await self.chat.say(channel, text)

    async def tell(self, request: Request, effect: TellPerson) -> None:
        """Write in the 1:1 chat if they have the app, else mention them under the card."""
        if effect.occasion is Occasion.COMPLETE_SOON and request.intune_status is not IntuneStatus.APPROVED:
            return
        text = sentences.tell(request, effect.occasion)
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
        await self.gathering.gather(Medium.MAIL, effect.account, Notice(request.id, effect.occasion))

    async def mail(self, request: Request, effect: MailPerson) -> None:
        """Gather a mail, to be sent together with their others."""
        await self.gathering.gather(Medium.MAIL, effect.account, Notice(request.id, effect.occasion))


def _has_thread(copy: Copy) -> bool:
    """Return whether it has a thread. In a group chat a text has to say what it is about."""
    return ";messageid=" in copy.conversation


def _concerns(request: Request, occasion: Occasion, place: Place) -> bool:
    if occasion is Occasion.PAGED:
        paging = request.reminders.paging
        return paging is not None and place == InChannel(paging.chat)
    return isinstance(place, ReviewInChannel if occasion in _OF_REVIEWS else InChannel)


def _accounts(request: Request, account: str) -> list[str]:
    """Return this account first, then those linked to it: people read chat with their daily account."""
    people = [vote.voter for vote in request.votes]
    people += [person for person in (request.requestor, request.initiator) if isinstance(person, Person)]
    linked = {other for person in people if account in person.accounts for other in person.accounts}
    return [account, *sorted(linked - {account})]
