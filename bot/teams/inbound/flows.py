"""Flows under way: none is cut short because its answer could not wait, and identical ones run once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class Flows:
    """Every flow by a key that says what it is about."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def run(
        self, key: Hashable, flow: Callable[[], Coroutine[Any, Any, Result]], seconds: float
    ) -> Result | None:
        """Begin the flow, or join the one of that key; its result, or `None` if it takes longer than that.

        Then, or when the caller gives up, it goes on to its end all the same.
        """
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(flow())
            task.add_done_callback(lambda _: self._running.pop(key, None))
        await asyncio.wait({task}, timeout=seconds)
        result: Result | None = task.result() if task.done() else None
        return result

    async def finish(self, seconds: float) -> None:
        """Let what is under way come to its end; what takes longer than that is cancelled."""
        if not self._running:
            return
        _, late = await asyncio.wait(set(self._running.values()), timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            log.warning("flows_cancelled", count=len(late))
            await asyncio.wait(late)
