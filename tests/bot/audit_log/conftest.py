"""Fixtures: the audit commands, in an environment without settings of the bot, and an empty room."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import open_store
from tests.bot.audit_log.commands import Command
from tests.bot.audit_log.rooms import Room
from tests.fakes.clock import Clock
from tests.servers import redis_server


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a runner of audit commands, with every setting of the bot removed from the environment."""
    for name in [name for name in os.environ if name.startswith("COUNTERSIGN_") and name != "COUNTERSIGN_AZURITE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "400")
    return Command(monkeypatch, capsys)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """Yield a room without audit entries, with a store on a fresh Redis server."""
    clock = Clock()
    async with redis_server() as url:
        store = await open_store(url, "tenant", "c1", clock=clock)
        yield Room(store, clock, tmp_path / "log")
        await store.close()
