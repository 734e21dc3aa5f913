"""Teams' limits: rates per conversation, sizes, card versions."""

import json
from collections import defaultdict, deque
from typing import Any

from simulator.clock import Clock

RATES = ((7, 1), (8, 2), (60, 30), (1800, 3600))
"""Published limits per bot and conversation: number of writes, in this many seconds."""

MOST_BYTES = 100 * 1024
"""Largest message, in bytes of UTF-16; larger ones are answered 413."""

MOST_REFRESHED = 60


class Rates:
    """Counts a bot's writes per conversation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._writes: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, conversation: str) -> int:
        """Return the seconds until another write is allowed; 0 means that it was allowed and counted."""
        now = self._clock.now().timestamp()
        writes = self._writes[conversation]
        for most, seconds in RATES:
            if len([at for at in writes if at > now - seconds]) >= most:
                return seconds
        writes.append(now)
        while writes and writes[0] < now - RATES[-1][1]:
            writes.popleft()
        return 0


def too_big(activity: dict[str, Any]) -> bool:
    """Return whether Teams refuses the message for its size."""
    return len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le")) > MOST_BYTES


def bad_card(activity: dict[str, Any]) -> str:
    """Return why Teams refuses the card; empty if it accepts it."""
    for attachment in activity.get("attachments") or ():
        card = attachment.get("content") or {}
        if str(card.get("version")) not in {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"}:
            return "Adaptive Card version is not supported"
        if len((card.get("refresh") or {}).get("userIds") or ()) > MOST_REFRESHED:
            return "refresh.userIds has more than 60 entries"
    return ""
