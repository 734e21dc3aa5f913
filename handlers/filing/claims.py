"""Check whether a claimed call is ours to make."""

import structlog

from handlers.ports.requests import Stored
from handlers.storing.commits import Committed

log = structlog.get_logger(__name__)


def is_claimed(claimed: Committed) -> bool:
    """Return whether the claim was stored: no rule refused it, no other write came first, and no brake is on."""
    if claimed.stored is Stored.BRAKED:
        log.warning("braked", request_id=claimed.request.id, why=claimed.notice)
    return claimed.stored is Stored.SAVED and claimed.outcome.refusal is None
