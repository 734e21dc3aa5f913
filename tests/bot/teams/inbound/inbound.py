"""The bot's endpoint over real https, called by a simulated Bot Connector that signs its tokens."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aiohttp
from aiohttp import web

from bot.config.origins import ServiceOrigins
from bot.entra.signing_keys import SigningKeys
from bot.teams.inbound.activity import Admission
from bot.teams.inbound.endpoint import ANSWER_SECONDS, Endpoint
from bot.teams.inbound.tokens import InboundTokens
from bot.web.listener import listening_on
from cards.actions import Verb
from handlers.incoming.clicks import Answer, Click, Say
from handlers.incoming.inbox import Installation, Message, Removal
from simulator.certificate import Authority
from simulator.clock import Clock, WallClock
from simulator.keys import SigningKey
from simulator.site import SHUTDOWN_SECONDS, serve
from simulator.story import BOT, company
from simulator.teams.activities import activity
from simulator.teams.connector import ISSUER, Connector
from simulator.teams.tokens import Minter
from simulator.world import TENANT_ID, User, World

TOKEN_RESOURCE = "api://botid-5f0e"
REQUEST_ID = "01J00000000000R1"


@cache
def authority() -> Authority:
    """Return the certificate authority of the test process, made once."""
    return Authority()


@cache
def world() -> World:
    """Return the simulated company, which these tests only read."""
    return company()


@cache
def _connector() -> Connector:
    clock = Clock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    return Connector(world(), clock, entra_key(), world().application(BOT).app_id)


@cache
def entra_key() -> SigningKey:
    """Return the key with which Entra signs."""
    return SigningKey()


@dataclass
class Tap:
    """A middleware in front of the Bot Connector's web server: it counts reads, and can break or delay them."""

    reads: list[str] = field(default_factory=list)
    broken: bool = False
    hold: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def before(self, app: web.Application) -> web.Application:
        @web.middleware
        async def tap(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
            self.reads.append(request.path)
            self.arrived.set()
            if self.hold is not None:
                await self.hold.wait()
            if self.broken:
                return web.Response(status=503)
            answer: web.StreamResponse = await handler(request)
            return answer

        app.middlewares.append(tap)
        return app


@asynccontextmanager
async def connector() -> AsyncIterator[tuple[Connector, Tap]]:
    """Serve the simulated Bot Connector with its first key."""
    running, tap = _connector(), Tap()
    first = running.keys[:1]
    running.keys[:] = first
    async with serve(tap.before(running.app()), authority().server_context()) as origin:
        running.origin = origin
        yield running, tap
    running.keys[:] = first


@asynccontextmanager
async def client_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session that trusts only the authority of the tests."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=authority().client_context())) as session:
        yield session


@dataclass
class RecordingInbox:
    """Flows that record their input; `hold` makes them wait, and `trouble` makes them fail."""

    answer: Answer = field(default_factory=lambda: Say("done"))
    clicks: list[Click] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    installs: list[Installation] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    hold: asyncio.Event | None = None
    trouble: Exception | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)
    ended: list[object] = field(default_factory=list)

    async def click(self, clicked: Click) -> Answer:
        self.clicks.append(clicked)
        await self._work(clicked)
        return self.answer

    async def message(self, written: Message) -> None:
        self.messages.append(written)
        await self._work(written)

    async def installed(self, where: Installation) -> None:
        self.installs.append(where)
        await self._work(where)

    async def removed(self, where: Removal) -> None:
        self.removals.append(where)
        await self._work(where)

    @property
    def everything(self) -> list[object]:
        return [*self.clicks, *self.messages, *self.installs, *self.removals]

    async def _work(self, thing: object) -> None:
        self.began.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.trouble is not None:
            raise self.trouble
        self.ended.append(thing)


@dataclass(frozen=True)
class Reply:
    """An answer of the endpoint."""

    status: int
    headers: Any
    body: Any

    @property
    def error(self) -> tuple[int, str, str]:
        return self.status, self.body["error"]["code"], self.body["error"]["message"]


@dataclass
class Site:
    """One endpoint with everything around it."""

    connector: Connector
    tap: Tap
    clock: WallClock
    inbox: RecordingInbox
    endpoint: Endpoint
    tokens: InboundTokens
    session: aiohttp.ClientSession
    url: str = ""

    @property
    def minter(self) -> Minter:
        return Minter(self.connector)

    def activity(self, kind: str = "message", place: str = "channel", by: str = "alex", **more: Any) -> dict[str, Any]:
        """Return an activity as Teams sends it."""
        places, user = self.connector.places, user_called(by)
        where = {
            "channel": lambda: places.channel("Approvals"),
            "groupChat": lambda: places.group_chat("Change board", "alex", "cora"),
            "personal": lambda: places.personal(user),
        }
        # A copy, so that a test cannot change what the simulator keeps.
        return deepcopy(activity(self.connector, kind, where[place](), user, **more))

    def click(self, verb: str = Verb.REFRESH, place: str = "channel", by: str = "alex", **data: Any) -> dict[str, Any]:
        """Return a click on a card."""
        action = {
            "type": "Action.Execute",
            "verb": verb,
            "data": {"request": REQUEST_ID, "fingerprint": "0123456789ab"} | data,
        }
        value = {"action": action, "trigger": "manual"}
        return self.activity("invoke", place, by, name="adaptiveCard/action", replyToId="1700", value=value)

    async def post(self, sent: Any, token: str | None = None, **headers: str) -> Reply:
        """Send JSON, or bytes as they are, with this token; `None` means a good token, and "" none."""
        bearer = self.minter.good() if token is None else token
        shown = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        async with self.session.post(self.url, data=data, headers=shown | headers) as response:
            text = await response.text()
            return Reply(response.status, response.headers, json.loads(text) if text else None)


def user_called(name: str) -> User:
    return world().user(name)


@asynccontextmanager
async def site(answer_seconds: float = ANSWER_SECONDS) -> AsyncIterator[Site]:
    """Run a bot that listens and trusts the simulated Bot Connector."""
    async with connector() as (running, tap), client_session() as session:
        clock, inbox = WallClock(), RecordingInbox()
        now = lambda: clock.now().timestamp()  # noqa: E731
        tokens = InboundTokens(
            SigningKeys(session, metadata_url(running), now),
            ServiceOrigins([running.origin]),
            app_id=running.bot_app_id,
            issuer=ISSUER,
            clock=now,
        )
        endpoint = Endpoint(
            tokens,
            Admission(running.bot_app_id, [TENANT_ID]),
            inbox,
            token_resource=TOKEN_RESOURCE,
            answer_seconds=answer_seconds,
        )
        app = web.Application()
        app.add_routes(endpoint.routes())
        async with listening_on(
            app, "127.0.0.1", 0, authority().server_context(), stop_seconds=SHUTDOWN_SECONDS
        ) as port:
            messages_url = f"https://localhost:{port}/api/messages"
            yield Site(running, tap, clock, inbox, endpoint, tokens, session, messages_url)
        await endpoint.finish(0)


def metadata_url(running: Connector) -> str:
    return f"{running.origin}/v1/.well-known/openidconfiguration"
