"""Check whether a reserved call is ours to make."""

import structlog

from handlers.ports.requests import Stored
from handlers.storing.commits import Committed

log = structlog.get_logger(__name__)


def is_reserved(reserved: Committed) -> bool:
    """Return whether the reservation was stored: no rule refused it, no other write came first, and no brake is on."""
    if reserved.stored is Stored.BRAKED:
        log.warning("braked", request_id=reserved.request.id, why=reserved.notice)
    return reserved.stored is Stored.SAVED and reserved.outcome.refusal is None
