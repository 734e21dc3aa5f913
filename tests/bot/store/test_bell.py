"""The bell: it stops when it is told to."""

import asyncio
from typing import Any, cast

from bot.store.bell import Bell
from bot.store.redis import RedisCommands


class Deaf:
    """A connection that loses the first cancellation, as `asyncio.wait_for` does before Python 3.12."""

    def __init__(self) -> None:
        self.lost = 0

    async def xread(self, *_: Any, **__: Any) -> list[Any]:
        """Nothing ever rings."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.lost:
                raise
            self.lost += 1
        return []


async def test_a_lost_cancellation_keeps_nobody_from_stopping() -> None:
    """It is cancelled once more."""
    deaf = Deaf()
    bell = Bell(cast("RedisCommands", deaf), "bell")
    await bell.wait(0.01)

    async with asyncio.timeout(5):
        await bell.close()

    assert deaf.lost == 1
