"""The rules answer every event in every state as the pages say."""

import pytest

from tests.approvals.every.pages import DIRECTORY, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_every_happening_in_every_state(name: str) -> None:
    """The page equals the stored one. Where the new answer is right, run `python -m tests.approvals.every`."""
    assert PAGES[name]() == (DIRECTORY / f"{name}.txt").read_text(encoding="utf-8")
