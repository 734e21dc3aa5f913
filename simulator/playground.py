"""A signing gateway between the Agents Playground, an optional test client, and the unchanged bot.

The playground's activities look like Teams' but are unsigned, with a service address that no token covers. The gateway
signs them as the Bot Connector does, and forwards what the bot writes to the playground. It listens on loopback only,
because its clients can act as anybody. The playground is installed separately: npm package
@microsoft/m365agentsplayground; the paths used here are those of the version below.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from rich.console import Console

from simulator.bot_process import running_bot
from simulator.clock import WallClock
from simulator.site import serve
from simulator.teams.connector import Refused
from simulator.tenant import Tenant, tenant
from simulator.world import User

VERSION = "0.2.28"
PLAYGROUND = "http://127.0.0.1:56150"
PORT = 3978
"""Port on which the playground expects the bot by default."""

CONFIG_FILE = ".m365agentsplayground.yml"
PEOPLE = ("dana", "sam", "alex", "cora", "ivan", "olga")
"""The playground needs five people besides its current user."""


@dataclass
class Gateway:
    """Both sides. `origin` is the address the bot writes to; `written` has its calls with the playground's answers."""

    site: Tenant
    playground: str = PLAYGROUND
    origin: str = ""
    written: list[tuple[str, Any, int, Any]] = field(default_factory=list)

    def for_playground(self) -> web.Application:
        """Return the application that the playground takes for the bot: `POST /api/messages`."""
        app = web.Application()
        app.router.add_post("/api/messages", self._sign)
        return app

    def for_bot(self) -> web.Application:
        """Return the application that the bot takes for the Bot Connector."""
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/teams/v3/{path:.*}", self._pass_on)
        return app

    async def _sign(self, request: web.Request) -> web.Response:
        activity = self.shaped(await request.json())
        token = self.site.teams.minter.good(serviceurl=activity["serviceUrl"])
        status, answer = await self.site.teams.post(activity, token)
        return web.json_response(answer, status=status)

    def shaped(self, activity: dict[str, Any]) -> dict[str, Any]:
        """Return the activity as Teams sends it: with the connector's address, and a trigger for a click."""
        activity = activity | {"serviceUrl": f"{self.origin}/teams/"}
        if activity.get("type") == "invoke":
            activity["value"] = {"trigger": "manual"} | activity["value"]
        return activity

    async def _pass_on(self, request: web.Request) -> web.Response:
        """Check the bot's token and forward the call without it: the playground needs none."""
        try:
            self.site.connector.check_token(request)
        except Refused as refused:
            return web.json_response({"error": {"code": refused.code}}, status=refused.status)
        body = await request.json() if request.can_read_body else None
        url = f"{self.playground}/_connector/v3/{request.match_info['path']}"
        async with self.site.session.request(request.method, url, json=body, params=request.query) as response:
            answer = await response.json(content_type=None) if response.content_length != 0 else {}
        self.written.append((request.method, body, response.status, answer))
        return web.json_response(answer, status=response.status)


def config(site: Tenant, screen_of: str = PEOPLE[0]) -> dict[str, Any]:
    """Return the playground's configuration (JSON is YAML) with this tenant's ids."""
    channel = site.channels["Approvals"]
    others = [_person(site.world.user(name)) for name in PEOPLE if name != screen_of]
    team = {"aadGroupId": site.world.tenant_id, "id": f"19:team-{channel.team}@thread.tacv2", "name": channel.team}
    return {
        "version": "0.1.0",
        "tenantId": site.world.tenant_id,
        "bot": {"id": f"28:{site.connector.bot_app_id}", "name": "Countersign"},
        "currentUser": _person(site.world.user(screen_of)),
        "users": others,
        "personalChat": {"id": "a:personal"},
        "groupChat": {"id": "19:chat@thread.v2", "name": "Night shift"},
        "team": team | {"channels": [{"id": channel.id, "name": channel.name}]},
    }


def _person(user: User) -> dict[str, str]:
    given, _, family = user.name.partition(" ")
    return {
        "id": user.mri,
        "name": user.name,
        "userPrincipleName": user.upn,  # the playground's spelling
        "aadObjectId": user.id,
        "givenName": given,
        "surname": family,
        "email": user.upn,
    }


@asynccontextmanager
async def behind_gateway(
    directory: Path, port: int, playground: str = PLAYGROUND, screen_of: str = PEOPLE[0]
) -> AsyncIterator[Gateway]:
    """Run a tenant, the real bot and the gateway until the block ends; `directory` gets the playground's configuration,
    in which one of `PEOPLE` is the current user."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(tenant(WallClock()))
        gateway = Gateway(site, playground)
        gateway.origin = await stack.enter_async_context(serve(gateway.for_bot(), site.authority.server_context()))
        (directory / CONFIG_FILE).write_text(json.dumps(config(site, screen_of)), encoding="utf-8")
        origins = {"COUNTERSIGN_SERVICE_ORIGINS": json.dumps([gateway.origin])}
        ours: dict[str, Any] = {"pollEvery": "PT1S", "operationsChannel": None, "workflows": {}}
        await stack.enter_async_context(running_bot(site, directory, origins, **ours))
        await stack.enter_async_context(serve(gateway.for_playground(), None, port))
        yield gateway


async def run() -> None:
    """Run until Ctrl-C."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="countersign-playground-") as name:
        async with behind_gateway(Path(name), PORT) as gateway:
            console.print(f"In another terminal:\n  npm install @microsoft/m365agentsplayground@{VERSION}")
            console.print(f"  cd {name} && npx agentsplayground start -c msteams -p 56150 --disable-telemetry")
            console.print("Install the app in the channel there. Then press Enter here to request a wipe.")
            await asyncio.to_thread(input)
            gateway.site.portal.file_wipe("rita", "PC-1", "Asked for at the playground")
            await asyncio.Event().wait()
