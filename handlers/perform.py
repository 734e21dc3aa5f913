"""Carry out effects on the present state, so that it does not matter if they are late, repeated or out of order."""

from dataclasses import dataclass
from typing import assert_never

import structlog

from approvals.effects import (
    Alarm,
    Announce,
    AskPeople,
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
    ForRequest,
    GiveUp,
    LookAgain,
    MailPerson,
    OnLadder,
    OnOrder,
    OnPeople,
    Page,
    PostCards,
    Recheck,
    RefreshCards,
    Release,
    Remind,
    RemindReview,
    Reply,
    SayIncident,
    SayMoved,
    SayPulled,
    SayToOperators,
    TakeBack,
    TellPerson,
)
from approvals.request import Request
from cards.brakes import moved, pulled
from handlers.answers.rechecking import Rechecking
from handlers.emergency.acting_alone import ActingAlone
from handlers.emergency.reviewing import Reviewing
from handlers.filing.completing import Completing
from handlers.filing.dropping import Dropping
from handlers.filing.filing import FilingOrders
from handlers.filing.tracking import Tracking
from handlers.intune.awaiting import Awaiting
from handlers.intune.recovering import Recovering
from handlers.ports.requests import Requests
from handlers.reminding.alarming import Alarming
from handlers.reminding.delivering import Delivering
from handlers.reminding.reminding import Climbing, Reminding
from handlers.reminding.thread import Thread
from handlers.showing.posting import Posting

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OrderEffects:
    """Carries out the effects on an order."""

    filing_orders: FilingOrders
    completing: Completing
    dropping: Dropping
    tracking: Tracking
    acting_alone: ActingAlone

    async def perform(self, effect: OnOrder, request: Request) -> None:
        """Carry out the effect."""
        match effect:
            case File():
                await self.filing_orders.file_by_itself(request)
            case Complete():
                await self.completing.complete(request.id)
            case TakeBack():
                await self.dropping.take_back(request)
            case GiveUp():
                await self.dropping.give_up(request)
            case Follow():
                await self.tracking.follow(request, effect.number)
            case EndAttempt():
                await self.acting_alone.end_attempt(request)
            case _:
                assert_never(effect)


@dataclass(frozen=True, slots=True)
class LadderEffects:
    """Carries out reminders."""

    climbing: Climbing
    reminding: Reminding
    reviewing: Reviewing

    async def perform(self, effect: OnLadder, request: Request) -> None:
        """Carry out the effect."""
        match effect:
            case Climb():
                await self.climbing.climb(request, effect.number)
            case Page():
                await self.climbing.page(request, effect.number)
            case Release():
                await self.climbing.release(request)
            case Remind():
                await self.reminding.remind(request, effect.rung)
            case Announce():
                await self.reminding.announce(request, effect.notification)
            case RemindReview():
                await self.reviewing.remind(request, effect.number)
            case _:
                assert_never(effect)


@dataclass(frozen=True, slots=True)
class PeopleEffects:
    """Carries out notifications."""

    thread: Thread
    alarming: Alarming

    async def perform(self, effect: OnPeople, request: Request) -> None:
        """Carry out the effect."""
        match effect:
            case AskPeople():
                await self.thread.ask(request, effect.attempt)
            case Reply():
                await self.thread.reply(request, effect.notification)
            case Alarm():
                await self.thread.alarm(request, effect.notification)
            case CallOut():
                await self.alarming.call_out(request, effect)
            case TellPerson():
                await self.thread.tell(request, effect)
            case MailPerson():
                await self.thread.mail(request, effect)
            case _:
                assert_never(effect)


@dataclass(frozen=True, slots=True)
class RequestEffects:
    """Carries out the effects on one request, in its present state."""

    posting: Posting
    awaiting: Awaiting
    orders: OrderEffects
    ladder: LadderEffects
    people: PeopleEffects

    async def perform(self, effect: ForRequest, request: Request) -> None:
        """Carry out the effect."""
        match effect:
            case PostCards():
                await self.posting.post(request)
            case RefreshCards():
                await self.posting.refresh(request)
            case AwaitIntune():
                await self.awaiting.look(request)
            case Expire():
                await self.awaiting.expire(request)
            case File() | Complete() | TakeBack() | GiveUp() | Follow() | EndAttempt():
                await self.orders.perform(effect, request)
            case Climb() | Page() | Release() | Remind() | Announce() | RemindReview():
                await self.ladder.perform(effect, request)
            case AskPeople() | Reply() | Alarm() | CallOut() | TellPerson() | MailPerson():
                await self.people.perform(effect, request)
            case _:
                assert_never(effect)


@dataclass(frozen=True, slots=True)
class Effects:
    """Carries out every effect that is due."""

    requests: Requests
    delivering: Delivering
    alarming: Alarming
    recovering: Recovering
    rechecking: Rechecking
    on_request: RequestEffects

    async def perform(self, effect: Effect) -> None:
        """Carry out one effect; a neighbour's failure is raised, to be tried again."""
        if isinstance(effect, ForRequest):
            await self._perform_on_request(effect)
            return
        match effect:
            case Deliver():
                await self.delivering.deliver(effect.medium, effect.target)
            case SayIncident() | CallOutIncident():
                await self.alarming.tell(effect)
            case SayToOperators() | SayPulled() | SayMoved():
                await self.alarming.say(_said(effect))
            case LookAgain():
                await self.recovering.look_again()
            case Recheck():
                await self.rechecking.recheck(effect.brake)
            case _:
                assert_never(effect)

    async def _perform_on_request(self, effect: ForRequest) -> None:
        request = await self.requests.load(effect.request_id)
        if request is None:
            log.warning("effect_without_request", effect=type(effect).__name__, request_id=effect.request_id)
        else:
            await self.on_request.perform(effect, request)


def _said(effect: SayToOperators | SayPulled | SayMoved) -> str:
    """Return the text for the operations channel."""
    match effect:
        case SayToOperators():
            return effect.text
        case SayPulled():
            return pulled(effect.brake)
        case SayMoved():
            return moved(effect.news)
        case _:
            assert_never(effect)
