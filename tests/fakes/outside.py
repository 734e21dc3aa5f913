"""A receiver outside the tenant, in memory."""

from handlers.ports.outside import News
from tests.fakes.troubles import Troubles


class Outside:
    """Keeps the news that it received."""

    def __init__(self) -> None:
        self.heard: list[News] = []
        self.troubles = Troubles()

    async def tell(self, news: News) -> None:
        await self.troubles.begin("tell")
        self.heard.append(news)
        self.troubles.end("tell")


class Heartbeat:
    """Counts the beats."""

    def __init__(self) -> None:
        self.beats = 0
        self.troubles = Troubles()

    async def beat(self) -> None:
        await self.troubles.begin("beat")
        self.beats += 1
        self.troubles.end("beat")
