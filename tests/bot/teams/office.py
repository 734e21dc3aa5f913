"""The chat port in a simulated tenant, with one channel that the bot is in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.config.credential import Credential
from bot.config.origins import ServiceOrigins
from bot.entra.application_tokens import AppTokens
from bot.teams.outbound.chat import TeamsChat
from bot.teams.outbound.connector import Connector
from bot.teams.outbound.pacing import Pace
from handlers.ports.copies import PostedCard
from handlers.ports.places import InChannel
from simulator import certificate
from simulator.clock import Clock, wall_time
from simulator.entra import BOT_FRAMEWORK
from simulator.keys import SigningKey
from simulator.site import serve
from simulator.story import BOT
from simulator.teams.connector import Connector as SimulatedConnector
from simulator.teams.places import Conversation
from tests.bot.entra.signing import tenant
from tests.fakes.conversations import Conversations

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}


@dataclass
class Office:
    """A simulated Teams with one channel that the bot is in, and the bot's chat port."""

    teams: SimulatedConnector
    channel: Conversation
    chat: TeamsChat
    clock: Clock

    async def post(self) -> PostedCard:
        posted = await self.chat.post(InChannel(self.channel.id), CARD, "Wipe of PC-1 waits")
        return PostedCard("r1", InChannel(self.channel.id), posted.conversation, posted.activity_id)


@asynccontextmanager
async def connected(authority: certificate.Authority, key: SigningKey, directory: Path) -> AsyncIterator[Office]:
    """Connect the chat port to a simulated Entra and Teams; waiting moves the clock of both."""
    clock = Clock(wall_time())

    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    def monotonic() -> float:
        return clock.now().timestamp()

    async with tenant(authority, authority.write(directory / "ca.pem"), key) as here:
        app = here.world.application(BOT)
        teams = SimulatedConnector(here.world, clock, key, app.app_id)
        channel = teams.places.channel("Approvals")
        channel.installed = True
        tokens = AppTokens(here.authority, Credential(app.app_id, secret=app.secret), f"{BOT_FRAMEWORK}/.default")
        async with serve(teams.app(), authority.server_context()) as teams.origin:
            connector = Connector(
                here.session,
                tokens,
                ServiceOrigins([teams.origin]),
                Pace(monotonic, sleep),
                app_id=app.app_id,
                tenant_id=here.world.tenant_id,
                teams="https://teams.microsoft.com",
                sleep=sleep,
                jitter=lambda: 1.0,
            )
            with closing(tokens):
                yield Office(teams, channel, TeamsChat(connector, Conversations(), teams.service_url, monotonic), clock)
