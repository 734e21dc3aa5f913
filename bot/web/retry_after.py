"""How long a neighbour asks to wait. The only reader of `Retry-After`, for Graph, Teams and outside receivers.

RFC 9110, 10.2.3: seconds in digits, or a date. Real servers also send 0 (TriliumNext/Trilium#10600), which taken
literally means calling at once and without end; dates in the past; fractions; and a day, during which nobody would hear
of a wipe.
"""

import random
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

from handlers.ports.errors import LONGEST_PAUSE

SHORTEST = 1.0
"""Shortest wait in seconds when a neighbour sends any value."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+")


def asked_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that were asked for: the longest of several; `None` if nothing can be read."""
    every = headers.getall("Retry-After", []) if isinstance(headers, MultiMapping) else [headers.get("Retry-After", "")]
    read = [seconds for value in every if (seconds := _seconds(value, headers.get("Date", ""))) is not None]
    return max(read, default=None)


def retry_after(headers: Mapping[str, str], jitter: Callable[[], float] = random.random) -> float | None:
    """Return the seconds to wait, with a lower and an upper limit; `None` if the neighbour did not say.

    Values below the lower limit get jitter, so that many callers do not call at the same moment.
    """
    asked = asked_for(headers)
    if asked is None:
        return None
    return min(asked, LONGEST_PAUSE) if asked >= SHORTEST else SHORTEST * (1 + jitter())


def _seconds(value: str, answered: str) -> float | None:
    """Parse one value: numbers, or a date, which is compared with the neighbour's own clock."""
    parts = [part.strip() for part in value.split(",")]
    if all(_NUMBER.fullmatch(part) for part in parts):
        return max(map(float, parts))
    try:
        return (parsedate_to_datetime(value) - parsedate_to_datetime(answered)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
