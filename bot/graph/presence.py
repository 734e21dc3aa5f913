"""Who is at work, over Microsoft Graph: the port `Presence`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports import Clock, PortError

MOST_AT_ONCE = 650
"""Graph answers for so many people in one call."""

LIVES = timedelta(seconds=60)

log = structlog.get_logger(__name__)


class GraphPresence:
    """Away is who is offline or out of office. An answer is good for a minute; without one nobody is away."""

    def __init__(self, client: GraphClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[datetime, bool]] = {}

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        """Those of these accounts who are away; nobody where Graph does not say."""
        now = await self._clock.now()
        unknown = [one for one in accounts if one not in self._known or now - self._known[one][0] >= LIVES]
        try:
            for start in range(0, len(unknown), MOST_AT_ONCE):
                await self._read(unknown[start : start + MOST_AT_ONCE], now)
        except PortError as error:
            log.warning("presence_unknown", error=str(error))
            return frozenset()
        return frozenset(one for one in accounts if self._known.get(one, (now, False))[1])

    async def _read(self, accounts: Sequence[str], now: datetime) -> None:
        answer = await self._client.ask("/v1.0/communications/getPresencesByUserId", {"ids": list(accounts)})
        rows = answer.get("value") or ()
        self._known |= {loose.text(row, "id"): (now, _is_away(row)) for row in rows}


def _is_away(row: Mapping[str, Any]) -> bool:
    out_of_office = loose.get(row, "outOfOfficeSettings")
    is_out = isinstance(out_of_office, Mapping) and loose.get(out_of_office, "isOutOfOffice") is True
    return (
        is_out or {"Offline", "OutOfOffice"} & {loose.text(row, "availability"), loose.text(row, "activity")} != set()
    )
