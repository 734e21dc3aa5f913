"""The bot's own token from Entra for the Bot Connector."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.config.credential import Credential
from bot.entra.application_tokens import AppTokens
from handlers.ports.errors import Forbidden, PortError, Unavailable
from simulator import certificate
from simulator.entra import BOT_FRAMEWORK
from simulator.keys import SigningKey
from simulator.story import BOT
from tests.bot.entra.signing import Tenant, tenant
from tests.bot.teams.outbound.outbound import CHANNEL, ScriptedTeams, Time, connector_for

SCOPE = f"{BOT_FRAMEWORK}/.default"
MESSAGE = {"type": "message", "text": "hello"}


@pytest.fixture
async def here(authority: certificate.Authority, tmp_path: Path) -> AsyncIterator[Tenant]:
    async with tenant(authority, authority.write(tmp_path / "ca.pem"), SigningKey()) as opened:
        yield opened


@pytest.fixture
def tokens(here: Tenant) -> Iterator[AppTokens]:
    app = here.world.application(BOT)
    with closing(AppTokens(here.authority, Credential(app.app_id, secret=app.secret), SCOPE)) as opened:
        yield opened


async def test_one_token_for_many_messages(here: Tenant, teams: ScriptedTeams, tokens: AppTokens) -> None:
    """Messages at the same time share one token for the Bot Connector."""
    client = connector_for(here.session, teams.origin, Time(), tokens)
    with capture_logs() as lines:
        await asyncio.gather(*(client.send(teams.service_url, CHANNEL, MESSAGE) for _ in range(5)))
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    [sent] = {call.token for call in teams.calls}
    assert here.key.verify(sent, BOT_FRAMEWORK)["appid"] == here.world.application(BOT).app_id
    assert [grant.kind for grant in here.entra.grants] == ["client_credentials"]
    assert sent not in repr(lines)


async def test_no_entra_no_message(here: Tenant, teams: ScriptedTeams, tokens: AppTokens) -> None:
    """While Entra is away nothing is sent, and the error means that nothing can have arrived."""
    here.entra.faults.outages = 100
    client = connector_for(here.session, teams.origin, Time(), tokens)
    with pytest.raises(PortError) as failed:
        await client.start_thread(teams.service_url, CHANNEL, MESSAGE)
    assert not isinstance(failed.value, Unavailable | Forbidden)
    assert not teams.calls
