"""What every flow has at hand: the ports, the policy, and the few settings that flows obey."""

import secrets
from datetime import UTC, datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


ID_LENGTH = 16


def new_request_id(now: datetime) -> str:
    """An id of 16 characters that sorts by time (milliseconds since 1970) and tells nothing else."""
    number = int(now.timestamp() * 1000) << 30 | secrets.randbits(30)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5))


def opened_at(request_id: str) -> datetime | None:
    """Return the time that an id carries, or nothing where it is none of ours."""
    if len(request_id) != ID_LENGTH or not set(request_id) <= set(_CROCKFORD):
        return None
    number = 0
    for digit in request_id:
        number = number << 5 | _CROCKFORD.index(digit)
    return datetime.fromtimestamp((number >> 30) / 1000, UTC)
