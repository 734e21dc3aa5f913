"""How long a neighbour wants to be left alone: the one reader of `Retry-After`, for Graph, Teams and whoever is told
outside.

RFC 9110, 10.2.3: seconds in digits, or a date. What is really sent is more: 0 (TriliumNext/Trilium#10600), which taken
at its word asks for a call at once and without end; dates in the past; fractions; a day, after which nobody has heard
of a wipe.
"""

import random
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

from handlers.ports.errors import LONGEST_PAUSE

SHORTEST = 1.0
"""Seconds that a neighbour is left alone at least when it says anything at all."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+")


def asked_for(headers: Mapping[str, str]) -> float | None:
    """Seconds, as they were asked for: the longest, where several are; nothing where nothing can be read."""
    every = headers.getall("Retry-After", []) if isinstance(headers, MultiMapping) else [headers.get("Retry-After", "")]
    read = [seconds for value in every if (seconds := _seconds(value, headers.get("Date", ""))) is not None]
    return max(read, default=None)


def retry_after(headers: Mapping[str, str], jitter: Callable[[], float] = random.random) -> float | None:
    """Seconds to wait, neither none nor for ever; nothing where the neighbour did not say.

    What asks for less than the shortest wait asks for nothing that many callers could do together, so it is spread.
    """
    asked = asked_for(headers)
    if asked is None:
        return None
    return min(asked, LONGEST_PAUSE) if asked >= SHORTEST else SHORTEST * (1 + jitter())


def _seconds(value: str, answered: str) -> float | None:
    """One value: numbers, or a date, which is measured against the neighbour's own clock."""
    parts = [part.strip() for part in value.split(",")]
    if all(_NUMBER.fullmatch(part) for part in parts):
        return max(map(float, parts))
    try:
        return (parsedate_to_datetime(value) - parsedate_to_datetime(answered)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
