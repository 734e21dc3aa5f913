"""How tests of this room poll."""

from approvals.request import Request
from handlers.intune.poll import Polled
from handlers.ports.intune import Content, Row
from tests.fakes.intune import Intune
from tests.handlers.stage import Stage


async def poll(stage: Stage) -> Polled:
    """One round."""
    return await stage.journeys.poll.poll()


def requests(stage: Stage) -> list[Request]:
    """Everything that is stored."""
    return list(stage.store.requests.stored.values())


class Partly(Intune):
    """Some rows cannot be read any further."""

    def __init__(self, stage: Stage, **errors: Exception) -> None:
        super().__init__(stage.clock)
        self.errors = errors
        self.rows = stage.intune.rows

    async def content(self, row: Row) -> Content:
        if row.id in self.errors:
            raise self.errors[row.id]
        return await super().content(row)


def partly(**errors: Exception) -> Stage:
    """A stage on which these rows, by their id, cannot be read any further."""
    stage = Stage()
    stage.intune = Partly(stage, **errors)
    stage.journeys = stage.journeys_with()
    return stage
