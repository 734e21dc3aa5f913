"""Concurrent reads of the same thing share one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")


class SingleFlight:
    """A caller that asks while the same call is running gets its answer. Nothing is cached after that."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Future[Any]] = {}

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Return the answer of the one call for `key`, or raise its error. A cancelled caller does not stop others."""
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.ensure_future(ask())
            running.add_done_callback(lambda done: self._land(key, done))
        answer: Value = await asyncio.shield(running)
        return answer

    def _land(self, key: Hashable, done: "asyncio.Future[Any]") -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, even if all callers have been cancelled
