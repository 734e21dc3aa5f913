"""Handles 404 answers from Teams. A single one is not taken as final, because it can be temporary."""

from collections.abc import Callable, Hashable

from handlers.ports.errors import NotFound, Unavailable

PASSING_SECONDS = 180.0
"""How long a 404 is treated as temporary. Reports describe messages and conversations that were not found for a moment,
some of them weekly (msteams-docs#6139, #9425, BotFramework-Services#220, botbuilder-js#2722)."""

FORGOTTEN_SECONDS = 900.0
"""After so long without another 404, an earlier one says nothing about the next. The outbox repeats after five minutes
at most, and the success may be known only to another replica."""

_MOST = 1_000
"""Maximum number of entries. If an entry was dropped, its time starts again."""


class Absences:
    """Remembers when Teams first and last answered 404 for a message or a conversation."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._seen: dict[Hashable, tuple[float, float]] = {}

    def judge(self, thing: Hashable, trouble: NotFound) -> NotFound | Unavailable:
        """Return `Unavailable` while the 404 may be temporary, and the 404 itself after that."""
        now = self._monotonic()
        first, last = self._seen.pop(thing, (now, now))
        if now - last > FORGOTTEN_SECONDS:
            first = now
        if len(self._seen) >= _MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[thing] = (first, now)
        if now - first < PASSING_SECONDS:
            return Unavailable(f"{trouble}; it may be found again", request_id=trouble.request_id)
        return trouble

    def found(self, thing: Hashable) -> None:
        """Forget that this was ever missing."""
        self._seen.pop(thing, None)
