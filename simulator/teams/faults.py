"""Faults between the bot and the connector, queued by a test."""

import asyncio
import re
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """A kind of failure of a call. `STATUS` and `LOST_REQUEST` leave Teams unchanged. Teams may accept messages without
    returning an id (teams.py#586, bot-docs#2263)."""

    STATUS = "a status instead of an answer"
    STATUS_AFTER = "done, and a status instead of the answer all the same"
    LOST_REQUEST = "connection cut before anything happened"
    LOST_ANSWER = "connection cut after it happened"
    UNNAMED = "done, and answered 202 without an id"
    HELD = "held until the event is set, then done"


@dataclass
class Fault:
    """Affects the next `times` calls that match method and path."""

    kind: Kind
    status: int = 502
    method: str = ""
    path: str = ""
    times: int = 1
    retry_after: int | str | None = None
    code: str = "Fault"
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def strikes(self, method: str, path: str) -> bool:
        """Return whether this fault affects this call; counts down if so."""
        fits = self.times > 0 and self.method in {"", method} and re.search(self.path, path) is not None
        self.times -= fits
        return fits
