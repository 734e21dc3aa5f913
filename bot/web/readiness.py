"""Readiness, checked once for all callers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Report = tuple[int, Mapping[str, object]]
"""The status, and the body."""

ANSWER_SECONDS = 1.5
"""Load balancers wait for two seconds or more. A frozen store blocks its own callers for longer."""

FRESH_SECONDS = 1.0
"""How long a report is reused: the store is written to at most once in that time."""

LATE: Report = 503, {"status": "not ready", "why": "Redis does not answer in time"}


class Readiness:
    """Reports the result of `ask`. `monotonic` gives its age."""

    def __init__(self, ask: Callable[[], Awaitable[Report]], monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._asking: asyncio.Future[Report] | None = None
        self._asked_at = 0.0

    async def report(self) -> Report:
        """Return a report of this second; `LATE` if none is ready in time. The check continues in that case."""
        asking = self._asking
        if asking is None or (asking.done() and self._monotonic() >= self._asked_at + FRESH_SECONDS):
            self._asked_at = self._monotonic()
            asking = self._asking = asyncio.ensure_future(self._ask())
        await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
        return asking.result() if asking.done() else LATE

    async def close(self) -> None:
        """Cancel a running check."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
