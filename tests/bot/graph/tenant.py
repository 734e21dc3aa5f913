"""A simulated tenant with our clients beside it, as the application sees it."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.graph.http import GraphClient
from bot.graph.intune import Intune
from handlers.ports.sign_in import UserToken
from simulator.clock import Clock
from simulator.entra import GRAPH, Entra
from simulator.graph.service import Graph
from simulator.keys import SigningKey
from simulator.story import SIGN_IN, company
from simulator.world import Application, User, World

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
    """The company, its Entra and its Graph. `graph_url` is where Graph is served."""

    key: SigningKey
    world: World = field(default_factory=company)
    clock: Clock = field(default_factory=lambda: Clock(START))
    graph_url: str = ""

    def __post_init__(self) -> None:
        self.entra = Entra(self.world, self.key)
        self.graph = Graph(self.world, self.clock, self.key)

    def connect(self, session: aiohttp.ClientSession, client: GraphClient) -> None:
        """Once it is served."""
        self.session = session
        self.client = client
        self.intune = Intune(client)

    def user_token(self, name: str, *scopes: str, **claims: Any) -> UserToken:
        """A Graph token of that person, as the sign-in application gets one."""
        user = self.world.user(name)
        app = self.world.application(SIGN_IN)
        scopes = scopes or ("DeviceManagementRBAC.Read.All",)
        return UserToken(user.id, self.entra.user_token(user.id, GRAPH, app.app_id, scopes, **claims))

    async def file(self, path: str, body: Any = None, *, method: str = "POST", by: str | Application = "rita") -> str:
        """File a protected change in the portal; returns the request's id."""
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
        """File a wipe; returns the request's id."""
        body = {"keepUserData": False, "macOsUnlockCode": "123456"}
        return await self.file(f"managedDevices/{self.world.device(device)['id']}/wipe", body, by=by)

    def person(self, name: str) -> User:
        return self.world.user(name)
