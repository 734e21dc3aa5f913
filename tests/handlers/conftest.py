"""A stage for every test of a flow, and what the flows have logged."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.handlers.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """Nothing has happened yet."""
    return Stage()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, as it is: to print it with its traceback would take longer than the test."""
    with capture_logs() as lines:
        yield lines
