"""The lock of who has an overdue review: until it is closed they do nothing in an emergency without a second person."""

from collections.abc import Collection, Iterable
from datetime import datetime

from approvals.people import Person
from approvals.request import Request


def is_locked(requests: Iterable[Request], people: Collection[Person], now: datetime) -> bool:
    """Whether a review of something that one of these people had a part in is overdue.

    `people` are all who may be behind one account: what holds for one of them holds for the account.
    """
    reviews = (request.review for request in requests if request.review is not None)
    return any(review.is_overdue(now) and any(map(review.has_part, people)) for review in reviews)
