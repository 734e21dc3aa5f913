"""Reminding: the steps of a request's ladder, paging those on call, and what each person is then told, gathered.

Five waiting requests are one message with a list: what is to be told is gathered for each recipient first, and
delivered a little later.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from approvals import reminding as rules
from approvals import review
from approvals.decide import approver_group_ids
from approvals.effects import Deliver, Medium, Notice, Occasion, Planned
from approvals.ladder import Rung
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.request import Request
from cards import letters, sentences
from handlers import available, views
from handlers.desk import Desk, channels_of
from handlers.ports import Copy, Mention, Unreachable, Unsendable, account_of, is_review
from handlers.settle import settle

GATHERED_FOR = timedelta(minutes=2)
"""So long what is to be told waits for more of it."""

ALARM_PAUSE = timedelta(minutes=10)
"""So long an alarm of what was lost waits for more of it, after one that was told at once."""

_AT_ONCE = frozenset({Occasion.GLASS_BROKEN, Occasion.REVIEW_OPENED})
"""What waits for nothing."""

log = structlog.get_logger(__name__)


async def climb(desk: Desk, request: Request, number: int) -> None:
    """Take a step of the ladder."""

    async def decide(known: Request, now: datetime) -> Outcome:
        return rules.climb(known, number, now)

    await settle(desk, request.id, decide)


async def page(desk: Desk, request: Request, number: int) -> None:
    """Page the next one of those who are on call now."""
    now = await desk.clock.now()
    found = [await desk.directory.person(account) for account in await desk.on_call.now(now)]
    people = [person for person in found if person]

    async def decide(known: Request, now: datetime) -> Outcome:
        return rules.page(known, number, people, now)

    await settle(desk, request.id, decide)


async def release(desk: Desk, request: Request) -> None:
    """Take a claim away whose time is over."""

    async def decide(known: Request, now: datetime) -> Outcome:
        return rules.release(known, now)

    await settle(desk, request.id, decide)


async def remind(desk: Desk, request: Request, rung: Rung) -> None:
    """Gather a reminder for each channel, or for everybody who could fill an open seat and is there."""
    if not request.takes_votes:
        return
    if rung is Rung.THREAD:
        targets: Iterable[str] = channels_of(request)
    else:
        targets = [person.account for person in await _helpers(desk, request)]
    medium = {Rung.THREAD: Medium.THREAD, Rung.CHAT: Medium.CHAT}.get(rung, Medium.MAIL)
    for target in targets:
        await gather(desk, medium, target, Notice(request.id, Occasion.WAITS))


async def announce(desk: Desk, request: Request, occasion: Occasion) -> None:
    """Gather a mail for everybody who could have decided, or who closes the review; never for those behind it."""
    reviewing = occasion is not Occasion.GLASS_BROKEN
    groups = review.reviewer_ids(request) if reviewing else approver_group_ids(request)
    people = {person.account: person for group in sorted(groups) for person in await desk.directory.members(group)}
    for person in people.values():
        if not any(glass.counts(person) for glass in request.glass):
            await gather(desk, Medium.MAIL, person.account, Notice(request.id, occasion))


async def gather(desk: Desk, medium: Medium, target: str, notice: Notice) -> None:
    """Have this told to somebody, together with whatever else waits for them."""
    if medium is Medium.MAIL and desk.mail is None:
        return
    now = await desk.clock.now()
    wait = timedelta() if notice.occasion in _AT_ONCE else GATHERED_FOR
    await desk.notices.add(medium, target, notice, now, now + wait)


async def gather_alarm(desk: Desk, notice: Notice) -> None:
    """Have the operations channel told: the first at once, and what follows within a while in one line."""
    if desk.operations_channel:
        now = await desk.clock.now()
        await desk.notices.add(Medium.ALARM, desk.operations_channel, notice, now, now, patient=True)


async def deliver(desk: Desk, medium: Medium, target: str) -> None:
    """Send what is gathered as one message; what has become pointless is left out."""
    waiting = await desk.notices.waiting(medium, target)
    told = [(request, notice) for notice in waiting if (request := await _to_tell(desk, notice))]
    if told:
        await _SENDS[medium](desk, target, told)
        log.info("delivered", medium=medium, target=target, notices=len(told))
    await desk.notices.delivered(medium, target, waiting)
    if told and medium is Medium.ALARM:
        await desk.outbox.plan([Planned(Deliver(medium, target))], await desk.clock.now() + ALARM_PAUSE)


Told = Sequence[tuple[Request, Notice]]


async def _to_tell(desk: Desk, notice: Notice) -> Request | None:
    """The request, if there is still a point in telling of it."""
    request = await desk.requests.load(notice.request_id)
    if request is None:
        return None
    if notice.occasion is Occasion.WAITS:
        claimed = request.reminders.is_claimed(await desk.clock.now())
        return request if request.takes_votes and not claimed else None
    if notice.occasion in (Occasion.REVIEW_DUE, Occasion.REVIEW_OVERDUE):
        return request if request.review is not None and request.review.is_open else None
    return request


async def _to_channel(desk: Desk, channel: str, told: Told) -> None:
    """One request is reminded of under its card, several in a message of their own."""
    if len(told) == 1:
        ((request, notice),) = told
        for copy in await _copies(desk, request, channel):
            whom = await views.mentions(desk, request, channel, await _helpers(desk, request))
            await desk.chat.reply(copy, sentences.reply(request, notice.occasion), whom)
        return
    people: dict[str, Mention] = {}
    for request, _ in told:
        helpers = await _helpers(desk, request)
        people |= {mention.mri: mention for mention in await views.mentions(desk, request, channel, helpers)}
    some = list(people.values())[: views.MOST_MENTIONED]
    await desk.chat.say(channel, sentences.list_of([request for request, _ in told]), some)


async def _to_operations(desk: Desk, channel: str, told: Told) -> None:
    await desk.chat.say(channel, sentences.lost([request for request, _ in told]))


async def _to_chat(desk: Desk, account: str, told: Told) -> None:
    """Who cannot be reached in chat gets a mail instead."""
    text = sentences.list_of([request for request, _ in told])
    try:
        await desk.chat.tell(account, text)
    except Unreachable:
        for _, notice in told:
            await gather(desk, Medium.MAIL, account, notice)


async def _to_mailbox(desk: Desk, account: str, told: Told) -> None:
    """At the mailbox of the account, or of a linked one that has one."""
    address = await _address_of(desk, account)
    if desk.mail is None or address is None:
        log.warning("no_mailbox", account=account)
        return
    items = [letters.Item(request, notice.occasion, await _link(desk, request)) for request, notice in told]
    try:
        await desk.mail.send(address, letters.letter(items))
    except Unsendable as error:
        log.warning("mail_given_up", account=account, error=str(error))


async def _address_of(desk: Desk, account: str) -> str | None:
    if desk.mail is None:
        return None
    person = await desk.directory.person(account)
    linked = sorted(person.accounts - {account}) if person else []
    for one in (account, *linked):
        if address := await desk.mail.address_of(one):
            return address
    return None


async def _link(desk: Desk, request: Request) -> str:
    """To the card in a channel, where there is one: it is the only place where anything is decided."""
    copies = [copy for copy in await desk.copies.of(request.id) if copy.lives]
    shown = [copy for copy in copies if not (account_of(copy.channel) or is_review(copy.channel))]
    return desk.chat.link(shown[0]) if shown else ""


async def _copies(desk: Desk, request: Request, channel: str) -> list[Copy]:
    found = await desk.copies.of(request.id)
    return [copy for copy in found if copy.channel == channel and copy.lives]


async def _helpers(desk: Desk, request: Request) -> list[Person]:
    """Who could fill an open seat and is there."""
    return await available.whom_to_ask(desk, await views.who_can_help(desk, request))


_SENDS = {
    Medium.THREAD: _to_channel,
    Medium.CHAT: _to_chat,
    Medium.MAIL: _to_mailbox,
    Medium.ALARM: _to_operations,
}
