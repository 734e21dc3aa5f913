"""`python -m bot audit …`, as somebody types it."""

import pytest

from bot.__main__ import main


class Command:
    """Runs one; what it said since the last one is kept."""

    def __init__(self, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._captured = captured
        self._said = ""

    def __call__(self, *words: str) -> int:
        """Its exit status."""
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
        """Everything that the last one printed, as one line."""
        return " ".join(self._said.split())
