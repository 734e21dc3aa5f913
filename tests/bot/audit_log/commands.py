"""Run `python -m bot audit …` in tests, as a person would type it."""

import pytest

from bot.__main__ import main


class Command:
    """Runs audit commands, and keeps the output of the last one."""

    def __init__(self, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._captured = captured
        self._said = ""

    def __call__(self, *words: str) -> int:
        """Run one command and return its exit status."""
        self._patch.setattr("sys.argv", ["bot", "audit", *words])
        self._captured.readouterr()
        try:
            status = main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = self._captured.readouterr()
        self._said = out + err
        return status

    def said(self) -> str:
        """Return everything that the last command printed, as one line."""
        return " ".join(self._said.split())
