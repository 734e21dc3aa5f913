"""Ids for what is new."""

import secrets
from datetime import datetime

from approvals.ids import id_made


def new_request_id(now: datetime) -> str:
    """An id that nobody has yet, and that sorts by time."""
    return id_made(now, secrets.randbits(30))
