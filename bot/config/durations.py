"""ISO 8601 durations in days or weeks."""

import re
from datetime import timedelta

LONGEST = 36_500
"""Days, a hundred years. Anything longer is taken for a typing error."""

_DURATION = re.compile(r"P(\d{1,6})([DW])")


def duration(written: str) -> timedelta:
    """Return the duration of an ISO 8601 text. Raises `ValueError` unless it is in days or weeks: a month has no fixed
    length."""
    found = _DURATION.fullmatch(written)
    days = int(found[1]) * (7 if found[2] == "W" else 1) if found else 0
    if not 0 < days <= LONGEST:
        raise ValueError(f"this must be an ISO 8601 duration in days or weeks such as P2555D, of at most P{LONGEST}D")
    return timedelta(days=days)
