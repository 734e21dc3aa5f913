"""Who may go on with an order that is not confirmed yet, until when, and with what it was shown."""

from datetime import datetime

from approvals.asking import DRAFT_TIME, Draft
from approvals.growth import grown
from approvals.policy import growth_of
from approvals.refusals import BegunByAnother, Lapsed, Refusal
from approvals.witness import seen_with

DRAFT_OVER = Lapsed("draft")
"""Its time is over, or its author has dropped it."""

NOT_YOURS = BegunByAnother()


def why_not_go_on(draft: Draft, account: str, now: datetime, *, is_asked_for: bool) -> Refusal | None:
    """Why this account cannot go on with the draft.

    `is_asked_for` says that it became a request: nobody but its author learns that, so to everybody else it is over.
    """
    if draft.dropped or now >= draft.began_at + DRAFT_TIME:
        return DRAFT_OVER
    if account != draft.author.account:
        return DRAFT_OVER if is_asked_for else NOT_YOURS
    return None


def why_not_ask(draft: Draft, account: str, now: datetime) -> Refusal | None:
    """Why nothing is asked for by this account's proof of who it is: it proves nothing of who else typed, nor of what
    nobody has confirmed."""
    mine = why_not_go_on(draft, account, now, is_asked_for=False) is None
    return None if mine and draft.confirmed else DRAFT_OVER


def is_of(draft: Draft, witness: str) -> bool:
    """Whether a card with this witness showed what the draft is about."""
    return draft.subject is not None and seen_with(draft.subject, witness) == draft.subject.sizes


def is_as_shown(shown: Draft, read: Draft) -> bool:
    """Whether what was read now is what its author was shown: the same target under the same workflows."""
    if shown.subject is None or read.subject is None:
        return False
    same = shown.subject.digest() == read.subject.digest() and shown.workflows == read.workflows
    return same and grown(read.subject, shown.subject.sizes, growth_of(read.workflows)) is None
