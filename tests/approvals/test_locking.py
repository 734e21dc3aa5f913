"""Who is locked because of an overdue review."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from approvals.causes import BrokeGlass
from approvals.emergency import Finding, Review, ReviewClosing
from approvals.locking import is_locked
from tests.approvals.builders import ALEX, CORA, DANA, NOW, RITA, person, request

DUE = NOW + timedelta(hours=72)
REVIEW = Review((BrokeGlass("rita", "Rita", "A lost laptop"),), NOW, DUE, people=(RITA,), reviewers=())
REVIEWED = request(id="R2", review=REVIEW)
CLOSED = request(review=replace(REVIEW, closing=ReviewClosing(NOW, DANA, Finding.JUSTIFIED, "It was justified.")))


@pytest.mark.parametrize(("now", "locked"), [(NOW, False), (DUE - timedelta(seconds=1), False), (DUE, True)])
def test_it_begins_when_the_review_is_due(now: datetime, locked: bool) -> None:
    """The lock begins when the review is due, and not earlier."""
    assert is_locked([request(), REVIEWED], [RITA], now) is locked


def test_it_ends_with_the_review() -> None:
    """The lock ends when the review is closed, however late."""
    assert not is_locked([CLOSED], [RITA], DUE + timedelta(days=9))


def test_it_holds_for_the_human_and_for_who_shares_the_account() -> None:
    """The lock holds for the person's other accounts, and for a shared account that the person may use."""
    assert is_locked([REVIEWED], [person("rita-admin")], DUE)
    assert is_locked([REVIEWED], [ALEX, RITA], DUE)


def test_nobody_else_is_locked() -> None:
    """People who had no part are not locked, nor is an account that belongs to nobody."""
    assert not is_locked([REVIEWED], [ALEX, CORA], DUE)
    assert not is_locked([REVIEWED], [], DUE)
    assert not is_locked([], [RITA], DUE)
