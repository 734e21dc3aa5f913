"""The process itself: it trusts the bot for nothing, checks the person's own token, and makes one call."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

import aiohttp
import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from approvals.break_glass import is_real_text
from approvals.order import Act, Order
from bot.emergency.ledger import Ledger, Line
from bot.emergency.settings import EmergencySettings
from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.orders import GraphOrders
from bot.graph.tokens import AppTokens
from bot.microsoft import Authority
from bot.teams.person_tokens import PersonTokens
from bot.teams.signing_keys import SigningKeys
from handlers.ports import NotFound, PortError, SignInFailed

LARGEST = 16_384
"""Bytes of one request."""

_DONE = "done"
_HELD = frozenset({412, 403})

_JUSTIFICATION = "approval-justification"
"""What Intune misses where it would hold a call: we never send it, so nothing is filed by mistake either."""

log = structlog.get_logger(__name__)


class Wanted(BaseModel):
    """What the bot asks for in a person's name. `assertion` is that person's own token."""

    model_config = ConfigDict(extra="forbid", strict=True, str_max_length=8192)

    assertion: str
    person: str
    act: str
    device_id: str
    device_name: str
    why: str
    request_id: str


class Refused(Exception):
    """Nothing was done, and this is why."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Emergency:
    """What it takes: the rules' few numbers, the tokens' keys, Graph, and the ledger."""

    settings: EmergencySettings
    people: PersonTokens
    graph: GraphClient
    ledger: Ledger
    now: Callable[[], datetime]
    one_at_a_time: asyncio.Lock

    def application(self) -> web.Application:
        """Its two addresses."""
        app = web.Application(client_max_size=LARGEST)
        app.add_routes([web.post("/execute", self._execute), web.get("/healthz", self._healthz)])
        return app

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _execute(self, request: web.Request) -> web.Response:
        try:
            wanted = Wanted.model_validate_json(await request.text())
        except (ValidationError, UnicodeDecodeError):
            return _answer(400, "This is no request that the emergency process understands. Nothing was done.")
        try:
            async with self.one_at_a_time:
                sentence = await self._do(wanted)
        except Refused as refused:
            log.error("emergency_refused", person=wanted.person, device=wanted.device_id, why=refused.sentence)
            return _answer(refused.status, refused.sentence)
        return _answer(200, sentence)

    async def _do(self, wanted: Wanted) -> str:
        await self._check_person(wanted)
        if known := self.ledger.known(wanted.request_id):
            return _again(known, wanted)
        act = self._check_words(wanted)
        await self._check_device(wanted)
        now = self.now()
        if self.ledger.within_a_day(now) >= self.settings.most_per_day:
            most = self.settings.most_per_day
            raise Refused(429, f"More than {most} emergencies in 24 hours are not carried out here.")
        line = Line(
            request_id=wanted.request_id,
            person=wanted.person,
            act=act,
            device_id=wanted.device_id,
            device_name=wanted.device_name,
            why=wanted.why,
            at=now.isoformat(),
        )
        self.ledger.write(line)
        return await self._call(line, act)

    async def _check_person(self, wanted: Wanted) -> None:
        try:
            await self.people.check_assertion(wanted.assertion, wanted.person)
        except SignInFailed as error:
            raise Refused(401, f"The sign-in does not hold: {error}. Nothing was done.") from None
        except PortError:
            raise Refused(503, "Entra's keys cannot be read. Nothing was done.") from None
        if wanted.person not in self.settings.allowed:
            raise Refused(403, "This account may not act alone. Nothing was done.")

    def _check_words(self, wanted: Wanted) -> Act:
        if wanted.act not in (Act.WIPE, Act.RETIRE):
            raise Refused(400, "Only a wipe or a retire of one device is done here.")
        if not is_real_text(wanted.why):
            raise Refused(400, "Without a justification nothing is done here.")
        return Act(wanted.act)

    async def _check_device(self, wanted: Wanted) -> None:
        try:
            path = f"/beta/deviceManagement/managedDevices/{wanted.device_id}"
            if not wanted.device_id.replace("-", "").isalnum():
                raise NotFound("no device is called so")
            device = await self.graph.get(path)
        except NotFound:
            raise Refused(404, "Intune has no such device. Nothing was done.") from None
        except PortError:
            raise Refused(503, "Intune does not answer. Nothing was done.") from None
        if loose.text(device, "deviceName").casefold() != wanted.device_name.casefold():
            raise Refused(409, "That device is not called so. Nothing was done.")

    async def _call(self, line: Line, act: Act) -> str:
        """The one call. Only a clear answer is an answer; whatever else came of it stays in doubt."""
        call = await GraphOrders(self.graph).call_for(Order(act, line.device_id))
        log.error("emergency_call", person=line.person, act=act, device=line.device_id, request_id=line.request_id)
        reply = await self.graph.act(call, {})
        if reply.ok:
            self.ledger.write(replace(line, outcome=_DONE, answer_id=reply.request_id))
            return f"Intune has been told to {act} {line.device_name}."
        if reply.status in _HELD or _JUSTIFICATION in reply.text.casefold():
            self.ledger.write(replace(line, outcome="held", answer_id=reply.request_id))
            sentence = "Intune holds it for a second person: this process is not excluded from the access policy."
            raise Refused(409, sentence)
        if 400 <= reply.status < 500:
            self.ledger.write(replace(line, outcome="refused", answer_id=reply.request_id))
            raise Refused(502, f"Intune refused: {reply.error()}.")
        raise Refused(504, "Intune did not answer. It may have done it all the same: look there before anything else.")


def _again(known: Line, wanted: Wanted) -> str:
    """The same request once more: it is answered as before, and never done twice."""
    if (known.person, known.device_id, known.act) != (wanted.person, wanted.device_id, wanted.act):
        raise Refused(409, "This request was used for something else. Nothing was done.")
    if known.outcome == _DONE:
        return f"Intune has been told to {known.act} {known.device_name}."
    raise Refused(409, "This was tried, and it is not known what came of it: look in Intune. It is not done again.")


@asynccontextmanager
async def emergency(settings: EmergencySettings, now: Callable[[], datetime] | None = None) -> AsyncIterator[Emergency]:
    """The process, until the block ends. `ValueError` for a ledger that cannot be read."""
    ledger = Ledger(settings.ledger)
    authority = Authority(settings.authority_url, settings.ca_file)
    tokens = AppTokens(authority, settings.actor.credential(), f"{settings.graph_url}/.default")
    trust = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
            people = PersonTokens(
                SigningKeys(session, f"{authority.url}/v2.0/.well-known/openid-configuration", monotonic),
                issuer=f"{authority.url}/v2.0",
                tenant_id=settings.tenant_id,
                audiences=(settings.sign_in_app_id, f"api://botid-{settings.bot_app_id}"),
            )
            graph = GraphClient(session, settings.graph_url, tokens)
            yield Emergency(settings, people, graph, ledger, now or _wall_time, asyncio.Lock())
    finally:
        tokens.close()


def _answer(status: int, sentence: str) -> web.Response:
    return web.json_response({"sentence": sentence}, status=status)


def _wall_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  it shares no Redis with anybody, so it has no other time
