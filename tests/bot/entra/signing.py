"""A simulated Entra over https, and everything that is needed to sign a person in to the bot."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.config.credential import Credential
from bot.entra.msal_client import Authority
from bot.entra.person_tokens import PersonTokens
from bot.entra.signing_keys import SigningKeys
from bot.signin.exchange import TeamsSignIn
from bot.signin.page import SignInPage
from bot.signin.seal import Seal
from bot.web.listener import listening_on
from handlers.ports.errors import SignInFailed, SignInTrouble
from handlers.ports.sign_in import UserToken
from simulator import certificate
from simulator.entra import GRAPH, Entra
from simulator.keys import SigningKey
from simulator.site import SHUTDOWN_SECONDS, serve
from simulator.story import SIGN_IN, company
from simulator.world import Application, World
from tests.bot.teams.outbound.outbound import Time, client_session
from tests.servers import free_port

SCOPE = f"{GRAPH}/DeviceManagementRBAC.Read.All"
SESSION_KEY = b"0123456789abcdef0123456789abcdef"
TEAMS_CLIENT = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"  # the Teams desktop client's public application id


@dataclass
class MemoryNonces:
    """Single-use nonces in memory, with all purposes ever stored; `meeting` makes several consumers arrive at the same
    time."""

    kept: dict[str, Mapping[str, str]] = field(default_factory=dict)
    ever: list[Mapping[str, str]] = field(default_factory=list)
    meeting: asyncio.Barrier | None = None

    async def create(self, purpose: Mapping[str, str]) -> str:
        nonce = secrets.token_urlsafe(24)
        self.kept[nonce] = purpose
        self.ever.append(self.kept[nonce])
        return nonce

    async def peek(self, nonce: str) -> Mapping[str, str] | None:
        return self.kept.get(nonce)

    async def consume(self, nonce: str) -> Mapping[str, str] | None:
        if self.meeting:
            await self.meeting.wait()
        return self.kept.pop(nonce, None)


@dataclass
class Tenant:
    """Entra with the people of the simulated company, and the bot's configuration of the sign-in application."""

    world: World
    entra: Entra
    key: SigningKey
    authority: Authority
    session: aiohttp.ClientSession
    time: Time
    nonces: MemoryNonces = field(default_factory=MemoryNonces)

    @property
    def app(self) -> Application:
        return self.world.application(SIGN_IN)

    @property
    def credential(self) -> Credential:
        return Credential(self.app.app_id, secret=self.app.secret)

    def oid(self, name: str) -> str:
        return self.world.user(name).id

    def assertion(self, name: str, **claims: object) -> str:
        """Return the token that Teams gets silently for this person."""
        return self.entra.user_token(self.oid(name), self.app.app_id, TEAMS_CLIENT, ["access_as_user"], **claims)

    def tokens(self) -> PersonTokens:
        keys = SigningKeys(
            self.session, f"{self.entra.authority}/v2.0/.well-known/openid-configuration", self.time.monotonic
        )
        return PersonTokens(
            keys,
            issuer=f"{self.entra.authority}/v2.0",
            tenant_id=self.world.tenant_id,
            audiences=(self.app.app_id, self.app.identifier_uri),
        )

    def sign_in(self, public_url: str = "https://bot.example", **differences: Any) -> TeamsSignIn:
        own: dict[str, Any] = {"authority": self.authority, "credential": self.credential, "scope": SCOPE}
        return TeamsSignIn(self.tokens(), self.nonces, public_url=public_url, **own | differences)


@asynccontextmanager
async def tenant(authority: certificate.Authority, ca_file: Path, key: SigningKey) -> AsyncIterator[Tenant]:
    """Serve the Entra of a fresh tenant on loopback."""
    world = company()
    entra = Entra(world, key)
    async with serve(entra.app(), authority.server_context()) as origin, client_session(authority) as session:
        entra.origin = origin
        yield Tenant(world, entra, key, Authority(entra.authority, ca_file), session, Time())


@dataclass
class Bot:
    """Replicas of the bot behind one address."""

    origin: str
    tenant: Tenant
    carried: list[tuple[str, str, str, UserToken]] = field(default_factory=list)
    sentence: str = "Intune has been told: approved."
    trouble: Exception | None = None
    in_vain: list[tuple[str, str, SignInTrouble]] = field(default_factory=list)

    now: float = 0.0

    def clock(self) -> float:
        return self.now

    async def failed(self, request_id: str, person: str, _nonce: str, trouble: SignInFailed) -> None:
        self.in_vain.append((request_id, person, trouble.trouble))

    async def signed_in(self, request_id: str, person: str, verb: str, token: UserToken, _: str) -> str:
        self.carried.append((request_id, person, verb, token))
        if self.trouble:
            raise self.trouble
        return self.sentence

    async def enter(self, account: str, browser: str) -> web.Response:
        raise AssertionError(f"{account} came through a door that nobody opened, with {browser}")

    def replica(self, session_key: bytes = SESSION_KEY) -> SignInPage:
        return SignInPage(
            self.tenant.tokens(),
            self.tenant.nonces,
            self.signed_in,
            self.failed,
            authority=self.tenant.authority,
            credential=self.tenant.credential,
            scope=SCOPE,
            public_url=self.origin,
            seal=Seal(session_key),
            enter=self.enter,
            emergency_context="",
            clock=self.clock,
        )

    async def link(self, name: str = "alex", claims: str = "") -> str:
        """Return a sign-in link as it is on this person's card."""
        return await self.tenant.sign_in(self.origin).page_for("request-1", self.tenant.oid(name), "finish", claims)


@asynccontextmanager
async def bot(tenant: Tenant, context: ssl.SSLContext, end_key: bytes = SESSION_KEY) -> AsyncIterator[Bot]:
    """Run two replicas: one begins every sign-in, and the other ends it."""
    port = free_port()
    served = Bot(f"https://localhost:{port}", tenant)
    tenant.app.redirect_uris.add(f"{served.origin}/signin/callback")
    ends, begins = served.replica(end_key).routes()[0], served.replica().routes()[1]
    app = web.Application()
    app.add_routes([ends, begins])
    async with listening_on(app, "127.0.0.1", port, context, stop_seconds=SHUTDOWN_SECONDS):
        yield served


@dataclass
class Landed:
    """The last page that a browser reached, and the addresses that it visited."""

    status: int
    text: str
    headers: dict[str, str]
    visited: list[str]


class Browser:
    """A browser: it keeps cookies, follows redirects, and signs in at Entra as `user`."""

    def __init__(self, session: aiohttp.ClientSession, user: str = "") -> None:
        self._session = session
        self.user = user

    async def open(self, url: str, stop_at: str = "") -> Landed:
        """Follow a link to its end, or up to the first address that contains `stop_at`, without opening that one."""
        visited: list[str] = []
        while True:
            if self.user and "/oauth2/v2.0/authorize?" in url:
                url += f"&simulate_user={self.user}"
            visited.append(url)
            async with self._session.get(url, allow_redirects=False) as response:
                text, headers = await response.text(), dict(response.headers)
                way_on = response.headers.get("Location", "")
            if not way_on or (stop_at and stop_at in way_on):
                return Landed(response.status, text, headers, [*visited, *filter(None, [way_on])])
            url = way_on


@asynccontextmanager
async def browser(authority: certificate.Authority, user: str = "") -> AsyncIterator[Browser]:
    """Yield a browser without cookies."""
    async with client_session(authority) as session:
        yield Browser(session, user)


def with_secret(credential: Credential, secret: str) -> Credential:
    """Return the credential of the same application with another secret."""
    return replace(credential, secret=secret)
