"""The bell: wakes every replica when an effect has been planned."""

import asyncio

from bot.store.redis import RedisCommands

LONGEST_BLOCK = 5.0
"""Seconds that one blocking read lasts. A dead connection is noticed soon after."""

CANCEL_AGAIN = 0.1
"""Seconds. redis-py sends under `asyncio.wait_for`, which may lose a cancellation in Python 3.11 (CPython 86296)."""


class Bell:
    """Remembers what it has read, so no ring is missed while its owner is busy.

    One connection always blocks on the stream. A waiter wakes up on a ring or after its own timeout, whichever is
    first. The server's timeouts are too coarse for that (a tenth of a second).
    """

    def __init__(self, waiting: RedisCommands, key: str) -> None:
        self._waiting = waiting
        self._key = key
        self._heard = "0"
        self._listening: asyncio.Task[str] | None = None

    async def wait(self, timeout: float) -> None:
        """Wait for a ring, for at most `timeout` seconds. Raises `Unavailable` if the server cannot be read."""
        listening = self._listening = self._listening or asyncio.create_task(self._listen())
        done, _ = await asyncio.wait({listening}, timeout=timeout)
        if done:
            self._listening = None
            self._heard = listening.result()

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is None:
            return
        while not self._listening.done():
            self._listening.cancel()
            await asyncio.wait({self._listening}, timeout=CANCEL_AGAIN)
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> str:
        while True:
            for _, entries in await self._waiting.xread({self._key: self._heard}, block=int(LONGEST_BLOCK * 1000)):
                return entries[-1][0]
