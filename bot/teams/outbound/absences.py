"""What Teams does not find now: nothing follows from one answer, for such answers pass."""

from collections.abc import Callable, Hashable

from handlers.ports.errors import NotFound, Unavailable

PASSING_SECONDS = 180.0
"""So long a 404 may be one in passing. Reports tell of messages and conversations that were not found for a moment,
some of that weekly (msteams-docs#6139, #9425, BotFramework-Services#220, botbuilder-js#2722)."""

_MOST = 1_000
"""Remembered at most; what is forgotten is given its time once more."""


class Absences:
    """Remembers since when Teams has not found something."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[Hashable, float] = {}

    def judge(self, thing: Hashable, trouble: NotFound) -> NotFound | Unavailable:
        """What the answer means: `Unavailable` while it may be one in passing, after that the answer itself."""
        if len(self._since) >= _MOST:
            del self._since[next(iter(self._since))]
        since = self._since.setdefault(thing, self._monotonic())
        if self._monotonic() - since < PASSING_SECONDS:
            return Unavailable(f"{trouble}; it may be found again", request_id=trouble.request_id)
        return trouble

    def found(self, thing: Hashable) -> None:
        """Forget that it was ever absent."""
        self._since.pop(thing, None)
