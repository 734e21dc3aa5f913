"""Which request in Intune is one that we filed ourselves.

Intune keeps the reason that we gave it, and that begins with our marker. A store that was restored knows less than
Intune does, so an order is searched for from every state in which Intune may hold it.
"""

from collections.abc import Callable
from datetime import datetime

from approvals import lifecycle
from approvals.asking import marker_in
from approvals.ids import made_at
from approvals.lifecycle import FilingHappening
from approvals.request import Request


def filed_for(justification: str, *, by_person: bool, proves: Callable[[str, str], bool]) -> str:
    """Return the id of the request that something with this reason was filed for by us; empty for what is not ours.

    Whoever files by hand can copy our words, but a person's name then stands with it (`by_person`). `proves` tells
    whether a request's id and a proof belong together.
    """
    marker = marker_in(justification)
    if marker is None or by_person:
        return ""
    return marker.request_id if proves(marker.request_id, marker.proof) else ""


def may_be_held(request: Request, target_id: str) -> bool:
    """Return whether this order may be what Intune holds: held nowhere else, and on the same target.

    `target_id` is empty where Intune does not say which that is.
    """
    filing = request.filing
    if filing is None or request.intune_id is not None or not lifecycle.may(filing.state, FilingHappening.TAKEN):
        return False
    return not target_id or target_id.casefold() == filing.order.target_id.casefold()


def first_asked_at(request: Request) -> datetime:
    """Return when its id was made. A restored store may hold the draft alone; who confirms that once more opens the
    request anew, under an id that Intune may know already."""
    return min(made_at(request.id) or request.opened_at, request.opened_at)
