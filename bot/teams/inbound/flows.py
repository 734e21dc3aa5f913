"""Running flows: each runs to its end even if its answer is late, and identical ones run once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Flows:
    """The running flows, each with a key that says what it is about."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def run(self, key: Hashable, flow: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T | None:
        """Start the flow, or join the running one with that key. Return its result, or `None` after that many seconds.

        The flow continues in either case, also if the caller is cancelled.
        """
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(flow())
            task.add_done_callback(lambda _: self._running.pop(key, None))
        await asyncio.wait({task}, timeout=seconds)
        result: T | None = task.result() if task.done() else None
        return result

    async def finish(self, seconds: float) -> None:
        """Wait for running flows, and cancel those that take longer than this."""
        if not self._running:
            return
        _, late = await asyncio.wait(set(self._running.values()), timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            log.warning("flows_cancelled", count=len(late))
            await asyncio.wait(late)
