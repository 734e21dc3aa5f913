"""Helpers of the polling tests."""

from approvals.request import Request
from handlers.intune.poll import Polled
from handlers.ports.intune import Content, Row
from tests.fakes.intune import Intune
from tests.handlers.stage import Stage


async def poll(stage: Stage) -> Polled:
    """Poll once."""
    return await stage.journeys.poll.poll()


def requests(stage: Stage) -> list[Request]:
    """Return all stored requests."""
    return list(stage.store.requests.stored.values())


class Partly(Intune):
    """An Intune in which the contents of some rows cannot be read."""

    def __init__(self, stage: Stage, **errors: Exception) -> None:
        super().__init__(stage.clock)
        self.errors = errors
        self.rows = stage.intune.rows

    async def content(self, row: Row) -> Content:
        if row.id in self.errors:
            raise self.errors[row.id]
        return await super().content(row)


def partly(**errors: Exception) -> Stage:
    """Return a stage on which the contents of these rows, by id, cannot be read."""
    stage = Stage()
    stage.intune = Partly(stage, **errors)
    stage.journeys = stage.journeys_with()
    return stage
