"""Fixtures: one request, and the attempts to post its cards."""

import pytest

from approvals.request import Request
from handlers.showing.attempts import Attempts
from tests.handlers.stage import Stage


@pytest.fixture
def attempts(stage: Stage) -> Attempts:
    """Return the attempts to post cards."""
    return Attempts(stage.clock, stage.store.copies)


@pytest.fixture
async def request_(stage: Stage) -> Request:
    """Return a wipe that waits and has no planned effects."""
    request = await stage.taken_up()
    stage.forget_planned()
    return request
