"""The default paths of the audit commands."""

from pathlib import Path

import pytest

from bot.audit_log.places import places


def test_the_settings_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting in `.env` is the default of the commands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("COUNTERSIGN_STATE_DIR=/srv/state\n", encoding="utf-8")

    assert places().log == Path("/srv/state/audit")


def test_a_file_of_settings_that_is_not_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a `.env` that cannot be read, the commands can still be listed: the error is reported when one runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COUNTERSIGN_STATE_DIR", raising=False)
    (tmp_path / ".env").write_bytes(b"COUNTERSIGN_STATE_DIR=caf\xe9\n")

    assert places().log == Path(".state/audit")
