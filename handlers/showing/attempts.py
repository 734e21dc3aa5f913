"""The posted cards of a request. Each attempt to post has its own id, which every click on its card carries.

Teams does not always say whether a card was posted, and never lists what the bot has posted. So an attempt is stored
before its post, and a click may supply the message of an attempt that has none yet. The id is good for nothing else: it
names one request and one place, and is used up as soon as a message is known. Everybody in the place can read it. With
the id of a stray card they can claim another message of the bot there as its card, once: then that message shows the
request that they see anyway. The card of another request is never overwritten.
"""

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from approvals.asking import Draft
from approvals.audit import AuditEntry, Kind
from approvals.effects import Alarm, AskPeople, NotificationKind, Planned, PostCards, RefreshCards
from approvals.request import Request
from cards.actions import Verb
from handlers.incoming.clicks import Click, Scope
from handlers.ports.clock import Clock
from handlers.ports.copies import PostedCard, PostedCards
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel, channel_of
from handlers.ports.teams import Posted

MOST_KEPT = 8
"""Most attempts without a living card that are kept per request and place. Answers are seldom lost; so many in a row
are an outage, and the latest of their stray cards can still be adopted."""

LEFT = timedelta(seconds=10)
"""Delay before redrawing: the person may be about to go back on another card as well."""

_OPENING = frozenset({Verb.APPROVE, Verb.REJECT, Verb.URGENT, Verb.REVIEW, Verb.GLASS})

MOST_UNNAMED = 3
"""Most cards posted to one place that Teams accepted without naming them."""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Stores what is known of each posted card."""

    clock: Clock
    copies: PostedCards

    async def begin(self, request: Request, place: Place) -> PostedCard:
        """Store a new attempt to post, and forget the oldest of those whose card is not there."""
        known = await self.copies.of(request.id)
        idle = sorted((copy for copy in known if copy.place == place and not copy.lives), key=lambda copy: copy.attempt)
        for old in idle[: 1 - MOST_KEPT]:
            await self.copies.swap(old, None)
        begun = PostedCard(request.id, place, attempt=_new_attempt(await self.clock.now()))
        await self.copies.save(begun)
        return begun

    async def adopt(self, request: Request, clicked: Click) -> None:
        """Record the card that was clicked, if it is one of ours that was unknown or recorded as lost.

        It is redrawn at once, because it may be outdated. But an edit removes everybody's own view (Teams: "User
        Specific Views"), so it waits while the person opens a second step; their vote or their way back has it redrawn.
        """
        if not (clicked.button.attempt and clicked.message_id):
            return
        redraw = [] if _opens_a_step(request, clicked) else [Planned(RefreshCards(request.id))]
        later = [Planned(RefreshCards(request.id), await self.clock.now() + LEFT)]
        found = [copy for copy in await self.copies.of(request.id) if copy.attempt == clicked.button.attempt]
        for copy in found:
            adopted = _adopted(copy, clicked)
            if adopted and await self.copies.swap(copy, adopted, [*redraw, *await self._asking(copy, request)]):
                log.info("card_adopted", request_id=request.id, **said_of(copy.place))
            elif _waits_for_redrawing(copy, clicked):
                await self.copies.swap(copy, copy, later)

    async def _asking(self, copy: PostedCard, request: Request) -> list[Planned]:
        """Return what calls people to a card that a click has shown, if nobody has been called in its place.

        The answer to its post may still arrive and call them: until then this waits, and both are one effect.
        """
        there = [one for one in await self.copies.of(request.id) if one.place == copy.place]
        unnamed = sum(one.unnamed for one in there)
        if not _asks(request, copy.place) or unnamed >= MOST_UNNAMED or any(one.activity_id for one in there):
            return []
        return [Planned(AskPeople(request.id, copy.attempt), await self.clock.now() + LEFT)]

    async def revive(self, request_id: str, channel: str) -> None:
        """Take the lost cards in a channel for living ones again, because the channel was out of reach. The next edit
        shows whether they are there."""
        for copy in await self.copies.of(request_id):
            if copy.lost and not isinstance(copy.place, InChat) and copy.place.channel == channel:
                again = replace(copy, lost=False, adopted=True)
                await self.copies.swap(copy, again, [Planned(RefreshCards(request_id))])

    async def to_ask_at(self, request: Request, attempt: str) -> PostedCard | None:
        """Return the card of this attempt, if it is in Teams, named or not."""
        known = await self.copies.of(request.id)
        return next((copy for copy in known if copy.attempt == attempt and (copy.lives or copy.unnamed)), None)

    async def prove(self, copy: PostedCard) -> None:
        """Record that an edit has reached a card that only a click had shown to be there."""
        if copy.adopted:
            await self.copies.swap(copy, replace(copy, adopted=False))

    async def become(self, draft: Draft, clicked: Click) -> None:
        """Make the confirmation, which its author clicks on in their own chat, the status card of the request.

        The draft's id is the attempt: it was stored before its card was shown, it serves once, and only its author can
        click on it. It is stored before the request is, so that no second card is posted.
        """
        if clicked.scope is Scope.PERSONAL and clicked.message_id:
            chat = InChat(clicked.account)
            here = PostedCard(draft.id, chat, clicked.conversation, clicked.message_id, attempt=draft.id, adopted=True)
            await self.copies.swap(None, here)

    async def living(self, request: Request) -> list[PostedCard]:
        """Return the cards that are in Teams and are kept up to date."""
        return [copy for copy in await self.copies.of(request.id) if copy.lives]

    async def done_places(self, request: Request) -> set[Place]:
        """Return the places that need no post: a card is there, or Teams has accepted too many without naming one."""
        known = await self.copies.of(request.id)
        unnamed = Counter(copy.place for copy in known if copy.unnamed)
        taken = {place for place, number in unnamed.items() if number >= MOST_UNNAMED}
        return taken | {copy.place for copy in known if copy.lives}

    async def unnamed(self, begun: PostedCard, request: Request) -> int:
        """Record that Teams accepted this card without returning a message id. Return how many such cards of the
        request this place now has; at `MOST_UNNAMED` the operators are alarmed, and people are called."""
        known = [copy for copy in await self.copies.of(request.id) if copy.place == begun.place and copy.unnamed]
        number = len(known) + 1
        planned = list[Planned]()
        if number == MOST_UNNAMED:
            planned.append(Planned(Alarm(request.id, NotificationKind.COPY_UNNAMED)))
            planned += [Planned(AskPeople(request.id, begun.attempt))] if _asks(request, begun.place) else []
        entries = [await self._entry(Kind.POSTED, request, begun.place)]
        await self.copies.save(replace(begun, unnamed=True), entries, planned)
        log.warning("card_unnamed", request_id=request.id, **said_of(begun.place), number=number)
        return number

    async def posted(self, begun: PostedCard, where: Posted, request: Request) -> None:
        """Complete an attempt: its card, drawn from this request, is there now. In a channel those who can help are
        mentioned, once: an edited card notifies nobody."""
        await self.copies.save(
            replace(begun, conversation=where.conversation, activity_id=where.activity_id),
            [await self._entry(Kind.POSTED, request, begun.place)],
            [Planned(AskPeople(request.id, begun.attempt))] if _asks(request, begun.place) else [],
            if_stale=[Planned(RefreshCards(request.id))],
            drawn_from=request.revision,
        )
        log.info("card_posted", request_id=request.id, **said_of(begun.place))

    async def give_up(self, begun: PostedCard) -> None:
        """Forget an attempt whose card is certainly nowhere."""
        await self.copies.swap(begun, None)

    async def lose(self, copy: PostedCard, request: Request) -> None:
        """Record that a card can no longer be edited, and plan a new one while the request waits. A card known only
        from a click causes no alarm."""
        lost, again = replace(copy, lost=True), [Planned(PostCards(request.id))] if request.takes_votes else []
        log.warning("card_lost", request_id=request.id, **said_of(copy.place), adopted=copy.adopted)
        if copy.adopted:
            await self.copies.swap(copy, lost, again)
            return
        alarm = [] if isinstance(copy.place, InChat) else [Planned(Alarm(request.id, NotificationKind.COPY_LOST))]
        await self.copies.save(lost, [await self._entry(Kind.COPY_LOST, request, copy.place)], [*alarm, *again])

    async def _entry(self, kind: Kind, request: Request, place: Place) -> AuditEntry:
        now = await self.clock.now()
        return AuditEntry(kind, now, request.id, digest=request.digest, evidence=said_of(place))


def said_of(place: Place) -> dict[str, str]:
    """Return a place as logs and the audit name it."""
    match place:
        case InChannel():
            return {"channel": place.channel}
        case InChat():
            return {"chat_of": place.account}
        case ReviewInChannel():
            return {"channel": place.channel, "card": "review"}
        case _:
            assert_never(place)


def _asks(request: Request, place: Place) -> bool:
    """Return whether people are called to a new card in this place."""
    return request.takes_votes and isinstance(place, InChannel)


def _adopted(copy: PostedCard, clicked: Click) -> PostedCard | None:
    """Return the copy as this click leaves it, if the click says anything new and comes from the copy's place."""
    if not _is_in_its_place(copy, clicked):
        return None
    if not copy.activity_id:
        here = replace(copy, conversation=clicked.conversation, activity_id=clicked.message_id)
        return replace(here, adopted=True, unnamed=False)
    if copy.lost and not copy.adopted and copy.activity_id == clicked.message_id:
        return replace(copy, lost=False, adopted=True)
    return None


def _opens_a_step(request: Request, clicked: Click) -> bool:
    """Return whether this click opens a view that the person fills in; a vote that cannot be cast opens none."""
    verb = clicked.button.verb
    return verb in _OPENING and (request.takes_votes or verb not in (Verb.APPROVE, Verb.REJECT))


def _waits_for_redrawing(copy: PostedCard, clicked: Click) -> bool:
    """Return whether a person goes back from a second step on an adopted card that has not been edited since."""
    here = copy.activity_id == clicked.message_id and _is_in_its_place(copy, clicked)
    return clicked.button.verb is Verb.BACK and copy.adopted and copy.lives and here


def _is_in_its_place(copy: PostedCard, clicked: Click) -> bool:
    """Return whether the click comes from the place of this attempt, as Teams says."""
    if isinstance(copy.place, InChat):
        return clicked.scope is Scope.PERSONAL and clicked.account == copy.place.account
    return channel_of(clicked.conversation) == copy.place.channel


def _new_attempt(now: datetime) -> str:
    """Return an unguessable id that sorts by time: milliseconds since 1970, then 80 random bits."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"
