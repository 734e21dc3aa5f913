"""Fixtures for every test of a flow: the stage and the log."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.handlers.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """Return a stage on which nothing has happened yet."""
    return Stage()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Yield the log lines as data, because printing them with tracebacks would take longer than the test."""
    with capture_logs() as lines:
        yield lines
