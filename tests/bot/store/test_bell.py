"""The bell can be stopped."""

import asyncio
from typing import Any, cast

from bot.store.bell import Bell
from bot.store.redis import RedisCommands


class Deaf:
    """A connection that ignores the first cancellation, as `asyncio.wait_for` does before Python 3.12."""

    def __init__(self) -> None:
        self.lost = 0

    async def xread(self, *_: Any, **__: Any) -> list[Any]:
        """Wait until the second cancellation."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.lost:
                raise
            self.lost += 1
        return []


async def test_a_lost_cancellation_keeps_nobody_from_stopping() -> None:
    """If a cancellation is lost, closing the bell cancels again."""
    deaf = Deaf()
    bell = Bell(cast("RedisCommands", deaf), "bell")
    await bell.wait(0.01)

    async with asyncio.timeout(5):
        await bell.close()

    assert deaf.lost == 1
