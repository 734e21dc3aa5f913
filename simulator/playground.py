"""A signing gateway: the Agents Playground, an optional test client, in front of the unchanged bot.

What the playground sends is no more than shaped like Teams' activities: unsigned, and naming an address that no token
speaks for. Here it is signed as the Bot Connector signs, and what the bot writes goes back to the playground. The
gateway listens on loopback only, for whoever reaches it can be anybody. The playground itself is installed apart:
npm package @microsoft/m365agentsplayground, of which the version below is the one whose paths are known.
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
"""Where the playground finds the bot unless it is told otherwise."""

CONFIG_FILE = ".m365agentsplayground.yml"
PEOPLE = ("dana", "sam", "alex", "cora", "ivan", "olga")
"""The playground wants five besides the one whose screen it is."""


@dataclass
class Gateway:
    """Both halves. `origin` is where the bot writes to; `written` is what it wrote, with the playground's answers."""

    site: Tenant
    playground: str = PLAYGROUND
    origin: str = ""
    written: list[tuple[str, Any, int, Any]] = field(default_factory=list)

    def for_playground(self) -> web.Application:
        """`POST /api/messages`, where the playground thinks the bot is."""
        app = web.Application()
        app.router.add_post("/api/messages", self._sign)
        return app

    def for_bot(self) -> web.Application:
        """The connector's address, where the bot thinks Teams is."""
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/teams/v3/{path:.*}", self._pass_on)
        return app

    async def _sign(self, request: web.Request) -> web.Response:
        activity = self.shaped(await request.json())
        token = self.site.teams.minter.good(serviceurl=activity["serviceUrl"])
        status, answer = await self.site.teams.post(activity, token)
        return web.json_response(answer, status=status)

    def shaped(self, activity: dict[str, Any]) -> dict[str, Any]:
        """The activity as Teams would send it: from the connector's address, with the trigger of a click."""
        activity = activity | {"serviceUrl": f"{self.origin}/teams/"}
        if activity.get("type") == "invoke":
            activity["value"] = {"trigger": "manual"} | activity["value"]
        return activity

    async def _pass_on(self, request: web.Request) -> web.Response:
        """The bot's own token is looked at, and left here: the playground wants none."""
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
    """The playground's configuration file (JSON is YAML): this tenant's ids, taken literally by it."""
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
    """A tenant, the real bot and the gateway, until the block ends; `directory` gets the playground's file, in which
    one of `PEOPLE` sits at the screen."""
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
    """Until Ctrl-C."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="countersign-playground-") as name:
        async with behind_gateway(Path(name), PORT) as gateway:
            console.print(f"In another terminal:\n  npm install @microsoft/m365agentsplayground@{VERSION}")
            console.print(f"  cd {name} && npx agentsplayground start -c msteams -p 56150 --disable-telemetry")
            console.print("Install the app in the channel there. Then press Enter here to have a wipe asked for.")
            await asyncio.to_thread(input)
            gateway.site.portal.file_wipe("rita", "PC-1", "Asked for at the playground")
            await asyncio.Event().wait()
