"""Recognising in Intune the requests that we filed ourselves.

Intune keeps our justification, which begins with our marker. A restored store knows less than Intune, so an order is
searched for from every state in which Intune may hold it.
"""

from collections.abc import Callable
from datetime import datetime

from approvals import lifecycle
from approvals.asking import marker_in
from approvals.ids import made_at
from approvals.lifecycle import FilingEvent
from approvals.request import Request


def filed_for(justification: str, *, by_person: bool, proves: Callable[[str, str], bool]) -> str:
    """Return the id of the request for which we filed something with this justification; empty if it is not ours.

    A person who files by hand can copy our text, but then Intune shows a person's name (`by_person`). `proves` tells
    whether a request's id and a proof belong together.
    """
    marker = marker_in(justification)
    if marker is None or by_person:
        return ""
    return marker.request_id if proves(marker.request_id, marker.proof) else ""


def may_be_held(request: Request, target_id: str) -> bool:
    """Return whether Intune may hold this order: it is not known to be held, and has the same target.

    `target_id` is empty if Intune does not show it.
    """
    filing = request.filing
    if filing is None or request.intune_id is not None or not lifecycle.may(filing.state, FilingEvent.TAKEN):
        return False
    return not target_id or target_id.casefold() == filing.order.target_id.casefold()


def first_asked_at(request: Request) -> datetime:
    """Return when the request's id was made, which may be long before the request was opened: a restored store may have
    only the draft. Confirming the draft again opens the request a second time, with the same id, which Intune may
    already know."""
    return min(made_at(request.id) or request.opened_at, request.opened_at)
