"""Who may continue with a draft, and until when."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.asking import DRAFT_TIME, Draft
from approvals.drafts import DRAFT_OVER, NOT_YOURS, is_as_shown, is_of, why_not_ask, why_not_go_on
from approvals.order import Act
from approvals.refusals import Refusal
from tests.approvals.builders import NOW, RITA, SUBJECT, workflow

DRAFT = Draft("R1", RITA, Act.WIPE, "PC-1", NOW, subject=SUBJECT, workflows=(workflow(),), confirmed=True)
END = NOW + DRAFT_TIME
LAST = END - timedelta(seconds=1)
OTHER_SUBJECT = replace(SUBJECT, target="Update-Defender-2")


@pytest.mark.parametrize(
    ("draft", "account", "now", "refusal"),
    [
        (DRAFT, "rita", NOW, None),
        (DRAFT, "rita", LAST, None),
        (DRAFT, "rita", END, DRAFT_OVER),
        (DRAFT, "alex", NOW, NOT_YOURS),
        (DRAFT, "rita-admin", NOW, NOT_YOURS),
        (DRAFT, "alex", END, DRAFT_OVER),
        (replace(DRAFT, dropped=True), "rita", NOW, DRAFT_OVER),
        (replace(DRAFT, dropped=True), "alex", NOW, DRAFT_OVER),
    ],
)
def test_its_author_goes_on_until_it_is_over(
    draft: Draft, account: str, now: datetime, refusal: Refusal | None
) -> None:
    """Only the author may continue with a draft, with the same account, and only until it has ended."""
    assert why_not_go_on(draft, account, now, is_asked_for=False) == refusal


def test_nobody_but_its_author_learns_that_it_was_asked_for() -> None:
    """Only the author learns that a draft was already ordered; to everybody else it has simply ended."""
    assert why_not_go_on(DRAFT, "alex", NOW, is_asked_for=True) == DRAFT_OVER
    assert why_not_go_on(DRAFT, "rita", NOW, is_asked_for=True) is None


@given(
    dropped=st.booleans(),
    confirmed=st.booleans(),
    account=st.sampled_from(["rita", "rita-admin", "alex", ""]),
    minutes=st.integers(min_value=0, max_value=30),
)
def test_only_what_its_author_confirmed_in_time_is_asked_for(
    dropped: bool, confirmed: bool, account: str, minutes: int
) -> None:
    """Only a draft that its author confirmed in time becomes an order; every other case gets the same refusal."""
    draft = replace(DRAFT, dropped=dropped, confirmed=confirmed)
    good = confirmed and not dropped and account == "rita" and minutes < 15
    assert why_not_ask(draft, account, NOW + timedelta(minutes=minutes)) == (None if good else DRAFT_OVER)


def test_a_card_shows_what_it_was_drawn_from() -> None:
    """A card is recognised as a card of its draft by the beginning of the digest; without a digest it is not."""
    assert is_of(DRAFT, SUBJECT.digest()[:12])
    assert not is_of(DRAFT, OTHER_SUBJECT.digest()[:12])
    assert not is_of(DRAFT, "")
    assert not is_of(replace(DRAFT, subject=None), SUBJECT.digest()[:12])


def test_what_has_changed_since_it_was_shown() -> None:
    """A draft has changed if its target or its workflows changed; what the author typed makes no difference."""
    assert is_as_shown(DRAFT, replace(DRAFT, justification="Stolen on the train"))
    assert not is_as_shown(DRAFT, replace(DRAFT, subject=OTHER_SUBJECT))
    assert not is_as_shown(DRAFT, replace(DRAFT, workflows=(workflow(required=3),)))
    assert not is_as_shown(DRAFT, replace(DRAFT, subject=None))
    assert not is_as_shown(replace(DRAFT, subject=None), DRAFT)
