"""Doing what a decision asked for. Every effect is done on the present state, so late, twice or in any order is
right."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.decide import expire
from approvals.effects import (
    Alarm,
    Announce,
    AwaitIntune,
    CallOut,
    CallOutIncident,
    Climb,
    Complete,
    Deliver,
    Effect,
    EndAttempt,
    Expire,
    File,
    Follow,
    GiveUp,
    LookAgain,
    MailPerson,
    Medium,
    Notice,
    Occasion,
    OnRequest,
    Page,
    Planned,
    PostCards,
    Recheck,
    RefreshCards,
    Release,
    Remind,
    RemindReview,
    Reply,
    Say,
    SayIncident,
    TakeBack,
    TellPerson,
)
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.request import IntuneStatus, Request
from cards import sentences
from cards.actions import stamped
from handlers import alarming, alone, braking, copies, filing, latest, recovering, reminding, reviewing, views
from handlers.desk import Desk, places_of
from handlers.poll import look
from handlers.ports import (
    Card,
    Copy,
    Gone,
    Mention,
    NotFound,
    PortError,
    Unavailable,
    Unreachable,
    account_of,
    conversation_in,
    is_review,
)
from handlers.settle import settle

_OF_REVIEWS = frozenset({Occasion.REVIEW_DUE, Occasion.REVIEW_OVERDUE, Occasion.REVIEW_CLOSED})
"""What is said under the card of a review; everything else under those of the request."""

log = structlog.get_logger(__name__)


async def perform(desk: Desk, effect: Effect) -> None:
    """Do one effect; a neighbour's failure is raised, to be tried again."""
    match effect:
        case Deliver():
            await reminding.deliver(desk, effect.medium, effect.target)
        case SayIncident() | CallOutIncident():
            await alarming.tell(desk, effect)
        case Say():
            await braking.say(desk, effect.text)
        case LookAgain():
            await recovering.look_again(desk)
        case Recheck():
            await braking.recheck(desk, effect.brake)
        case _:
            await _perform_on_request(desk, effect)


async def _perform_on_request(desk: Desk, effect: OnRequest) -> None:
    request = await desk.requests.load(effect.request_id)
    if request is None:
        log.warning("effect_without_request", effect=type(effect).__name__, request_id=effect.request_id)
    else:
        await _DOES[type(effect)](desk, request, effect)


async def post_cards(desk: Desk, request: Request) -> None:
    """Post to every channel that has no living copy yet.

    A copy is written down before its post and completed after it. What was begun and never completed is posted again:
    whether it stands there cannot be known, and a second card beats none. The first click adopts the stray one. What
    goes wrong in one place is raised when all the others have theirs.
    """
    living = {copy.channel for copy in await _living(desk, request)}
    trouble: PortError | None = None
    for place in places_of(request):
        try:
            if place not in living:
                await _post(desk, request, place)
        except PortError as error:
            trouble = error
    if trouble is not None:
        raise trouble


async def refresh_cards(desk: Desk, request: Request) -> None:
    """Redraw every copy; one that can no longer be edited is lost, replaced if the request still waits, reported.

    What goes wrong with one is raised when all the others are done.
    """
    await latest.shown(desk, request, lambda current: _edit_copies(desk, current))


async def _edit_copies(desk: Desk, request: Request) -> None:
    trouble: PortError | None = None
    for copy in await _living(desk, request):
        card = await _card(desk, request, copy)
        try:
            await desk.chat.update(copy, card, _summary(request, copy.channel))
            await copies.prove(desk, copy)
        except Gone:
            await _lose(desk, request, copy)
        except PortError as error:
            trouble = error
    if trouble is not None:
        raise trouble


async def _post(desk: Desk, request: Request, channel: str) -> None:
    begun = await copies.begin(desk, request, channel)
    card = await _card(desk, request, begun)
    asks = request.takes_votes and not is_review(channel)
    helpers = await views.mentions(desk, request, channel) if asks else []
    try:
        posted = await desk.chat.post(conversation_in(channel), card, _summary(request, channel), helpers)
    except PortError as error:
        if not isinstance(error, Unavailable):  # it certainly stands nowhere
            await desk.copies.swap(begun, None)
        if not (isinstance(error, Unreachable) and account_of(channel)):
            raise
        log.info("no_status_card", request_id=request.id)  # they are told under the card in the channel instead
        return
    await desk.copies.save(
        replace(begun, conversation=posted.conversation, activity_id=posted.activity_id),
        [await _entry(desk, Kind.POSTED, request, channel)],
        [Planned(RefreshCards(request.id))],
        drawn_from=request.revision,
    )
    log.info("card_posted", request_id=request.id, channel=channel)


async def _card(desk: Desk, request: Request, copy: Copy) -> Card:
    place = copy.channel
    drawn = await (reviewing.card(desk, request) if is_review(place) else views.base_card(desk, request, place))
    return stamped(drawn, copy.attempt)


def _summary(request: Request, place: str) -> str:
    return sentences.reply(request, Occasion.REVIEW_OPENED) if is_review(place) else sentences.summary(request)


async def _lose(desk: Desk, request: Request, copy: Copy) -> None:
    """Remember the loss, and post anew while the request waits. What only a click has called a card alarms nobody."""
    lost, again = replace(copy, lost=True), [Planned(PostCards(request.id))] if request.takes_votes else []
    log.warning("card_lost", request_id=request.id, channel=copy.channel, adopted=copy.adopted)
    if copy.adopted:
        await desk.copies.swap(copy, lost, again)
        return
    alarm = [] if account_of(copy.channel) else [Planned(Alarm(request.id, Occasion.COPY_LOST))]
    await desk.copies.save(lost, [await _entry(desk, Kind.COPY_LOST, request, copy.channel)], [*alarm, *again])


async def _entry(desk: Desk, kind: Kind, request: Request, channel: str) -> AuditEntry:
    now = await desk.clock.now()
    return AuditEntry(kind, now, request.id, digest=request.digest, evidence={"channel": channel})


async def _await_intune(desk: Desk, request: Request) -> None:
    try:
        await look(desk, request.id)
    except NotFound:
        log.warning("request_not_visible", request_id=request.id, intune_id=request.intune_id)


async def _expire(desk: Desk, request: Request) -> None:
    """Look at Intune first, because an approval there may have been in time and nobody has seen it yet.

    While Intune does not answer, no vote is taken and the outcome stays open. What it does not show any more, it does
    not approve either.
    """
    if request.takes_votes:
        await _await_intune(desk, request)

    async def decide(known: Request, now: datetime) -> Outcome:
        return expire(known, now)

    await settle(desk, request.id, decide)


async def _reply(desk: Desk, request: Request, occasion: Occasion) -> None:
    """Under every card that it concerns; who asked is told what concerns them."""
    copies = [copy for copy in await _living(desk, request) if _concerns(request, occasion, copy.channel)]
    if occasion is Occasion.PAGED and request.takes_votes and not copies:
        raise Unavailable("the card does not stand in the on-call chat yet")
    for copy in copies:
        text = sentences.reply(request, occasion) if _has_thread(copy) else sentences.tell(request, occasion)
        await desk.chat.reply(copy, text, await _addressees(desk, request, occasion, copy))


def _has_thread(copy: Copy) -> bool:
    """A group chat has no threads: what is written there has to say what it is about."""
    return ";messageid=" in copy.conversation


def _concerns(request: Request, occasion: Occasion, place: str) -> bool:
    if occasion is Occasion.PAGED:
        return request.reminders.paging is not None and place == request.reminders.paging.chat
    return not account_of(place) and is_review(place) is (occasion in _OF_REVIEWS)


async def _addressees(desk: Desk, request: Request, occasion: Occasion, copy: Copy) -> Sequence[Mention]:
    """Whom a thread reply is for: those who can act on it, never everybody."""
    if occasion is Occasion.WAITS_FOR_ONE and request.takes_votes:
        return await views.mentions(desk, request, copy.channel)
    if occasion is Occasion.PAGED and request.reminders.paged:
        known = await desk.chat.mentions(copy.channel, [request.reminders.paged[-1].account])
        return list(known.values())
    return ()


async def _alarm(desk: Desk, request: Request, occasion: Occasion) -> None:
    """To the operations channel; an overdue review goes to the on-call chat as well."""
    text = sentences.alarm(request, occasion)
    log.error("alarm", request_id=request.id, occasion=occasion, text=text)
    if occasion is Occasion.COPY_LOST:
        await reminding.gather_alarm(desk, Notice(request.id, occasion))
        return
    overdue = request.review.channels if occasion is Occasion.REVIEW_OVERDUE and request.review else ()
    for channel in dict.fromkeys(filter(None, (desk.operations_channel, *overdue))):
        await desk.chat.say(channel, text)


async def _tell(desk: Desk, request: Request, effect: TellPerson) -> None:
    """In the 1:1 chat if the app is there for them, else by a mention under the card."""
    if effect.occasion is Occasion.COMPLETE_SOON and request.intune_status is not IntuneStatus.APPROVED:
        return
    text = sentences.tell(request, effect.occasion)
    for account in _accounts(request, effect.account):
        with suppress(Unreachable):
            await desk.chat.tell(account, text)
            return
    await _mention_under_card(desk, request, effect, text)


async def _mention_under_card(desk: Desk, request: Request, effect: TellPerson, text: str) -> None:
    """Where that reaches nobody either, a mail does."""
    for copy in await _living(desk, request):
        known = await desk.chat.mentions(copy.channel, _accounts(request, effect.account))
        if known:
            await desk.chat.reply(copy, text, list(known.values())[:1])
            return
    log.warning("person_not_reached", request_id=request.id, account=effect.account)
    await reminding.gather(desk, Medium.MAIL, effect.account, Notice(request.id, effect.occasion))


async def _mail(desk: Desk, request: Request, effect: MailPerson) -> None:
    await reminding.gather(desk, Medium.MAIL, effect.account, Notice(request.id, effect.occasion))


async def _living(desk: Desk, request: Request) -> list[Copy]:
    return [copy for copy in await desk.copies.of(request.id) if copy.lives]


def _accounts(request: Request, account: str) -> list[str]:
    """This account first, then those linked to it: the daily account is where somebody reads chat."""
    people = [vote.voter for vote in request.votes]
    people += [person for person in (request.requestor, request.initiator) if isinstance(person, Person)]
    linked = {other for person in people if account in person.accounts for other in person.accounts}
    return [account, *sorted(linked - {account})]


_DOES: Mapping[type[Effect], Callable[[Desk, Request, Any], Awaitable[object]]] = {
    PostCards: lambda desk, request, _: post_cards(desk, request),
    RefreshCards: lambda desk, request, _: refresh_cards(desk, request),
    AwaitIntune: lambda desk, request, _: _await_intune(desk, request),
    Expire: lambda desk, request, _: _expire(desk, request),
    File: lambda desk, request, _: filing.file_by_itself(desk, request),
    Complete: lambda desk, request, _: filing.complete(desk, request.id),
    TakeBack: lambda desk, request, _: filing.take_back(desk, request),
    GiveUp: lambda desk, request, _: filing.give_up(desk, request),
    EndAttempt: lambda desk, request, _: alone.end_attempt(desk, request),
    Follow: lambda desk, request, _: filing.follow(desk, request),
    Climb: lambda desk, request, effect: reminding.climb(desk, request, effect.number),
    Page: lambda desk, request, effect: reminding.page(desk, request, effect.number),
    Release: lambda desk, request, _: reminding.release(desk, request),
    Remind: lambda desk, request, effect: reminding.remind(desk, request, effect.rung),
    Announce: lambda desk, request, effect: reminding.announce(desk, request, effect.occasion),
    RemindReview: lambda desk, request, effect: reviewing.remind(desk, request, effect.number),
    Reply: lambda desk, request, effect: _reply(desk, request, effect.occasion),
    Alarm: lambda desk, request, effect: _alarm(desk, request, effect.occasion),
    CallOut: alarming.call_out,
    TellPerson: _tell,
    MailPerson: _mail,
}
