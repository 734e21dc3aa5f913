"""A working day for each scenario."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.office import Office, office
from tests.scenarios.nursery import Nursery


@pytest.fixture
async def day(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """One replica, decisions are carried, the bot is in every channel; `day_with` opens another one."""
    async with office(tmp_path, **getattr(request, "param", {})) as opened:
        yield opened


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One interpreter per worker, from which all bots are forked that will be killed."""
    opened = Nursery()
    yield opened
    opened.close()
