"""A stage for every test of a flow."""

import pytest

from tests.handlers.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """Nothing has happened yet."""
    return Stage()
