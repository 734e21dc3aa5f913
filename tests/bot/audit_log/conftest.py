"""The commands, in a shell in which no setting of the bot is set."""

import os

import pytest

from tests.bot.audit_log.commands import Command


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs them."""
    for name in [name for name in os.environ if name.startswith("COUNTERSIGN_") and name != "COUNTERSIGN_AZURITE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "400")
    return Command(monkeypatch, capsys)
