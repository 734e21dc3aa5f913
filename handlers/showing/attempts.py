"""The posted cards of a request. Each attempt to post has an id of its own, which every click on its card brings back.

Teams does not always say whether a card was posted, and never lists what the bot has posted. So an attempt is written
down before its post; a click may say where the card of an attempt stands that has no message yet. That is all that the
id is good for: it names one request and one place, and it is spent as soon as a message is known. Everybody in the
place can read it. With the id of a stray card they can call another message of the bot there its card, once: then that
message shows the request that they see anyway, and never is the card of another request painted over.
"""

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from approvals.asking import Draft
from approvals.audit import AuditEntry, Kind
from approvals.effects import Alarm, AskPeople, Occasion, Planned, PostCards, RefreshCards
from approvals.request import Request
from cards.actions import Verb
from handlers.incoming.clicks import Click, Scope
from handlers.ports.clock import Clock
from handlers.ports.copies import Copies, Copy
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel, channel_of
from handlers.ports.teams import Posted

MOST_KEPT = 8
"""So many attempts of one request and place without a living card are kept. An answer is seldom lost; as many in a row
are an outage, and of its strays the latest can be adopted."""

LEFT = timedelta(seconds=10)
"""Whoever goes back on one card of a request may be about to do so on another."""

_OPENING = frozenset({Verb.APPROVE, Verb.REJECT, Verb.URGENT, Verb.REVIEW, Verb.GLASS})

MOST_UNNAMED = 3
"""So many cards that Teams took without naming them are posted to one place, and no more."""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Keeps in the store what is known of each posted card."""

    clock: Clock
    copies: Copies

    async def begin(self, request: Request, place: Place) -> Copy:
        """Write a new attempt to post down, and forget the oldest of those whose card does not stand there."""
        known = await self.copies.of(request.id)
        idle = sorted((copy for copy in known if copy.place == place and not copy.lives), key=lambda copy: copy.attempt)
        for old in idle[: 1 - MOST_KEPT]:
            await self.copies.swap(old, None)
        begun = Copy(request.id, place, attempt=_new_attempt(await self.clock.now()))
        await self.copies.save(begun)
        return begun

    async def adopt(self, request: Request, clicked: Click) -> None:
        """Know the card that was clicked from now on, if it is one of ours that nobody knew of, or that was called
        lost.

        It is redrawn at once, for it may show the past; but an edit takes everybody's own view away (Teams: "User
        Specific Views"), so not under somebody who opens a second step. Their vote has it redrawn, or their way back.
        """
        if not (clicked.button.attempt and clicked.message_id):
            return
        redraw = [] if _opens_a_step(request, clicked) else [Planned(RefreshCards(request.id))]
        later = [Planned(RefreshCards(request.id), await self.clock.now() + LEFT)]
        found = [copy for copy in await self.copies.of(request.id) if copy.attempt == clicked.button.attempt]
        for copy in found:
            adopted = _adopted(copy, clicked)
            if adopted and await self.copies.swap(copy, adopted, redraw):
                log.info("card_adopted", request_id=request.id, **said_of(copy.place))
            elif _waits_for_redrawing(copy, clicked):
                await self.copies.swap(copy, copy, later)

    async def prove(self, copy: Copy) -> None:
        """Remember that an edit has reached a card of which only a click had said that it stands there."""
        if copy.adopted:
            await self.copies.swap(copy, replace(copy, adopted=False))

    async def become(self, draft: Draft, clicked: Click) -> None:
        """Make the confirmation, which its author clicks on in their own chat, the status card of what they ask for.

        The draft's id is the attempt: it was stored before its card was shown, it serves once, and only its author can
        click on it. Known before the request is, so that no second card is posted.
        """
        if clicked.scope is Scope.PERSONAL and clicked.message_id:
            chat = InChat(clicked.account)
            here = Copy(draft.id, chat, clicked.conversation, clicked.message_id, attempt=draft.id, adopted=True)
            await self.copies.swap(None, here)

    async def living(self, request: Request) -> list[Copy]:
        """The cards that stand in Teams and are kept true."""
        return [copy for copy in await self.copies.of(request.id) if copy.lives]

    async def done_places(self, request: Request) -> set[Place]:
        """Where no card has to be posted: one stands there, or Teams has taken so many without naming one."""
        known = await self.copies.of(request.id)
        unnamed = Counter(copy.place for copy in known if copy.unnamed)
        taken = {place for place, number in unnamed.items() if number >= MOST_UNNAMED}
        return taken | {copy.place for copy in known if copy.lives}

    async def unnamed(self, begun: Copy, request: Request) -> int:
        """Remember that Teams took this card without naming it; how many there are of this place by now. The operators
        hear of the last."""
        known = [copy for copy in await self.copies.of(request.id) if copy.place == begun.place and copy.unnamed]
        number = len(known) + 1
        alarm = [Planned(Alarm(request.id, Occasion.COPY_UNNAMED))] if number == MOST_UNNAMED else []
        entries = [await self._entry(Kind.POSTED, request, begun.place)]
        await self.copies.save(replace(begun, unnamed=True), entries, alarm)
        log.warning("card_unnamed", request_id=request.id, **said_of(begun.place), number=number)
        return number

    async def posted(self, begun: Copy, where: Posted, request: Request) -> None:
        """Complete an attempt: its card, drawn from this request, stands there now. In a channel those who can help are
        called by name, once: a card that is edited notifies nobody."""
        asks = request.takes_votes and isinstance(begun.place, InChannel)
        await self.copies.save(
            replace(begun, conversation=where.conversation, activity_id=where.activity_id),
            [await self._entry(Kind.POSTED, request, begun.place)],
            [Planned(AskPeople(request.id, begun.attempt))] if asks else [],
            if_stale=[Planned(RefreshCards(request.id))],
            drawn_from=request.revision,
        )
        log.info("card_posted", request_id=request.id, **said_of(begun.place))

    async def give_up(self, begun: Copy) -> None:
        """Forget an attempt whose card certainly stands nowhere."""
        await self.copies.swap(begun, None)

    async def lose(self, copy: Copy, request: Request) -> None:
        """Remember that a card can no longer be edited, and have it posted anew while the request waits. What only a
        click has called a card alarms nobody."""
        lost, again = replace(copy, lost=True), [Planned(PostCards(request.id))] if request.takes_votes else []
        log.warning("card_lost", request_id=request.id, **said_of(copy.place), adopted=copy.adopted)
        if copy.adopted:
            await self.copies.swap(copy, lost, again)
            return
        alarm = [] if isinstance(copy.place, InChat) else [Planned(Alarm(request.id, Occasion.COPY_LOST))]
        await self.copies.save(lost, [await self._entry(Kind.COPY_LOST, request, copy.place)], [*alarm, *again])

    async def _entry(self, kind: Kind, request: Request, place: Place) -> AuditEntry:
        now = await self.clock.now()
        return AuditEntry(kind, now, request.id, digest=request.digest, evidence=said_of(place))


def said_of(place: Place) -> dict[str, str]:
    """What a log and the audit say of a place."""
    match place:
        case InChannel():
            return {"channel": place.channel}
        case InChat():
            return {"chat_of": place.account}
        case ReviewInChannel():
            return {"channel": place.channel, "card": "review"}
        case _:
            assert_never(place)


def _adopted(copy: Copy, clicked: Click) -> Copy | None:
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
    """Return whether this click leads to a view that the person fills in; to a vote that cannot be cast it does not."""
    verb = clicked.button.verb
    return verb in _OPENING and (request.takes_votes or verb not in (Verb.APPROVE, Verb.REJECT))


def _waits_for_redrawing(copy: Copy, clicked: Click) -> bool:
    """Return whether somebody leaves a second step on a card that was adopted, and that no edit has reached since."""
    here = copy.activity_id == clicked.message_id and _is_in_its_place(copy, clicked)
    return clicked.button.verb is Verb.BACK and copy.adopted and copy.lives and here


def _is_in_its_place(copy: Copy, clicked: Click) -> bool:
    """Return whether Teams says that the click comes from where this attempt was to be posted."""
    if isinstance(copy.place, InChat):
        return clicked.scope is Scope.PERSONAL and clicked.account == copy.place.account
    return channel_of(clicked.conversation) == copy.place.channel


def _new_attempt(now: datetime) -> str:
    """An id that nobody can guess and that sorts by time: milliseconds since 1970, then 80 random bits."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"
