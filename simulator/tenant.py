"""The whole tenant on loopback, and the product's ordinary settings for it."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from simulator.certificate import Authority
from simulator.clock import Clock, WallClock, wall_time
from simulator.entra import Entra
from simulator.graph import Graph
from simulator.graph.knobs import Knobs
from simulator.keys import SigningKey
from simulator.outside import Outside
from simulator.portal import Portal
from simulator.site import serve
from simulator.story import ACTOR, BOT, EMERGENCY, MAILBOX, SIGN_IN, WORKER, company
from simulator.teams.clients import Teams
from simulator.teams.connector import Connector
from simulator.teams.places import Conversation
from simulator.world import World

_CHANNELS = ("Approvals", "Change Advisory Board", "Operations")
_ON_CALL = ("sam", "dana", "ivan", "marc", "petra")

POLICY = Path(__file__).parent.parent / "config" / "approvals.json"
"""The shipped policy document with its two objects."""


@dataclass(frozen=True)
class Tenant:
    """A company with Entra, Graph and Teams, each on its own port; `session` trusts their certificates.

    `channels` are the approvers' channels and the on-call chat, by name; `outside` receives alarms outside the tenant.
    """

    world: World
    clock: Clock
    authority: Authority
    entra: Entra
    graph: Graph
    connector: Connector
    teams: Teams
    portal: Portal
    session: aiohttp.ClientSession
    channels: Mapping[str, Conversation]
    outside: Outside

    def environment(self, ca_file: Path, public_url: str) -> dict[str, str]:
        """Return the product's environment variables for this tenant."""
        self.authority.write(ca_file)
        self.world.application(SIGN_IN).redirect_uris.add(f"{public_url}/signin/callback")
        applications = {"BOT": BOT, "WORKER": WORKER, "SIGN_IN": SIGN_IN, "ACTOR": ACTOR}
        known = {role: self.world.application(name) for role, name in applications.items()}
        environment = {
            "TENANT_ID": self.world.tenant_id,
            "PUBLIC_URL": public_url,
            "AUTHORITY": self.entra.origin,
            "GRAPH": self.entra.graph_origin,
            "BOT_METADATA": f"{self.connector.origin}/v1/.well-known/openidconfiguration",
            "SERVICE_ORIGINS": json.dumps([self.connector.origin]),
            "CA_FILE": str(ca_file),
            "ALARM_ORIGINS": json.dumps([self.outside.origin]),
            "ALARM_WEBHOOK_SECRET": self.outside.secret,
            "STATE_DIR": str(ca_file.parent / "state"),
            "FILING_KEY": known["ACTOR"].secret,  # the same for every replica
            **{f"{role}_APP_ID": app.app_id for role, app in known.items()},
            **{f"{role}_SECRET": app.secret for role, app in known.items()},
        }
        return {f"COUNTERSIGN_{name}": value for name, value in environment.items()}

    def emergency_environment(self, ca_file: Path, ledger: Path, allowed: Iterable[str]) -> dict[str, str]:
        """Return the emergency process's environment variables; `allowed` may act alone. Excludes its application from
        the access policies for wipe and retire."""
        self.authority.write(ca_file)
        actor = self.world.application(EMERGENCY)
        for policy in self.world.policies.values():
            if policy.policy_type in ("deviceWipe", "deviceRetire"):
                policy.excluded_app_ids.add(actor.app_id)
        environment = {
            "TENANT_ID": self.world.tenant_id,
            "ACTOR_APP_ID": actor.app_id,
            "ACTOR_SECRET": actor.secret,
            "BOT_APP_ID": self.world.application(BOT).app_id,
            "SIGN_IN_APP_ID": self.world.application(SIGN_IN).app_id,
            "ALLOWED": json.dumps([self.world.user(name).id for name in allowed]),
            "LEDGER": str(ledger),
            "AUTHORITY": self.entra.origin,
            "GRAPH": self.entra.graph_origin,
            "CA_FILE": str(ca_file),
        }
        return {f"COUNTERSIGN_EMERGENCY_{name}": value for name, value in environment.items()}

    def policy(
        self, *, asking: bool = False, night: bool = False, outside: bool = False, **ours: Any
    ) -> dict[str, Any]:
        """Return the shipped policy document with this tenant's channels; `ours` are further settings.

        With `asking` the service desk may ask for every operation in chat. With `night` there is a mailbox, Sam and
        then Dana are on call, the IT directors may break glass, Marc and Ivan share the first emergency account, and
        the compliance officers are auditors. With `outside` alarms and heartbeats are sent outside the tenant.
        """
        alarm = {"webhook": self.outside.webhook, "heartbeat": self.outside.heartbeat}
        document: dict[str, Any] = json.loads(POLICY.read_text(encoding="utf-8"))
        document["countersign"] |= {
            "decisions": "carry",
            "channels": [self.channels["Approvals"].id],
            "operationsChannel": self.channels["Operations"].id,
            "workflows": {"Script deployment": {"channels": [self.channels["Change Advisory Board"].id]}},
            "accessPolicyChanges": {"approverGroups": ["MAA-Admins"]},
            **(self._night() if night else {}),
            **({"alarm": alarm} if outside else {}),
            **ours,
        }
        workflows = document["countersign"]["workflows"]
        for workflow in document["approvalWorkflows"] if asking else ():
            name = workflow["operation"]
            workflows[name] = {"requesterGroups": ["Service-Desk"], **workflows.get(name, {})}
        return document

    def _night(self) -> dict[str, Any]:
        people = [self.world.user(name).upn for name in ("sam", "dana")]
        every_day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        shift = {"days": every_day, "start": "00:00", "end": "00:00", "people": people}
        custodians = [self.world.user(name).upn for name in ("marc", "ivan")]
        return {
            "mailbox": MAILBOX,
            "auditorGroups": ["Compliance-Officers"],
            "onCall": {"chat": self.channels["On-Call"].id, "rota": [shift]},
            "emergency": {
                "groups": ["IT-Directors"],
                "custodians": {self.world.user("emergency-admin-1").upn: custodians},
            },
        }


Watch = Callable[[str, web.Request], AbstractAsyncContextManager[None]]
"""Opened before a service ("entra", "graph", "teams", "outside") handles a call, closed when the answer is ready."""


@asynccontextmanager
async def tenant(
    clock: Clock, knobs: Knobs | None = None, authority: Authority | None = None, watch: Watch | None = None
) -> AsyncIterator[Tenant]:
    """Serve a new company until the block ends. The bot is not yet installed in any channel.

    Its certificates come from `authority`, or from a new one; `watch` is called for every call.
    """
    world, key, authority = company(), SigningKey(), authority or Authority()
    bot, sign_in = world.application(BOT), world.application(SIGN_IN)
    entra, graph = Entra(world, key), Graph(world, clock, key, knobs)
    connector = Connector(world, clock, key, bot.app_id)
    # With a wall clock the tenant's time can be advanced; services outside keep the bot's time.
    outside = Outside(wall_time if isinstance(clock, WallClock) else clock.now)
    context = authority.server_context()
    async with AsyncExitStack() as stack:
        apps = {"entra": entra.app(), "graph": graph.app(), "teams": connector.app(), "outside": outside.app()}
        if watch:
            for service, app in apps.items():
                app.middlewares.append(_watched(service, watch))
        origins = {name: await stack.enter_async_context(serve(app, context)) for name, app in apps.items()}
        entra.origin, entra.graph_origin, connector.origin = origins["entra"], origins["graph"], origins["teams"]
        outside.origin = origins["outside"]
        trusting = aiohttp.TCPConnector(ssl=authority.client_context(), limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=trusting))
        yield Tenant(
            world=world,
            clock=clock,
            authority=authority,
            entra=entra,
            graph=graph,
            connector=connector,
            teams=Teams(world, clock, entra, connector, session, sign_in.app_id, sign_in.identifier_uri),
            portal=Portal(graph),
            session=session,
            channels={
                **{name: connector.places.channel(name) for name in _CHANNELS},
                "On-Call": connector.places.group_chat("On-Call", *_ON_CALL),
            },
            outside=outside,
        )


def _watched(service: str, watch: Watch) -> Middleware:
    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        async with watch(service, request):
            return await handler(request)

    return watched
