"""Reviews after emergencies: shown, closed by somebody with no part in them, listed, opened by operators."""

from approvals import review as rules
from approvals.audit import Identified
from approvals.emergency import Finding
from approvals.people import Group
from approvals.request import Request
from approvals.sighting import Standing
from cards import lists
from cards.actions import Verb
from cards.review_card import review_card
from handlers import gather, latest, reading
from handlers.clicks import Answer, Click, Say, ShowCard
from handlers.commits import commit
from handlers.desk import Desk
from handlers.ports.teams import Card

NONE = "There is no review of this any more."
ONLY_REVIEWERS = "Only approvers and reviewers see the reviews of emergencies."

_FINDINGS = {Verb.JUSTIFIED: Finding.JUSTIFIED, Verb.NOT_JUSTIFIED: Finding.NOT_JUSTIFIED}


async def click(desk: Desk, clicked: Click, request: Request, stands: Standing) -> Answer:
    """A click on the card of a review."""
    match clicked.button.verb:
        case Verb.SHOW_REVIEW:
            return await _show(desk, request)
        case Verb.REVIEW:
            refusal = rules.why_not_close(request, stands)
            return await _show(desk, request, refusal.sentence if refusal else "", closing=refusal is None)
        case _:
            return await _close(desk, clicked, request, stands)


async def card(desk: Desk, request: Request, notice: str = "", *, closing: bool = False) -> Card:
    """The review as it is now."""
    overdue = request.review is not None and request.review.is_overdue(await desk.clock.now())
    return review_card(request, overdue=overdue, notice=notice, closing=closing)


async def reviews(desk: Desk, account: str, name: str) -> Card | str:
    """Every open review that this person may read, the most pressing first."""
    who = await gather.standing_in(desk, account, name, {group.id for group in _groups(desk)})
    if not (who.active and who.groups):
        return ONLY_REVIEWERS
    found = await desk.requests.open()
    waiting = [request for request in found if request.review and request.review.is_open]
    return lists.reviews(await reading.readable(desk, waiting, account, name), await desk.clock.now())


def _groups(desk: Desk) -> tuple[Group, ...]:
    approvers = tuple(group for workflow in desk.policy.workflows for group in workflow.groups)
    return (*approvers, *(desk.book.emergency.reviewers if desk.book.emergency else ()))


async def remind(desk: Desk, request: Request, number: int) -> None:
    """Ask for an open review again."""
    await commit(desk, request.id, lambda known, now: rules.remind(known, number, now))


async def _close(desk: Desk, clicked: Click, request: Request, stands: Standing) -> Answer:
    finding, text = _FINDINGS[clicked.button.verb], clicked.inputs.get("text", "")
    committed = await commit(
        desk,
        request.id,
        lambda known, now: rules.close_review(known, stands, finding, text, Identified.BY_CHANNEL, now),
        clicked.once,
        clicked.account,
    )
    mended = committed.outcome.refusal is not None and rules.why_not_close(committed.request, stands) is None
    return await _show(desk, committed.request, committed.notice, closing=mended)


async def _show(desk: Desk, request: Request, notice: str = "", *, closing: bool = False) -> Answer:
    if request.review is None:
        return Say(NONE)
    return ShowCard(await latest.shown(desk, request, lambda current: card(desk, current, notice, closing=closing)))
