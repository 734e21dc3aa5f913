"""Doing what a decision asked for. Every effect is done on the present state, so late, twice or in any order is
right."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.decide import expire
from approvals.effects import (
    Alarm,
    AwaitIntune,
    Complete,
    Effect,
    Expire,
    File,
    Follow,
    GiveUp,
    Occasion,
    Planned,
    PostCards,
    RefreshCards,
    Reply,
    TakeBack,
    TellPerson,
)
from approvals.outcome import Outcome
from approvals.person import Person
from approvals.request import IntuneStatus, Request
from cards import words
from handlers import filing, views
from handlers.desk import Desk, places_of
from handlers.poll import look
from handlers.ports import Copy, Gone, Mention, NotFound, PortError, Unreachable, account_of
from handlers.settle import settle

log = structlog.get_logger(__name__)


async def perform(desk: Desk, effect: Effect) -> None:
    """Do one effect; a neighbour's failure is raised, to be tried again."""
    request = await desk.requests.load(effect.request_id)
    if request is None:
        log.warning("effect_without_request", effect=type(effect).__name__, request_id=effect.request_id)
    else:
        await _do(desk, request, effect)


async def _do(desk: Desk, request: Request, effect: Effect) -> None:
    match effect:
        case Reply():
            await _reply(desk, request, effect.occasion)
        case Alarm():
            await _alarm(desk, request, effect.occasion)
        case TellPerson():
            await _tell(desk, request, effect)
        case _:
            await _DOES[type(effect)](desk, request)


async def post_cards(desk: Desk, request: Request) -> None:
    """Post to every channel that has no living copy yet.

    A copy is written down before its post and completed after it. What was begun and never completed is posted again:
    whether it stands there cannot be known, and a second card beats none. The first click adopts the stray one.
    """
    living = {copy.channel for copy in await desk.copies.of(request.id) if copy.activity_id and not copy.lost}
    for place in places_of(request):
        if place not in living:
            await _post(desk, request, place)


async def refresh_cards(desk: Desk, request: Request) -> None:
    """Redraw every copy; one that can no longer be edited is lost, replaced if the request still waits, reported.

    What goes wrong with one is raised when all the others are done.
    """
    trouble: PortError | None = None
    for copy in await _living(desk, request):
        card = await views.base_card(desk, request, copy.channel)
        try:
            await desk.chat.update(copy, card, words.summary(request))
        except Gone:
            await _lose(desk, request, copy)
        except PortError as error:
            trouble = error
    if trouble is not None:
        raise trouble


async def _post(desk: Desk, request: Request, channel: str) -> None:
    await desk.copies.save(Copy(request.id, channel))
    card = await views.base_card(desk, request, channel)
    helpers = await views.mentions(desk, request, channel) if request.takes_votes else []
    try:
        posted = await desk.chat.post(channel, card, words.summary(request), helpers)
    except Unreachable:
        if not account_of(channel):
            raise
        log.info("no_status_card", request_id=request.id)  # they are told under the card in the channel instead
        return
    await desk.copies.save(
        Copy(request.id, channel, posted.conversation, posted.activity_id),
        [await _entry(desk, Kind.POSTED, request, channel)],
        [Planned(RefreshCards(request.id))],
        drawn_from=request.revision,
    )
    log.info("card_posted", request_id=request.id, channel=channel)


async def _lose(desk: Desk, request: Request, copy: Copy) -> None:
    planned = [] if account_of(copy.channel) else [Planned(Alarm(request.id, Occasion.COPY_LOST))]
    if request.takes_votes:
        planned.append(Planned(PostCards(request.id)))
    await desk.copies.save(
        replace(copy, lost=True), [await _entry(desk, Kind.COPY_LOST, request, copy.channel)], planned
    )
    log.warning("card_lost", request_id=request.id, channel=copy.channel)


async def _entry(desk: Desk, kind: Kind, request: Request, channel: str) -> AuditEntry:
    now = await desk.clock.now()
    return AuditEntry(kind, now, request.id, digest=request.digest, evidence={"channel": channel})


async def _await_intune(desk: Desk, request: Request) -> None:
    try:
        await look(desk, request.id)
    except NotFound:
        log.warning("request_not_visible", request_id=request.id, intune_id=request.intune_id)


async def _expire(desk: Desk, request: Request) -> None:
    async def decide(known: Request, now: datetime) -> Outcome:
        return expire(known, now)

    await settle(desk, request.id, decide)


async def _reply(desk: Desk, request: Request, occasion: Occasion) -> None:
    """Under every card in a channel; who asked is told what concerns them."""
    for copy in await _living(desk, request):
        if account_of(copy.channel):
            continue
        await desk.chat.reply(copy, words.reply(request, occasion), await _addressees(desk, request, occasion, copy))


async def _addressees(desk: Desk, request: Request, occasion: Occasion, copy: Copy) -> Sequence[Mention]:
    """Whom a thread reply is for: those who can act on it, never everybody."""
    if occasion is Occasion.WAITS_FOR_ONE and request.takes_votes:
        return await views.mentions(desk, request, copy.channel)
    return ()


async def _alarm(desk: Desk, request: Request, occasion: Occasion) -> None:
    text = words.alarm(request, occasion)
    log.error("alarm", request_id=request.id, occasion=occasion, text=text)
    if desk.operations_channel:
        await desk.chat.say(desk.operations_channel, text)


async def _tell(desk: Desk, request: Request, effect: TellPerson) -> None:
    """In the 1:1 chat if the app is there for them, else by a mention under the card."""
    if effect.occasion is Occasion.COMPLETE_SOON and request.intune_status is not IntuneStatus.APPROVED:
        return
    text = words.tell(request, effect.occasion)
    for account in _accounts(request, effect.account):
        with suppress(Unreachable):
            await desk.chat.tell(account, text)
            return
    await _mention_under_card(desk, request, effect.account, text)


async def _mention_under_card(desk: Desk, request: Request, account: str, text: str) -> None:
    for copy in await _living(desk, request):
        known = await desk.chat.mentions(copy.channel, _accounts(request, account))
        if known:
            await desk.chat.reply(copy, text, list(known.values())[:1])
            return
    log.warning("person_not_reached", request_id=request.id, account=account)


async def _living(desk: Desk, request: Request) -> list[Copy]:
    return [copy for copy in await desk.copies.of(request.id) if copy.activity_id and not copy.lost]


def _accounts(request: Request, account: str) -> list[str]:
    """This account first, then those linked to it: the daily account is where somebody reads chat."""
    people = [vote.voter for vote in request.votes]
    people += [person for person in (request.requestor, request.initiator) if isinstance(person, Person)]
    linked = {other for person in people if account in person.accounts for other in person.accounts}
    return [account, *sorted(linked - {account})]


_DOES: Mapping[type[Effect], Callable[[Desk, Request], Awaitable[None]]] = {
    PostCards: post_cards,
    RefreshCards: refresh_cards,
    AwaitIntune: _await_intune,
    Expire: _expire,
    File: lambda desk, request: filing.file(desk, request.id),
    Complete: lambda desk, request: filing.complete(desk, request.id),
    TakeBack: filing.take_back,
    GiveUp: filing.give_up,
    Follow: filing.follow,
}
