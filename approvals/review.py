"""The review after an emergency: opened with it, and asked for until a person without a part in it closes it."""

from dataclasses import replace
from datetime import datetime, timedelta

from approvals import refusals
from approvals.audit import Identified, Kind
from approvals.causes import OpenedByOperator, ReviewCause, UnderReview
from approvals.change import Change
from approvals.decide import approver_group_ids
from approvals.effects import Alarm, Announce, NotificationKind, PostCards, RemindReview, Reply
from approvals.emergency import Emergency, Finding, Review, ReviewClosing
from approvals.justification import FOR_AN_EMERGENCY, LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION, lack_of, real_text
from approvals.outcome import Outcome
from approvals.people import Group, Person
from approvals.refusals import Refusal
from approvals.request import Request
from approvals.snapshot import Eligibility

REMIND_EVERY = timedelta(hours=24)
"""Time between two reminders of an open review; one is always sent when it is due."""


def open_review(
    change: Change, emergency: Emergency, cause: ReviewCause, people: tuple[Person, ...], *, drill: bool = False
) -> None:
    """Open the review, or add to the open one."""
    request, open_one = change.request, change.request.review
    review = Review(
        causes=(cause,),
        opened_at=change.now,
        due=change.now + emergency.review_due,
        people=people,
        reviewers=emergency.reviewers or _approvers(request) or emergency.approvers,
        channels=emergency.channels,
        drill=drill,
    )
    if open_one is not None and open_one.is_open:
        causes = open_one.causes if cause in open_one.causes else (*open_one.causes, cause)
        review = replace(open_one, causes=causes, people=(*open_one.people, *people), drill=open_one.drill and drill)
    change.request = replace(change.request, review=review)
    change.note(Kind.REVIEW_OPENED, because=cause, after=review.due.isoformat(), evidence=_people(people))
    change.plan(PostCards(request.id))
    change.plan(RemindReview(request.id, 1), min(change.now + REMIND_EVERY, review.due))


def open_by_operator(
    request: Request, emergency: Emergency, why: str, people: tuple[Person, ...], now: datetime
) -> Outcome:
    """Open a review of an emergency that only an operator knows of."""
    change = Change(request, now)
    open_review(change, emergency, OpenedByOperator(why), people)
    return change.outcome()


def remind(request: Request, number: int, now: datetime) -> Outcome:
    """Ask for the review again; from its due time on it is overdue, which raises an alarm."""
    change, review = Change(request, now), request.review
    if review is None or not review.is_open or number <= review.reminded:
        return change.outcome()
    change.request = replace(change.request, review=replace(review, reminded=number))
    overdue = review.is_overdue(now)
    if overdue:
        change.note(Kind.REVIEW_OVERDUE, before=review.due.isoformat(), because=UnderReview(review.causes))
        change.plan(Alarm(request.id, NotificationKind.REVIEW_OVERDUE))
    notification = NotificationKind.REVIEW_OVERDUE if overdue else NotificationKind.REVIEW_DUE
    change.plan(Reply(request.id, notification))
    change.plan(Announce(request.id, notification))
    following = now + REMIND_EVERY
    change.plan(RemindReview(request.id, number + 1), following if overdue else min(following, review.due))
    return change.outcome()


def close_review(
    request: Request, eligibility: Eligibility, finding: Finding, text: str, identified: Identified, now: datetime
) -> Outcome:
    """Close the review as justified or not, with the reviewer's text."""
    change, review = Change(request, now), request.review
    if review is None:
        return change.refuse(refusals.NoReview(), eligibility.person, identified)
    if refusal := why_not_close(request, eligibility) or _why_not_written(text):
        return change.refuse(refusal, eligibility.person, identified)
    written = real_text(text)
    change.request = replace(
        change.request,
        review=replace(review, closing=ReviewClosing(now, eligibility.person, finding, written)),
    )
    change.note(Kind.REVIEW_CLOSED, eligibility.person, identified, after=finding, why=written)
    change.plan(Reply(request.id, NotificationKind.REVIEW_CLOSED))
    change.plan(Announce(request.id, NotificationKind.REVIEW_CLOSED))
    return change.outcome()


def why_not_close(request: Request, eligibility: Eligibility) -> Refusal | None:
    """Return why this person cannot close the review: it is closed, they had a part in it, or they are no reviewer."""
    review = request.review
    if review is None or not review.is_open:
        return refusals.NoReview()
    if review.has_part(eligibility.person) or any(glass.counts(eligibility.person) for glass in request.glass):
        return refusals.HadPart()
    if request.is_own_of(eligibility.person):
        return refusals.HadPart(asked=True)
    if not eligibility.active or not eligibility.groups & reviewer_ids(request):
        return refusals.NotAReviewer(reviewer_names(request))
    return None


def reviewer_ids(request: Request) -> frozenset[str]:
    """Return the object ids of the groups whose members may close its review."""
    return frozenset(group.id for group in _reviewers(request))


def reviewer_names(request: Request) -> tuple[str, ...]:
    """Return the names of these groups."""
    return tuple(dict.fromkeys(group.name for group in _reviewers(request)))


def asked_groups(request: Request) -> frozenset[str]:
    """Return every group whose members may act on this request."""
    return approver_group_ids(request) | reviewer_ids(request)


def _reviewers(request: Request) -> tuple[Group, ...]:
    return request.review.reviewers if request.review is not None else ()


def _approvers(request: Request) -> tuple[Group, ...]:
    return tuple(group for workflow in request.workflows for group in workflow.groups)


def _why_not_written(text: str) -> Refusal | None:
    lack = lack_of(text, FOR_AN_EMERGENCY)
    if lack is None:
        return None
    if lack.too_long:
        return refusals.TooLong("review", lack.length, LONGEST_JUSTIFICATION)
    return refusals.TooShort("review", LEAST_JUSTIFICATION)


def _people(people: tuple[Person, ...]) -> dict[str, str]:
    return {"people": " ".join(person.account for person in people)}
