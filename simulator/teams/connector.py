"""The Bot Connector: its keys, and the REST interface for the bot's messages."""

import json
from collections.abc import Callable
from typing import Any

import jwt
from aiohttp import web

from simulator.clock import Clock
from simulator.keys import SigningKey
from simulator.teams.faults import Fault, Kind
from simulator.teams.knobs import Knobs
from simulator.teams.limits import Rates, bad_card, too_big
from simulator.teams.places import Conversation, Message, Places
from simulator.world import User, World

ISSUER = "https://api.botframework.com"
BOT_AUDIENCE = "https://api.botframework.com"


class Refused(Exception):
    """An error answer of the connector, with status and Teams' error code."""

    def __init__(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.headers = headers or {}


class Connector:
    """One tenant's connector. `entra_key` verifies the bot's token; `origin` is its address, without the path of the
    region; change fields of `knobs` at any time."""

    def __init__(
        self, world: World, clock: Clock, entra_key: SigningKey, bot_app_id: str, knobs: Knobs | None = None
    ) -> None:
        self.places = Places(world)
        self.faults: list[Fault] = []
        self.weather: Callable[[str, str], Fault | None] | None = None
        self.calls: list[tuple[str, str]] = []
        self.origin = ""
        self.knobs = knobs or Knobs()
        self.keys = [SigningKey(endorsements=("msteams",))]
        self.bot_app_id = bot_app_id
        self._entra_key = entra_key
        self._clock = clock
        self._rates = Rates(clock)

    @property
    def key(self) -> SigningKey:
        """The current signing key of activities."""
        return self.keys[-1]

    @property
    def service_url(self) -> str:
        """The service URL that activities contain."""
        return f"{self.origin}/{self.knobs.region}/"

    def roll_over(self) -> None:
        """Publish a new key and use it for signing."""
        self.keys.append(SigningKey(endorsements=("msteams",)))

    def app(self) -> web.Application:
        """Return the web application."""
        app = web.Application(client_max_size=2**20)
        app.router.add_get("/v1/.well-known/openidconfiguration", self._metadata)
        app.router.add_get("/v1/keys", self._published_keys)
        base = "/{region}/v3/conversations"
        app.router.add_route("*", base, self._call)
        app.router.add_route("*", base + "/{conversation}/{what}", self._call)
        app.router.add_route("*", base + "/{conversation}/{what}/{id}", self._call)
        return app

    async def _metadata(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": ISSUER,
                "jwks_uri": f"{self.origin}/v1/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _published_keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [key.jwk() for key in self.keys]})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        self.calls.append((request.method, request.path))
        fault = self._fault(request)
        if fault and fault.kind is Kind.LOST_REQUEST:
            return _cut(request)
        if fault and fault.kind is Kind.HELD:
            await fault.event.wait()
        try:
            if fault and fault.kind is Kind.STATUS:
                raise _instead(fault)
            self.check_token(request)
            if request.match_info["region"] != self.knobs.region:
                raise Refused(404, "ConversationNotFound")
            return _answered(request, fault, await self._do(request))
        except Refused as refused:
            body = {"error": {"code": refused.code, "message": refused.code}}
            return web.json_response(body, status=refused.status, headers=refused.headers)

    def _fault(self, request: web.Request) -> Fault | None:
        """Return the fault of this call, from the queue or the weather, if any."""
        queued = next((one for one in self.faults if one.strikes(request.method, request.path)), None)
        return queued or (self.weather(request.method, request.path) if self.weather else None)

    def check_token(self, request: web.Request) -> None:
        """Raise `Refused` unless this is the bot's own token, issued for the connector."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = self._entra_key.verify(token, BOT_AUDIENCE)
        except jwt.InvalidTokenError:
            raise Refused(401, "Unauthorized") from None
        if self.bot_app_id not in (claims.get("appid"), claims.get("azp")):
            raise Refused(403, "Forbidden")

    async def _do(self, request: web.Request) -> dict[str, Any] | None:
        """Perform the call and return its answer; None if it succeeded but the message's id is not told."""
        what, identity = request.match_info.get("what"), request.match_info.get("id", "")
        body = await request.json() if request.can_read_body else {}
        if what is None:
            return self._create(body)
        where = request.match_info["conversation"]
        conversation = self._installed(where)
        if what in ("members", "pagedmembers"):
            return self._members(conversation, identity)
        only_for = self._target(request, conversation, body)
        if request.method == "POST":
            thread = where.partition(";messageid=")[2] or identity
            written = self._write(conversation, body, thread, only_for)
            return {"id": written[0].id} if len(written) == 1 else None
        return self._edit(request.method, conversation, identity, body)

    def _create(self, body: dict[str, Any]) -> dict[str, Any] | None:
        channel = ((body.get("channelData") or {}).get("channel") or {}).get("id")
        if channel:
            first, *others = self._write(self._installed(channel), body["activity"], "", "")
            named = not others or self.knobs.names_text_of_split
            return {"id": first.conversation, "activityId": first.id} if named else None
        user = self.places.user(str((body.get("members") or [{}])[0].get("id")))
        if user is None or not user.in_teams:
            raise Refused(403, "ConversationBlockedByUser")
        conversation = self.places.personal(user)
        if not conversation.installed:
            raise Refused(403, "ForbiddenOperationException")
        return {"id": conversation.id}

    def _installed(self, where: str) -> Conversation:
        conversation = self.places.find(where)
        if conversation is None or conversation.gone:
            raise Refused(404, "ConversationNotFound")
        if not conversation.installed:
            raise Refused(403, "BotNotInConversationRoster")
        return conversation

    def _target(self, request: web.Request, conversation: Conversation, body: dict[str, Any]) -> str:
        """Return the recipient of a targeted message; empty for one that everybody sees."""
        if request.query.get("isTargetedActivity") != "true":
            return ""
        recipient = body.get("recipient") or {}
        if refused := self.knobs.refuses_targeted:
            raise Refused(refused, "BadArgument" if refused == 400 else "Forbidden")
        if conversation.kind == "personal" or recipient.get("isTargeted") is not True:
            raise Refused(400, "BadArgument")
        if recipient.get("id") not in {user.mri for user in conversation.members}:
            raise Refused(404, "MemberNotFoundInConversation")
        return str(recipient["id"])

    def _write(self, conversation: Conversation, activity: dict[str, Any], thread: str, only_for: str) -> list[Message]:
        """Write the message and return it; if it is split, return the text first, then the card in its thread."""
        self._check_write(conversation, activity)
        written: list[Message] = []
        for part in split(activity):
            root = thread or (written[0].id if written else "")
            written.append(self.places.write(conversation, part, root, only_for, self._clock.now()))
        return written

    def _edit(self, method: str, conversation: Conversation, identity: str, body: dict[str, Any]) -> dict[str, Any]:
        message = conversation.message(identity)
        if message is None:
            raise Refused(404, "ActivityNotFoundInConversation")
        if method == "DELETE":
            message.deleted = True
            return {}
        self._check_write(conversation, body)
        if message.card is None and body.get("attachments"):
            raise Refused(404, "ActivityNotFoundInConversation")  # text cannot become a card
        message.edit(body)
        return {"id": message.id}

    def _check_write(self, conversation: Conversation, activity: dict[str, Any]) -> None:
        if conversation.archived:
            raise Refused(403, "ConversationArchived")
        if too_big(activity):
            raise Refused(413, "MessageSizeTooBig")
        if bad_card(activity):
            raise Refused(400, "BadArgument")
        if wait := self._rates.wait(conversation.id):
            raise Refused(429, "TooManyRequests", {"Retry-After": str(wait)})

    def _members(self, conversation: Conversation, identity: str) -> dict[str, Any]:
        members = [_member(user) for user in conversation.members]
        if not identity:
            return {"members": members}
        found = [member for member in members if identity in (member["id"], member["aadObjectId"])]
        if not found:
            raise Refused(404, "MemberNotFoundInConversation")
        return found[0]


def split(activity: dict[str, Any]) -> list[dict[str, Any]]:
    """Split a message that has text and attachments into two, as Teams does ("message splitting",
    BotBuilder-MicrosoftTeams#125, msteams-docs#1321)."""
    if not (activity.get("text") and activity.get("attachments")):
        return [activity]
    card = {name: value for name, value in activity.items() if name not in ("text", "textFormat", "entities")}
    return [{name: value for name, value in activity.items() if name != "attachments"}, card]


def _member(user: User) -> dict[str, Any]:
    return {"id": user.mri, "name": user.name, "aadObjectId": user.id, "userPrincipalName": user.upn}


def _instead(fault: Fault) -> Refused:
    """Return this fault's status as an error."""
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Refused(fault.status, fault.code, headers)


def _answered(request: web.Request, fault: Fault | None, answer: dict[str, Any] | None) -> web.StreamResponse:
    """Return the answer of a successful call under this fault; raises `Refused` for an error status."""
    if fault and fault.kind is Kind.LOST_ANSWER:
        return _cut(request)
    if fault and fault.kind is Kind.STATUS_AFTER:
        raise _instead(fault)
    if answer is None or (fault and fault.kind is Kind.UNNAMED):
        return web.Response(status=202)
    return web.json_response(answer, status=201 if request.method == "POST" else 200)


def _cut(request: web.Request) -> web.StreamResponse:
    """Drop the connection; the returned response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(text=json.dumps({}))
