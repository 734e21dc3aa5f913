"""Presence of people, from Microsoft Graph: the port `Presence`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError

MOST_AT_ONCE = 650
"""Number of people for whom Graph answers in one call."""

LIVES = timedelta(seconds=60)

log = structlog.get_logger(__name__)


class GraphPresence:
    """People who are offline or out of office are away. An answer is valid for a minute; without one nobody is away."""

    def __init__(self, client: GraphClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[datetime, bool]] = {}
        self._refused_at: datetime | None = None

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        """Return those of these accounts who are away; nobody if Graph does not say."""
        now = await self._clock.now()
        if self._refused_at is not None and _is_fresh(self._refused_at, now):
            return frozenset()
        self._known = {one: known for one, known in self._known.items() if _is_fresh(known[0], now)}
        unknown = [one for one in dict.fromkeys(accounts) if one not in self._known]
        try:
            for start in range(0, len(unknown), MOST_AT_ONCE):
                await self._read(unknown[start : start + MOST_AT_ONCE], now)
        except PortError as error:
            self._note_refusal(error, now)
            return frozenset()
        self._refused_at = None
        return frozenset(one for one in accounts if one in self._known and self._known[one][1])

    async def _read(self, accounts: Sequence[str], now: datetime) -> None:
        """Read and keep the presence of these people; those whom Graph leaves out are not away."""
        answer = await self._client.ask("/v1.0/communications/getPresencesByUserId", {"ids": list(accounts)})
        rows = {loose.text(row, "id").casefold(): row for row in loose.objects(answer.get("value"))}
        self._known |= {one: (now, _is_away(rows.get(one.casefold(), {}))) for one in accounts}

    def _note_refusal(self, error: PortError, now: datetime) -> None:
        """Log a refusal once until Graph answers again: a missing permission would otherwise be logged for ever."""
        if self._refused_at is None:
            log.warning("presence_unknown", error=str(error))
        self._refused_at = now


def _is_fresh(at: datetime, now: datetime) -> bool:
    return timedelta() <= now - at < LIVES


def _is_away(row: Mapping[str, Any]) -> bool:
    said = {loose.text(row, "availability"), loose.text(row, "activity")}
    is_out = loose.get(loose.get(row, "outOfOfficeSettings"), "isOutOfOffice") is True
    return is_out or not said.isdisjoint({"Offline", "OutOfOffice"})
