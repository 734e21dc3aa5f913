"""Simulated Microsoft Graph on loopback: its parts, and how a call passes through them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from simulator.clock import Clock
from simulator.graph.app_contents import AppContents
from simulator.graph.assignment_filters import AssignmentFilters
from simulator.graph.audit import AuditLog
from simulator.graph.batch import batch
from simulator.graph.call import Answer, Call, Route
from simulator.graph.configuration import Configuration
from simulator.graph.definitions import Definitions
from simulator.graph.devices import Devices
from simulator.graph.directory import Directory
from simulator.graph.errors import GraphError, error_body
from simulator.graph.faults import ConnectionCut, Fault, struck
from simulator.graph.further import FURTHER
from simulator.graph.gate import Gate
from simulator.graph.kinds import KINDS
from simulator.graph.knobs import Knobs
from simulator.graph.mail import Mail, Messaging
from simulator.graph.policies import Policies
from simulator.graph.requests import Requests
from simulator.graph.router import Router
from simulator.graph.state import Decision, Filed, State
from simulator.graph.times import plain
from simulator.graph.transport import cut, read_call, response
from simulator.keys import SigningKey
from simulator.world import World


@dataclass(frozen=True)
class Seen:
    """A call over HTTP with a valid token.

    `who` is a user principal name or an application's name; status 0 means that no answer was sent.
    """

    method: str
    version: str
    path: str
    query: str
    who: str
    body: bytes
    status: int


class Graph:
    """Graph and Intune of one tenant. `key` is Entra's: only tokens signed with it are valid."""

    def __init__(self, world: World, clock: Clock, key: SigningKey, knobs: Knobs | None = None) -> None:
        self.world = world
        self.faults: list[Fault] = []
        self.weather: Callable[[Call], Fault | None] | None = None
        self.calls: list[Seen] = []
        self._key = key
        self._audit = AuditLog(clock)
        self._state = State(world, clock, knobs or Knobs(), self._audit)
        self._directory = Directory(world, self._state.knobs)
        self._messaging = Messaging(world, self._directory)
        self._router = Router(self._routes())

    @property
    def knobs(self) -> Knobs:
        """Settings of this tenant's behaviour; change the fields at any time."""
        return self._state.knobs

    @property
    def outbox(self) -> list[Mail]:
        """Accepted mail, oldest first."""
        return self._messaging.outbox

    @property
    def audit_events(self) -> list[dict[str, Any]]:
        """Intune's audit log, oldest first."""
        return self._audit.events

    def request(self, request_id: str) -> Filed:
        """Return an approval request in its current state, whoever may see it."""
        return next(request for request in self._state.requests() if request.id == request_id)

    def requests(self) -> list[Filed]:
        """Return all approval requests that are still visible, newest first."""
        return self._state.requests()

    def decisions(self, request_id: str) -> list[Decision]:
        """Return the successful approve, reject and cancelApproval calls on this request, oldest first."""
        return self._state.filed[request_id].decisions

    def now(self) -> datetime:
        """Return the tenant's current time."""
        return self._state.clock.now()

    def app(self) -> web.Application:
        """Return the web application, for all paths under /v1.0 and /beta."""
        app = web.Application()
        app.router.add_route("*", r"/{version:v1\.0|beta}{path:/.*}", self._serve)
        return app

    def dispatch(self, call: Call) -> Answer:
        """Perform one call at once, without faults and without recording it, as for the portal."""
        try:
            return self._router.handle(call)
        except GraphError as error:
            return self._refused(error, call.path)

    def _routes(self) -> Iterable[Route]:
        gate = Gate(self._state)
        yield from Requests(self._state).routes()
        yield from Policies(self._state, gate).routes()
        yield from Devices(self._state, gate).routes()
        for kind in (*KINDS, *FURTHER):
            yield from Configuration(kind, self._state, gate).routes()
        yield from Definitions(self._state).routes()
        yield from AppContents(self._state).routes()
        yield from AssignmentFilters(self._state).routes()
        yield from self._audit.routes()
        yield from self._directory.routes()
        yield from self._messaging.routes()

    def _refused(self, error: GraphError, path: str) -> Answer:
        body = error_body(error, path, plain(self._state.clock.now()), nested=self.knobs.nested)
        return Answer(error.status, body, error.headers)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            call = await read_call(request, self.world, self._key)
            answer = await (self._batched(call) if call.path == "/$batch" else self._recorded(call))
        except GraphError as error:
            answer = self._refused(error, request.path)
        except ConnectionCut:
            return cut(request)
        return response(answer, request)

    async def _batched(self, call: Call) -> Answer:
        return await batch(call, self._recorded)

    async def _recorded(self, call: Call) -> Answer:
        status = 0
        try:
            answer = await self._outcome(call)
            status = answer.status
        finally:
            query = "&".join(f"{name}={value}" for name, value in call.query.items())
            who = call.caller.upn or call.caller.name
            self.calls.append(Seen(call.method, call.version, call.path, query, who, call.body, status))
        return answer

    async def _outcome(self, call: Call) -> Answer:
        """Return the answer for the client, faults included; raises `ConnectionCut`."""
        queued = next((fault for fault in self.faults if fault.strikes(call)), None)
        fault = queued or (self.weather(call) if self.weather else None)
        if fault is None:
            return self.dispatch(call)
        try:
            return await struck(fault, call, self.dispatch)
        except GraphError as error:
            return self._refused(error, call.path)
