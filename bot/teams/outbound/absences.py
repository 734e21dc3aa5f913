"""Handles 404 answers from Teams. A single one is not taken as final, because it can be temporary."""

from collections.abc import Callable, Hashable

from handlers.ports.errors import NotFound, Unavailable

PASSING_SECONDS = 180.0
"""How long a 404 is treated as temporary. Reports describe messages and conversations that were not found for a moment,
some of them weekly (msteams-docs#6139, #9425, BotFramework-Services#220, botbuilder-js#2722)."""

_MOST = 1_000
"""Maximum number of entries. If an entry was dropped, its time starts again."""


class Absences:
    """Remembers when Teams first answered 404 for a message or a conversation."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[Hashable, float] = {}

    def judge(self, thing: Hashable, trouble: NotFound) -> NotFound | Unavailable:
        """Return `Unavailable` while the 404 may be temporary, and the 404 itself after that."""
        if len(self._since) >= _MOST:
            del self._since[next(iter(self._since))]
        since = self._since.setdefault(thing, self._monotonic())
        if self._monotonic() - since < PASSING_SECONDS:
            return Unavailable(f"{trouble}; it may be found again", request_id=trouble.request_id)
        return trouble

    def found(self, thing: Hashable) -> None:
        """Forget that this was ever missing."""
        self._since.pop(thing, None)
