"""Who may read a request: the one rule for every way in which anybody gets to see it."""

from approvals.break_glass import why_not_invoke
from approvals.policy import PolicyBook
from approvals.reminding import was_paged
from approvals.request import Request
from approvals.review import asked_groups
from approvals.sighting import Standing


def may_see(request: Request, standing: Standing, book: PolicyBook, *, from_place: bool = False) -> bool:
    """Return whether this person may read the request.

    Its requestor and initiator may, with any of their accounts; its approvers and reviewers; who is on call and was
    paged for it; auditors; and who may break glass, because they have to see what they break. `from_place` says that
    Teams itself places them where a card of it stands: they read it there anyway. `standing.groups` has to cover
    `reader_groups`.
    """
    if from_place or request.is_own_of(standing.person):
        return True
    if not standing.active:
        return False
    if standing.groups & (asked_groups(request) | _auditors(book)) or was_paged(request, standing):
        return True
    return why_not_invoke(book.emergency, standing) is None


def reader_groups(request: Request, book: PolicyBook) -> frozenset[str]:
    """Return every group that matters for what somebody may read of this request, or do about it."""
    emergency = book.emergency.group_ids if book.emergency else frozenset()
    return asked_groups(request) | emergency | _auditors(book)


def _auditors(book: PolicyBook) -> frozenset[str]:
    return frozenset(group.id for group in book.auditors)
