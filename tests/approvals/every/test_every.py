"""The rules answer to every happening in every state as the pages say."""

import pytest

from tests.approvals.every.pages import DIRECTORY, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_every_happening_in_every_state(name: str) -> None:
    """Where another answer is right, write the pages anew: `python -m tests.approvals.every`."""
    assert PAGES[name]() == (DIRECTORY / f"{name}.txt").read_text(encoding="utf-8")
