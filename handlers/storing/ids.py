"""New ids."""

import secrets
from datetime import datetime

from approvals.ids import id_made


def new_request_id(now: datetime) -> str:
    """Return a new unique id that sorts by time."""
    return id_made(now, secrets.randbits(30))
