"""Rules for drafts: who may continue one, until when, and with which content."""

from datetime import datetime

from approvals.asking import DRAFT_TIME, Draft
from approvals.fingerprint import seen_with
from approvals.growth import grown
from approvals.policy import growth_of
from approvals.refusals import BegunByAnother, Lapsed, Refusal

DRAFT_OVER = Lapsed("draft")
"""The draft has expired, or its author has dropped it."""

NOT_YOURS = BegunByAnother()


def why_not_go_on(draft: Draft, account: str, now: datetime, *, is_asked_for: bool) -> Refusal | None:
    """Return why this account cannot continue the draft, or nothing.

    `is_asked_for` says that it became a request. Only its author may learn that: for others it is over.
    """
    if draft.dropped or now >= draft.began_at + DRAFT_TIME:
        return DRAFT_OVER
    if account != draft.author.account:
        return DRAFT_OVER if is_asked_for else NOT_YOURS
    return None


def why_not_ask(draft: Draft, account: str, now: datetime) -> Refusal | None:
    """Return why this account's proof of identity opens no request: it proves neither another person's typing nor a
    draft that was not confirmed."""
    mine = why_not_go_on(draft, account, now, is_asked_for=False) is None
    return None if mine and draft.confirmed else DRAFT_OVER


def is_of(draft: Draft, fingerprint: str) -> bool:
    """Return whether a card with this fingerprint showed the draft's content."""
    return draft.subject is not None and seen_with(draft.subject, fingerprint) == draft.subject.sizes


def is_as_shown(shown: Draft, read: Draft) -> bool:
    """Return whether the content read now is what the author was shown: the same target under the same workflows."""
    if shown.subject is None or read.subject is None:
        return False
    same = shown.subject.digest() == read.subject.digest() and shown.workflows == read.workflows
    return same and grown(read.subject, shown.subject.sizes, growth_of(read.workflows)) is None
