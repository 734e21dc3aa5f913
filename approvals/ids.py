"""Request ids: they sort by creation time, and contain nothing else."""

from datetime import UTC, datetime, timedelta

ID_LENGTH = 16
"""Characters of an id."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 30
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)  # whole numbers: floats lose one


def id_made(at: datetime, random: int) -> str:
    """Return an id for this moment: milliseconds since 1970, then the lowest 30 bits of `random`."""
    number = (at - _EPOCH) // _MILLISECOND << _RANDOM_BITS | random & (1 << _RANDOM_BITS) - 1
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(5 * (ID_LENGTH - 1), -1, -5))


def made_at(request_id: str) -> datetime | None:
    """Return the creation time of an id, or nothing if it is not one of ours."""
    if len(request_id) != ID_LENGTH or not set(request_id) <= set(_CROCKFORD):
        return None
    number = 0
    for digit in request_id:
        number = number << 5 | _CROCKFORD.index(digit)
    return _EPOCH + (number >> _RANDOM_BITS) * _MILLISECOND
