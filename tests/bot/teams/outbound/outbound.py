"""A Bot Connector that gives the answers that a test sets, and a clock that the test drives."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.config.origins import ServiceOrigins
from bot.teams.outbound.connector import Connector, OwnToken
from bot.teams.outbound.pacing import Pace
from simulator.certificate import Authority
from simulator.site import serve

TOKEN = "the-bots-own-token"
APP_ID = "b07b07b0-0000-4000-8000-000000000001"
TENANT = "7a1c0000-0000-4000-8000-00000000c0de"
CHANNEL = "19:operations@thread.tacv2"
STARTED = {"id": f"{CHANNEL};messageid=1700", "activityId": "1700"}


@dataclass(frozen=True)
class Call:
    """One call that arrived, with its path as it was sent."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    body: Any


@dataclass
class Told:
    """One answer. `lost` closes the connection instead; `hold` keeps the answer back until the event is set."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    hold: asyncio.Event | None = None


class ScriptedTeams:
    """Gives the answers that were set, each once and in order, and afterwards accepts everything."""

    def __init__(self) -> None:
        self.origin = ""
        self.calls: list[Call] = []
        self.arrived = asyncio.Event()
        self._told: list[Told] = []

    @property
    def service_url(self) -> str:
        return f"{self.origin}/emea/"

    def tell(self, status: int = 200, body: Any = None, **more: Any) -> None:
        """Add an answer after the answers that were set before."""
        self._told.append(Told(status, {} if body is None else body, **more))

    def forget(self) -> None:
        """Drop the answers that were not given yet."""
        self._told.clear()

    def methods(self) -> list[str]:
        return [call.method for call in self.calls]

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{anything:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        sent = await request.text()
        path = request.raw_path.partition("?")[0]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append(Call(request.method, path, dict(request.query), token, json.loads(sent) if sent else None))
        self.arrived.set()
        told = self._told.pop(0) if self._told else Told(body=STARTED)
        if told.hold is not None:
            await told.hold.wait()
        if told.lost:
            assert request.transport is not None
            request.transport.close()
        return web.json_response(told.body, status=told.status, headers=dict(told.headers))


class Time:
    """A clock that jumps over each sleep and remembers its length; `on_sleep` runs during each sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.on_sleep: Callable[[], Awaitable[None]] | None = None

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        if self.on_sleep:
            await self.on_sleep()


async def own_token(claims: str | None = None) -> str:
    """Return a fixed token of the bot, or another one if claims are asked for."""
    return TOKEN if claims is None else f"new-{TOKEN}"


@asynccontextmanager
async def scripted_teams(authority: Authority) -> AsyncIterator[ScriptedTeams]:
    """Serve a scripted Bot Connector over https."""
    teams = ScriptedTeams()
    async with serve(teams.app(), authority.server_context()) as origin:
        teams.origin = origin
        yield teams


@asynccontextmanager
async def client_session(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session that trusts only the authority of the tests."""
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


def connector_for(
    session: aiohttp.ClientSession,
    origin: str,
    time: Time,
    token: OwnToken = own_token,
    teams: str = "https://teams.microsoft.com",
) -> Connector:
    """Return the client under test, which may call one origin only; `teams` is the address of Teams in links."""
    pace = Pace(time.monotonic, time.sleep)
    return Connector(
        session,
        token,
        ServiceOrigins([origin]),
        pace,
        app_id=APP_ID,
        tenant_id=TENANT,
        teams=teams,
        sleep=time.sleep,
        jitter=lambda: 1.0,
    )
