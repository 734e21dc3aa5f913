"""The emergency process: it does not trust the bot, checks the person's own token, and makes one call."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Annotated

import aiohttp
import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from approvals.ids import made_at
from approvals.justification import FOR_AN_EMERGENCY, lack_of
from approvals.naming import is_name
from approvals.order import Act, Order
from bot.emergency.ledger import CallOutcome, Ledger, LedgerLine
from bot.emergency.settings import ProcessSettings
from bot.entra.application_tokens import AppTokens
from bot.entra.msal_client import Authority
from bot.entra.person_tokens import PersonTokens
from bot.entra.signing_keys import SigningKeys
from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.orders import GraphOrders
from bot.graph.reply import GraphReply
from bot.keys.uses import trust
from handlers.ports.emergency import LedgerMark
from handlers.ports.errors import NotFound, PortError, SignInFailed, Unavailable
from handlers.ports.orders import Progress

LARGEST = 16_384
"""Bytes of one request."""

LONGEST_WAIT = timedelta(seconds=10)
"""Longest wait for a turn. The bot gives up after 45 seconds, and one call takes up to 30."""

_JUSTIFICATION = "x-msft-approval-justification"
"""Header that Intune asks for when it would hold a call. We never send it, so nothing is filed by mistake."""

_CODE = "x-msft-approval-code"
"""Contained in a header or message of Intune if it holds the call anyway."""

_NOT_EXCLUDED = "Intune holds it for a second person: this process is not excluded from the access policy."
_IN_DOUBT = "Intune did not answer. It may have done it all the same: look there before anything else."

_WENT_BACK = (
    "The ledger of the emergency process went back: it holds less than it told before, so what was done already is not "
    "known. Nothing was done. Another person has to approve it, until an operator has looked and runs "
    "python -m bot store accept."
)

_DEVICE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

log = structlog.get_logger(__name__)


class WantedCall(BaseModel):
    """A call that the bot asks for in a person's name. `assertion` is that person's own token, `remembered` the last
    known state of this process's ledger."""

    model_config = ConfigDict(extra="forbid", strict=True, str_max_length=8192)

    assertion: str
    person: str
    act: str
    device_id: str
    device_name: str
    why: str
    request_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
    remembered: LedgerMark | None = None


class CallRefused(Exception):
    """Nothing was done; the sentence says why."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class EmergencyServer:
    """The process: settings, token checks, Graph, and the ledger."""

    settings: ProcessSettings
    people: PersonTokens
    graph: GraphClient
    ledger: Ledger
    now: Callable[[], datetime]
    one_at_a_time: asyncio.Lock

    def application(self) -> web.Application:
        """Create the application with its two routes."""
        app = web.Application(client_max_size=LARGEST)
        app.add_routes([web.post("/execute", self._execute), web.get("/healthz", self._healthz)])
        return app

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _execute(self, request: web.Request) -> web.Response:
        try:
            wanted = WantedCall.model_validate_json(await request.read())
        except ValidationError:
            return _answer(400, "This is no request that the emergency process understands. Nothing was done.")
        except web.HTTPRequestEntityTooLarge:
            return _answer(413, "This request is too large. Nothing was done.")
        try:
            done = await self._do(wanted)
        except CallRefused as refused:
            log.error("emergency_refused", person=wanted.person, device=wanted.device_id, why=refused.sentence)
            return _answer(refused.status, refused.sentence, mark=self.ledger.mark())
        return _answer(200, done.said, done.answer_id, self.ledger.mark())

    async def _do(self, wanted: WantedCall) -> LedgerLine:
        """Check everything first, then make one call at a time, unless the caller has waited too long."""
        begun = self.now()
        await self._check_person(wanted)
        act = self._check_words(wanted)
        await self._check_device(wanted)
        async with self.one_at_a_time:
            if self.now() - begun > LONGEST_WAIT:
                raise CallRefused(503, "Another emergency took too long. Nothing was done; please try again.")
            return await self._once(wanted, act)

    async def _once(self, wanted: WantedCall, act: Act) -> LedgerLine:
        if known := self.ledger.known(wanted.request_id):
            return _again(known, wanted)
        if wanted.remembered is not None and self.ledger.went_back(wanted.remembered):
            raise CallRefused(409, _WENT_BACK)
        await self._look_first(wanted, act)
        now = self.now()
        if self.ledger.within_a_day(now) >= self.settings.most_per_day:
            most = self.settings.most_per_day
            raise CallRefused(429, f"More than {most} emergencies in 24 hours are not carried out here.")
        line = LedgerLine(
            request_id=wanted.request_id,
            person=wanted.person,
            act=act,
            device_id=wanted.device_id,
            device_name=wanted.device_name,
            why=wanted.why,
            at=now,
        )
        self._intend(line)
        return await self._call(line, act)

    async def _check_person(self, wanted: WantedCall) -> None:
        try:
            await self.people.check_assertion(wanted.assertion, wanted.person)
        except SignInFailed as error:
            raise CallRefused(401, f"The sign-in is not valid: {error}. Nothing was done.") from None
        except PortError:
            raise CallRefused(503, "Entra's keys cannot be read. Nothing was done.") from None
        if wanted.person not in self.settings.allowed:
            raise CallRefused(403, "This account may not act alone. Nothing was done.")

    def _check_words(self, wanted: WantedCall) -> Act:
        if wanted.act not in (Act.WIPE, Act.RETIRE):
            raise CallRefused(400, "Only a wipe or a retire of one device is done here.")
        lack = lack_of(wanted.why, FOR_AN_EMERGENCY)
        if lack is not None and not lack.too_long:
            raise CallRefused(400, "Without a justification nothing is done here.")
        return Act(wanted.act)

    async def _check_device(self, wanted: WantedCall) -> None:
        try:
            if not _DEVICE_ID.fullmatch(wanted.device_id):
                raise NotFound("this is no device's id")
            device = await self.graph.get(f"/beta/deviceManagement/managedDevices/{wanted.device_id}")
        except NotFound:
            raise CallRefused(404, "Intune has no such device. Nothing was done.") from None
        except PortError:
            raise CallRefused(503, "Intune does not answer. Nothing was done.") from None
        name = loose.text(device, "deviceName")
        if not name or not is_name(wanted.device_name, name):
            raise CallRefused(409, "That device is not called so. Nothing was done.")

    async def _look_first(self, wanted: WantedCall, act: Act) -> None:
        """Refuse what the device shows as done since the request was created: a ledger that went back would miss it."""
        since = made_at(wanted.request_id)
        if since is None:
            return
        try:
            progress = await GraphOrders(self.graph).progress(Order(act, wanted.device_id), since)
        except PortError:
            raise CallRefused(503, "Intune does not answer. Nothing was done.") from None
        if progress is Progress.GONE:  # it was there a moment ago, so this result is not reliable
            raise CallRefused(404, "Intune has no such device. Nothing was done.")
        if progress in (Progress.RUNNING, Progress.DONE):
            raise CallRefused(409, "Intune shows that this device was told so already. Nothing was done a second time.")

    def _intend(self, line: LedgerLine) -> None:
        try:
            self.ledger.write(line)
        except OSError:
            raise CallRefused(503, "The ledger cannot be written, so nothing was done.") from None

    async def _call(self, line: LedgerLine, act: Act) -> LedgerLine:
        """Make the call. Only a clear answer is recorded; any other result stays in doubt."""
        call = await GraphOrders(self.graph).call_for(Order(act, line.device_id))
        log.error("emergency_call", person=line.person, act=act, device=line.device_id, request_id=line.request_id)
        try:
            reply = await self.graph.act(call, {})
        except PortError:  # Graph wanted a newer token, which Entra did not give
            raise CallRefused(504, _IN_DOUBT) from None
        came = _outcome(reply, line)
        if came is None:
            raise CallRefused(504, _IN_DOUBT)
        outcome, said = came
        ended = line.model_copy(update={"outcome": outcome, "said": said, "answer_id": reply.request_id})
        try:
            self.ledger.write(ended)
        except OSError:
            log.error("outcome_not_written", request_id=line.request_id, outcome=outcome)
        return _told(ended)


def _outcome(reply: GraphReply, line: LedgerLine) -> tuple[CallOutcome, str] | None:
    """Return what Intune's answer means and says; `None` if it is unclear whether the call was carried out."""
    if reply.ok:
        return CallOutcome.DONE, f"Intune has been told to {line.act} {line.device_name}."
    if not 400 <= reply.status < 500 or isinstance(reply.error(), Unavailable):
        return None
    if _CODE in reply.headers or _CODE in reply.text.casefold():
        return CallOutcome.HELD, f"{_NOT_EXCLUDED} A request now waits in Intune."
    if _JUSTIFICATION in reply.text.casefold():
        return CallOutcome.HELD, f"{_NOT_EXCLUDED} No request was filed."
    if reply.status == 412:
        return CallOutcome.HELD, f"{_NOT_EXCLUDED} A request may wait in Intune."
    return CallOutcome.REFUSED, f"Intune refused: {reply.error()}."


def _told(line: LedgerLine) -> LedgerLine:
    """Return the result, in the same words each time it is asked for."""
    if line.outcome is CallOutcome.DONE:
        return line
    raise CallRefused(409, line.said)


def _again(known: LedgerLine, wanted: WantedCall) -> LedgerLine:
    """Answer the same request as before; it is never carried out twice."""
    if (known.person, known.device_id, known.act) != (wanted.person, wanted.device_id, wanted.act):
        raise CallRefused(409, "This request was used for something else. Nothing was done.")
    if known.outcome is None:
        raise CallRefused(
            504, "This was tried, and it is not known what came of it: look in Intune. It is not done again."
        )
    return _told(known)


@asynccontextmanager
async def emergency(
    settings: ProcessSettings, now: Callable[[], datetime] | None = None
) -> AsyncIterator[EmergencyServer]:
    """Run the process until the block ends. Raises `ValueError` for a ledger that is unreadable or held elsewhere."""
    authority = Authority(settings.authority_url, settings.ca_file)
    tokens = AppTokens(authority, settings.actor.credential(), f"{settings.graph_url}/.default")
    with closing(Ledger(settings.ledger)) as ledger, closing(tokens):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust(settings.ca_file))) as session:
            people = PersonTokens(
                SigningKeys(session, f"{authority.url}/v2.0/.well-known/openid-configuration", monotonic),
                issuer=f"{authority.url}/v2.0",
                tenant_id=settings.tenant_id,
                audiences=(settings.sign_in_app_id, f"api://botid-{settings.bot_app_id}"),
                takes_id_tokens=True,
                context=settings.authentication_context,
            )
            graph = GraphClient(session, settings.graph_url, tokens)
            yield EmergencyServer(settings, people, graph, ledger, now or _wall_time, asyncio.Lock())


def _answer(status: int, sentence: str, answer_id: str = "", mark: LedgerMark | None = None) -> web.Response:
    told = asdict(mark) if mark is not None else None
    said = {"sentence": sentence, "graph_request": answer_id, "in_doubt": status == 504, "ledger": told}
    return web.json_response(said, status=status)


def _wall_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  it shares no Redis with other processes, so it has no other time
