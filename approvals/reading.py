"""The one rule for who may read a request, in whichever way."""

from approvals.break_glass import why_not_invoke
from approvals.policy import PolicyBook
from approvals.reminding import was_paged
from approvals.request import Request
from approvals.review import asked_groups
from approvals.snapshot import Eligibility


def may_see(request: Request, eligibility: Eligibility, book: PolicyBook, *, from_place: bool = False) -> bool:
    """Return whether this person may read the request.

    These people may: its requestor and initiator, with any of their accounts; its approvers and reviewers; people on
    call who were paged for it; auditors; and people who may use break-glass, because they have to see the target of the
    request. `from_place` means that, according to Teams, the person asks from a chat or channel that has the card of
    the request: they can read the card there anyway. `eligibility.groups` must cover `reader_groups`.
    """
    if from_place or request.is_own_of(eligibility.person):
        return True
    if not eligibility.active:
        return False
    if eligibility.groups & (asked_groups(request) | _auditors(book)) or was_paged(request, eligibility):
        return True
    return why_not_invoke(book.emergency, eligibility) is None


def reader_groups(request: Request, book: PolicyBook) -> frozenset[str]:
    """Return every group whose members may read this request, or act on it."""
    emergency = book.emergency.group_ids if book.emergency else frozenset()
    return asked_groups(request) | emergency | _auditors(book)


def _auditors(book: PolicyBook) -> frozenset[str]:
    return frozenset(group.id for group in book.auditors)
