"""A store on a real server, alone or as a one-node cluster, with a driven clock."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.store import Store, open_store
from tests.approvals.builders import NOW
from tests.servers import redis_server


class DrivenClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.time = NOW

    async def now(self) -> datetime:
        """The present."""
        return self.time

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.time += timedelta(**span)


@pytest.fixture
def clock() -> DrivenClock:
    """A driven clock."""
    return DrivenClock()


@pytest.fixture
async def store(clock: DrivenClock) -> AsyncIterator[Store]:
    """A store on a fresh server."""
    async with redis_server() as url:
        opened = await open_store(url, "tenant", "c1", clock=clock, most_attempts=3)
        yield opened
        await opened.close()
