"""Recipients outside of the tenant."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class NewsKind(StrEnum):
    """Kind of a message to the outside."""

    ALARM = "alarm"
    PAGE = "page"
    OVER = "over"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class News:
    """One message to recipients outside of the tenant. The same id is the same message, sent again.

    `what` is the occasion or the concern. It contains no more about a person than a name.
    """

    id: str
    kind: NewsKind
    what: str
    text: str
    at: datetime
    request_id: str = ""


class Outside(Protocol):
    """Recipient outside of the tenant, who gets alarms even when Teams is down."""

    async def tell(self, news: News) -> None:
        """Send it once. `Unavailable` means that it may have arrived."""


class Heartbeat(Protocol):
    """Service outside that raises an alarm when our heartbeats stop."""

    async def beat(self) -> None:
        """Send a heartbeat."""
