"""Who is told outside of the tenant."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class NewsKind(StrEnum):
    """What somebody outside is told of."""

    ALARM = "alarm"
    PAGE = "page"
    OVER = "over"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class News:
    """One thing that is told outside of the tenant. The same id is the same news, told again.

    `what` is the occasion or the concern. Nothing in it tells of a person more than a name.
    """

    id: str
    kind: NewsKind
    what: str
    text: str
    at: datetime
    request_id: str = ""


class Outside(Protocol):
    """Somebody outside of the tenant, who hears of alarms even when Teams is down."""

    async def tell(self, news: News) -> None:
        """Tell it once. `Unavailable` means that it may have been heard."""


class Heartbeat(Protocol):
    """Somebody outside who alarms when nothing is heard from us any more."""

    async def beat(self) -> None:
        """Say that all is well."""
