"""The clients with which the simulator's own tests call it, over real HTTPS."""

import asyncio
import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msal  # type: ignore[import-untyped]  # it has no types
import requests

from simulator.clock import Clock
from simulator.entra import GRAPH, Entra
from simulator.graph import Graph
from simulator.keys import SigningKey
from simulator.portal import Portal
from simulator.story import ACTOR, PIPELINE, SIGN_IN, WORKER
from simulator.world import Application, World

REQUESTS = "/beta/deviceManagement/operationApprovalRequests"
DEVICES = "/v1.0/deviceManagement/managedDevices"
READ = "DeviceManagementRBAC.Read.All"
TEAMS_CLIENT = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"  # the Teams desktop client's public application id
APPLICATIONS = {ACTOR, WORKER, PIPELINE}


@dataclass(frozen=True)
class Reply:
    """A complete answer to a call."""

    status: int
    headers: Any
    body: Any

    @property
    def error(self) -> tuple[int, str, str]:
        """Return status, code and message of a refusal."""
        return self.status, self.body["error"]["code"], self.body["error"]["message"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of a collection."""
        assert self.status == 200, self.body
        return list(self.body["value"])


@dataclass
class Tenant:
    """Graph on a port, with its people and its portal."""

    world: World
    clock: Clock
    entra: Entra
    graph: Graph
    portal: Portal
    origin: str
    session: aiohttp.ClientSession

    def bearer(self, who: str, *scopes: str, **claims: Any) -> dict[str, str]:
        """Return the authorization header of an application, by its name, or of a person, by their first name."""
        if who in APPLICATIONS:
            token = self.entra.app_token(self.world.application(who).app_id, **claims)
        else:
            client = self.world.application(SIGN_IN).app_id
            token = self.entra.user_token(self.world.user(who).id, GRAPH, client, scopes or [READ], **claims)
        return {"Authorization": f"Bearer {token}"}

    async def call(
        self,
        method: str,
        path: str,
        who: str = WORKER,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        bearer: dict[str, str] | None = None,
    ) -> Reply:
        """Call this path, or this whole address (a nextLink), and return the answer."""
        url = path if path.startswith("https://") else self.origin + path
        everything = (bearer or self.bearer(who)) | (headers or {})
        async with self.session.request(method, url, json=body, params=params, headers=everything) as response:
            is_json = response.content_type == "application/json"
            return Reply(response.status, response.headers, await (response.json() if is_json else response.text()))

    async def get(self, path: str, who: str = WORKER, **params: str) -> Reply:
        """Get this path; each keyword becomes a query option, so `filter` becomes $filter."""
        return await self.call("GET", path, who, params={f"${name}": value for name, value in params.items()})

    async def file_wipe(self, who: str = PIPELINE, device: str = "PC-1", why: str = "stolen") -> Reply:
        """Send the filing call of a wipe."""
        path = f"{DEVICES}/{self.world.device(device)['id']}/wipe"
        return await self.call("POST", path, who, {"keepUserData": False}, headers=justified(why))

    async def decide(self, action: str, request_id: str, who: str, note: str = "seen", **claims: Any) -> Reply:
        """Decide a request: approve, reject or cancelApproval."""
        path = f"{REQUESTS}/{request_id}/{action}"
        body = {"justification": note, "approvalSource": "adminConsole"}
        return await self.call("POST", path, body=body, bearer=self.bearer(who, **claims))


def justified(why: str) -> dict[str, str]:
    """Return the header that asks for an approval with this justification."""
    return {"x-msft-approval-justification": base64.b64encode(why.encode()).decode()}


def teams_token(entra: Entra, world: World, name: str = "dana", **claims: Any) -> str:
    """Return the token that Teams fetches silently for a person: one for the sign-in application."""
    app = world.application(SIGN_IN)
    return entra.user_token(world.user(name).id, app.app_id, TEAMS_CLIENT, ["access_as_user"], **claims)


def claims_of(answer: dict[str, Any], key: SigningKey, audience: str, name: str = "access_token") -> dict[str, Any]:
    """Return the verified claims of a token in the answer."""
    assert name in answer, answer
    return key.verify(answer[name], audience)


@dataclass
class Msal:
    """The real msal without proxies and other authorities, in a thread, because its loop also serves Entra."""

    entra: Entra
    ca_file: Path

    async def call(self, app: Application, method: str, /, *args: Any, credential: Any = None, **more: Any) -> Any:
        """Call this method of a new confidential client."""
        return await asyncio.to_thread(self._call, app, method, args, more, credential or app.secret)

    def _call(self, app: Application, method: str, args: Any, more: Any, credential: Any) -> Any:
        with requests.Session() as session:
            session.verify, session.trust_env = str(self.ca_file), False
            client = msal.ConfidentialClientApplication(
                app.app_id,
                authority=self.entra.authority,
                client_credential=credential,
                client_capabilities=["CP1"],
                instance_discovery=False,
                http_client=session,
            )
            return getattr(client, method)(*args, **more)
