"""A simulated tenant with our Graph clients."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.config.credential import Credential
from bot.entra.application_tokens import AppTokens
from bot.entra.msal_client import Authority as EntraAuthority
from bot.graph.filing import GraphFiler
from bot.graph.http import GraphClient
from bot.graph.intune import GraphIntune
from handlers.ports.sign_in import UserToken
from simulator.certificate import Authority
from simulator.clock import Clock
from simulator.entra import GRAPH, Entra
from simulator.graph.service import Graph
from simulator.keys import SigningKey
from simulator.site import serve
from simulator.story import ACTOR, SIGN_IN, WORKER, company
from simulator.world import Application, User, World
from tests.bot.graph.scripted import Pauses

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EVERYTHING = (
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementRBAC.ReadWrite.All",
    "DeviceManagementScripts.ReadWrite.All",
    "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
)


@dataclass
class Tenant:
    """The company, its Entra and its Graph. `graph_url` is the address where Graph is served."""

    key: SigningKey
    world: World = field(default_factory=company)
    clock: Clock = field(default_factory=lambda: Clock(START))
    graph_url: str = ""

    def __post_init__(self) -> None:
        self.entra = Entra(self.world, self.key)
        self.graph = Graph(self.world, self.clock, self.key)

    def connect(self, session: aiohttp.ClientSession, client: GraphClient) -> None:
        """Set the session and the clients, once Graph is served."""
        self.session = session
        self.client = client
        self.intune = GraphIntune(client)

    def filer(self) -> GraphFiler:
        """Return a filer with the application that files orders from the chat."""
        actor = self.world.application(ACTOR)

        async def token(_claims: str | None) -> str:
            return self.entra.app_token(actor.app_id)

        return GraphFiler(GraphClient(self.session, self.graph_url, token), actor.app_id)

    def user_token(self, name: str, *scopes: str, **claims: Any) -> UserToken:
        """Return a Graph token of this person, as the sign-in application gets one."""
        user = self.world.user(name)
        app = self.world.application(SIGN_IN)
        scopes = scopes or ("DeviceManagementRBAC.Read.All",)
        return UserToken(user.id, self.entra.user_token(user.id, GRAPH, app.app_id, scopes, **claims))

    async def file(self, path: str, body: Any = None, *, method: str = "POST", by: str | Application = "rita") -> str:
        """File a protected change in the portal, and return the request's id."""
        if isinstance(by, Application):
            token = self.entra.app_token(by.app_id)
        else:
            token = self.user_token(by, *EVERYTHING).text
        justification = base64.b64encode(b"stolen laptop").decode()
        headers = {"Authorization": f"Bearer {token}", "x-msft-approval-justification": justification}
        data = json.dumps(body) if body is not None else None
        url = f"{self.graph_url}/beta/deviceManagement/{path}"
        async with self.session.request(method, url, data=data, headers=headers) as answer:
            assert answer.status in {403, 412}, await answer.text()
        return next(reversed(self.graph._state.filed))

    async def file_wipe(self, device: str = "PC-1", *, by: str | Application = "rita") -> str:
        """File a wipe, and return the request's id."""
        body = {"keepUserData": False, "macOsUnlockCode": "123456"}
        return await self.file(f"managedDevices/{self.world.device(device)['id']}/wipe", body, by=by)

    def person(self, name: str) -> User:
        return self.world.user(name)


@asynccontextmanager
async def served(
    authority: Authority, key: SigningKey, ca_file: Path, session: aiohttp.ClientSession, pauses: Pauses
) -> AsyncIterator[Tenant]:
    """Serve the tenant's Entra and Graph on loopback, with a worker that gets its tokens from that Entra."""
    tenant, context = Tenant(key), authority.server_context()
    async with serve(tenant.entra.app(), context) as entra_url, serve(tenant.graph.app(), context) as graph_url:
        tenant.entra.origin, tenant.graph_url = entra_url, graph_url
        worker = tenant.world.application(WORKER)
        credential = Credential(worker.app_id, secret=worker.secret)
        tokens = AppTokens(EntraAuthority(tenant.entra.authority, ca_file), credential, f"{GRAPH}/.default")
        tenant.connect(session, GraphClient(session, graph_url, tokens, sleep=pauses))
        yield tenant
        tokens.close()
