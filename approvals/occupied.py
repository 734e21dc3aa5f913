"""Requests that block another one: Intune takes one request for a target at a time, and so do we."""

from collections.abc import Iterable

from approvals.request import Request


def occupying(requests: Iterable[Request], target_id: str, *, besides: str = "") -> Request | None:
    """Return the first of these requests that may still act on this target; `besides` is the id of one's own.

    A drill blocks nothing, because it never reaches Intune; neither does a request that only waits for its review.
    """
    on_target = (one for one in requests if one.subject.target_id == target_id and one.id != besides)
    return next((one for one in on_target if not (one.is_closed or one.drill)), None)
