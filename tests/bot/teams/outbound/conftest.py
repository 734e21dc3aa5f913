"""Fixtures: a scripted Bot Connector over https on loopback, and the session and the clock of its client."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from simulator.certificate import Authority
from tests.bot.teams.outbound.outbound import ScriptedTeams, Time, client_session, scripted_teams


@pytest.fixture
async def teams(authority: Authority) -> AsyncIterator[ScriptedTeams]:
    async with scripted_teams(authority) as scripted:
        yield scripted


@pytest.fixture
async def session(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    async with client_session(authority) as opened:
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()
