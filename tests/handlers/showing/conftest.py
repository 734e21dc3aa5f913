"""One request, and what is known of its posted cards."""

import pytest

from approvals.request import Request
from handlers.showing.attempts import Attempts
from tests.handlers.stage import Stage


@pytest.fixture
def attempts(stage: Stage) -> Attempts:
    """What is known of posted cards."""
    return Attempts(stage.clock, stage.store.copies)


@pytest.fixture
async def request_(stage: Stage) -> Request:
    """A wipe that waits; whatever was planned for it is done."""
    request = await stage.taken_up()
    stage.forget_planned()
    return request
