"""Durations that are a number of days, as ISO 8601 writes them."""

import re
from datetime import timedelta

LONGEST = 36_500
"""Days, a hundred years: what is longer is a slip of the finger."""

_DURATION = re.compile(r"P(\d{1,6})([DW])")


def duration(written: str) -> timedelta:
    """The duration in an ISO 8601 text; `ValueError` unless it is so many days or weeks. A month has no length."""
    found = _DURATION.fullmatch(written)
    days = int(found[1]) * (7 if found[2] == "W" else 1) if found else 0
    if not 0 < days <= LONGEST:
        raise ValueError(f"this must be an ISO 8601 duration in days or weeks such as P2555D, of at most P{LONGEST}D")
    return timedelta(days=days)
