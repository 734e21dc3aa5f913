"""Limits on a person whose review is overdue: until it is closed, they need a second person in an emergency."""

from collections.abc import Collection, Iterable
from datetime import datetime

from approvals.people import Person
from approvals.request import Request


def is_locked(requests: Iterable[Request], people: Collection[Person], now: datetime) -> bool:
    """Return whether a review is overdue in which one of these people had a part.

    `people` are all who may be using one account: a limit on one of them is a limit on the account.
    """
    reviews = (request.review for request in requests if request.review is not None)
    return any(review.is_overdue(now) and any(map(review.has_part, people)) for review in reviews)
