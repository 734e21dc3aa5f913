"""Who sees what: the reader's own view of a card, and whose views Teams refreshes by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from approvals.brake import holding_up
from approvals.break_glass import why_not_break, why_not_invoke
from approvals.decide import approver_group_ids, may_vote
from approvals.people import Person
from approvals.quorum import is_decidable, quorum_reached, would_help
from approvals.reminding import was_paged
from approvals.request import Request, Verdict, Vote
from approvals.sighting import Standing
from cards.actions import witness_of
from cards.request_card import draw
from cards.rules import is_pending
from cards.view import Step, View, Viewer
from handlers import available
from handlers.desk import Desk
from handlers.ports import Card, Mention, PortError, Row, account_of

MOST_REFRESHED = 60
"""Teams refreshes user-specific views for at most so many people."""

MOST_MENTIONED = 10
"""More names than that read as noise."""

TOO_FEW = (
    "The approver groups do not hold enough people who could approve this. Have somebody added, or decide it in Intune."
)

TOO_FEW_NOW = "Too few of those who could approve this are available right now. They are reminded all the same."


async def base_card(desk: Desk, request: Request, channel: str) -> Card:
    """The card that everybody sees until Teams has fetched their own; in the chat of who asked it is theirs."""
    if account_of(channel):
        return draw(request, View(viewer=Viewer.REQUESTOR, notice=await _held_up(desk, request)), desk.portal_url)
    notice = await _held_up(desk, request) or await _shortage(desk, request)
    refreshed = await _refreshed(desk, request, channel)
    view = View(notice=notice, refresh_for=refreshed, on_call=_is_on_call(request, channel))
    return draw(request, view, desk.portal_url)


async def own_card(
    desk: Desk, request: Request, stands: Standing, channel: str, notice: str = "", sign_in_url: str = ""
) -> Card:
    """The card as this person sees it."""
    view = View(
        viewer=viewer_of(request, stands),
        notice=notice or await _held_up(desk, request),
        refresh_for=await _refreshed(desk, request, channel),
        sign_in_url=sign_in_url,
        own_vote=request.vote_of(stands.person),
        on_call=_is_on_call(request, channel),
        paged=was_paged(request, stands),
    )
    return draw(request, view, desk.portal_url)


def second_step(desk: Desk, request: Request, stands: Standing, step: Step, notice: str = "") -> Card:
    """Approve or Reject once more, with everything that is at stake. It has no refresh: that would wipe a note."""
    view = View(viewer=viewer_of(request, stands), step=step, notice=notice, decides=_decides(request, stands))
    return draw(request, view, desk.portal_url)


async def details(desk: Desk, request: Request, stands: Standing) -> Card:
    """What is reviewed, in full: device facts now, and a script's text for those who may decide about it."""
    row = await _row(desk, request)
    content = await desk.intune.content(row)
    facts = await desk.intune.device_facts(row.target_id) if row.kind.casefold() == "manageddevice" else ()
    may_read = may_vote(request, stands) is None
    view = View(
        viewer=viewer_of(request, stands),
        step=Step.DETAILS,
        details=facts,
        script=content.script if may_read else "",
        may_break=await _may_break(desk, request, stands),
    )
    return draw(request, view, desk.portal_url)


async def _may_break(desk: Desk, request: Request, stands: Standing) -> bool:
    now = await desk.clock.now()
    refusal = why_not_invoke(desk.book.emergency, stands) or why_not_break(request, witness_of(request), now)
    return refusal is None


async def _row(desk: Desk, request: Request) -> Row:
    """As Intune shows it, or would show it once it is filed."""
    if request.filing is not None:
        return (await desk.orders.plan(request.filing.order)).row
    return await desk.intune.get(request.intune_id or "")


def viewer_of(request: Request, stands: Standing) -> Viewer:
    """How this person stands to the request."""
    if request.is_own_of(stands.person):
        return Viewer.REQUESTOR
    if request.vote_of(stands.person):
        return Viewer.VOTED
    return Viewer.ELIGIBLE if may_vote(request, stands) is None else Viewer.BYSTANDER


async def who_can_help(desk: Desk, request: Request) -> list[Person]:
    """People whose approval would fill a seat that is still empty, in a steady order."""
    return [vote.voter for vote in await _votes_that_help(desk, request)]


async def _votes_that_help(desk: Desk, request: Request) -> list[Vote]:
    groups = sorted(approver_group_ids(request))
    members = await asyncio.gather(*(desk.directory.members(group) for group in groups))
    held: dict[str, set[str]] = {}
    people: dict[str, Person] = {}
    for group, found in zip(groups, members, strict=True):
        for person in found:
            people[person.account] = person
            held.setdefault(person.account, set()).add(group)
    votes = [
        _imagined(request, person, frozenset(held[account]))
        for account, person in sorted(people.items(), key=lambda item: item[1].name)
        if not (request.is_own_of(person) or request.is_called_by(person)) and request.vote_of(person) is None
    ]
    return [vote for vote in votes if would_help(request, vote)]


async def _held_up(desk: Desk, request: Request) -> str:
    """What is said while a brake keeps a decided request from going on."""
    brake = holding_up(await desk.brakes.on(), request) if request.is_approved else None
    return brake.sentence if brake else ""


async def _shortage(desk: Desk, request: Request) -> str:
    """What is said where the quorum stays open even if everybody approves who may, or who is there; nothing where the
    directory does not say."""
    if not request.takes_votes or not is_decidable(request):
        return ""
    try:
        votes = await _votes_that_help(desk, request)
    except PortError:
        return ""
    if not _is_enough(request, votes):
        return TOO_FEW
    people, now = [vote.voter for vote in votes], await desk.clock.now()
    away = await available.away(desk, people, now, now=True)
    return "" if _is_enough(request, [vote for vote in votes if vote.voter.account not in away]) else TOO_FEW_NOW


def _is_enough(request: Request, votes: Sequence[Vote]) -> bool:
    return quorum_reached(replace(request, votes=(*request.votes, *votes)))


async def mentions(desk: Desk, request: Request, channel: str, people: Sequence[Person] | None = None) -> list[Mention]:
    """At most ten of these people, or of all who can fill an open seat, who are in this channel; nobody if Teams or the
    directory do not say."""
    try:
        people = await who_can_help(desk, request) if people is None else people
        known = await desk.chat.mentions(channel, [person.account for person in people])
    except PortError:
        return []
    return [known[person.account] for person in people if person.account in known][:MOST_MENTIONED]


async def _refreshed(desk: Desk, request: Request, channel: str) -> tuple[str, ...]:
    """Teams' ids of the approvers and the requestor in this channel, as long as there is something for them to do.

    A card without them is complete all the same.
    """
    if not is_pending(request) or not _is_shared(channel):
        return ()
    try:
        groups = sorted(approver_group_ids(request))
        members = await asyncio.gather(*(desk.directory.members(group) for group in groups))
        accounts = dict.fromkeys(
            account for found in members for person in found for account in sorted(person.accounts)
        )
        if isinstance(request.requestor, Person):
            accounts |= dict.fromkeys(sorted(request.requestor.accounts))
        known = await desk.chat.mentions(channel, accounts)
    except PortError:
        return ()
    return tuple(mention.mri for mention in known.values())[:MOST_REFRESHED]


def _is_on_call(request: Request, channel: str) -> bool:
    return request.reminders.paging is not None and request.reminders.paging.chat == channel


def _is_shared(conversation: str) -> bool:
    """Whether several people read there: Teams' ids of channels and group chats begin so, those of 1:1 chats do not."""
    return conversation.startswith("19:")


def _imagined(request: Request, person: Person, groups: frozenset[str]) -> Vote:
    return Vote(person, Verdict.APPROVE, request.opened_at, request.digest, groups)


def _decides(request: Request, stands: Standing) -> bool:
    return quorum_reached(request.with_vote(_imagined(request, stands.person, stands.groups)))
