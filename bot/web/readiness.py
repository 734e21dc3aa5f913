"""Readiness, asked once for everybody who wants to know."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Report = tuple[int, Mapping[str, object]]
"""The status, and what is told."""

ANSWER_SECONDS = 1.5
"""Balancers wait for two seconds or more. A store that is frozen keeps its own callers waiting for longer."""

FRESH_SECONDS = 1.0
"""A report is good for so long: however many ask, the store is written to once in that time."""

LATE: Report = 503, {"status": "not ready", "why": "Redis does not answer in time"}


class Readiness:
    """Reports what `ask` finds. `monotonic` tells how old that is."""

    def __init__(self, ask: Callable[[], Awaitable[Report]], monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._asking: asyncio.Future[Report] | None = None
        self._asked_at = 0.0

    async def report(self) -> Report:
        """Return a report of this second; `LATE` if none comes in time. It goes on being asked for all the same."""
        asking = self._asking
        if asking is None or (asking.done() and self._monotonic() >= self._asked_at + FRESH_SECONDS):
            self._asked_at = self._monotonic()
            asking = self._asking = asyncio.ensure_future(self._ask())
        await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
        return asking.result() if asking.done() else LATE

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
