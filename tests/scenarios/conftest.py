"""A working day for each scenario."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.office import Office, office


@pytest.fixture
async def day(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """One replica, decisions are carried, the bot is in every channel; `day_with` opens another one."""
    async with office(tmp_path, **getattr(request, "param", {})) as opened:
        yield opened
