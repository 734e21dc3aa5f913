"""`POST /api/messages`: receives everything from Teams and answers it in time."""

import secrets

import structlog
from aiohttp import web

from bot.teams.inbound.activity import Activity, Admission, inner, parse, text
from bot.teams.inbound.bot_handler import BotHandler
from bot.teams.inbound.flows import Flows
from bot.teams.inbound.invoke import CARD_ACTION, apology, read_click, render
from bot.teams.inbound.rejected import Rejected, malformed
from bot.teams.inbound.tokens import InboundTokens
from handlers.incoming.clicks import Click, Say
from handlers.incoming.inbox import Inbox

MOST_BYTES = 256 * 1024
"""Larger than any activity; Teams' own messages are at most about 100 KB."""

ANSWER_SECONDS = 10.0
"""Teams waits 15 seconds, then sends the same again. The rest is for the network, and for reading keys."""

STILL_WORKING = Say("Still working on it. The card will show the outcome as soon as it is known.")

log = structlog.get_logger(__name__)


class Endpoint:
    """Checks activities, passes them to the flows, and answers.

    `token_resource` is the identifier (api://...) of the application that people sign in to.
    """

    def __init__(
        self,
        tokens: InboundTokens,
        admission: Admission,
        inbox: Inbox,
        *,
        token_resource: str,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._tokens = tokens
        self._admission = admission
        self._inbox = inbox
        self._bot = BotHandler(inbox)
        self._token_resource = token_resource
        self._answer_seconds = answer_seconds
        self._flows = Flows()

    def routes(self) -> list[web.RouteDef]:
        """Return the one route, to be added to an application."""
        return [web.post("/api/messages", self.receive)]

    async def finish(self, seconds: float) -> None:
        """Wait for flows that continued after their answer. To be called when nothing comes in any more."""
        await self._flows.finish(seconds)

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one activity. A refusal is a 4xx, or 503 while no token can be checked."""
        try:
            service_url = await self._tokens.check(request.headers.get("Authorization", ""))
            activity = self._admission.admit(parse(await _body(request)), service_url)
            return await self._act(activity)
        except Rejected as refusal:
            log.warning("activity_turned_away", status=refusal.status, why=str(refusal), remote=request.remote)
            return refusal.response()

    async def _act(self, activity: Activity) -> web.Response:
        if activity.kind != "invoke":
            # A message's id is a timestamp: two people can have the same one in two conversations.
            key = (activity.kind, activity.conversation, activity.account, activity.id)
            await self._flows.run(key, lambda: self._handle(activity), self._answer_seconds)
            return web.Response()
        if activity.invoke == CARD_ACTION:
            return await self._answer(read_click(activity))
        if activity.invoke == "signin/failure":
            # Teams' client could not fetch a token; the code says what is wrong with the setup.
            code = text(inner(activity.fields, "value"), "code")
            log.warning("silent_sign_in_failed", failure=code[:60], account=activity.account)
            return web.Response()
        raise malformed("this bot answers no such invoke")

    async def _answer(self, click: Click) -> web.Response:
        """Return the flow's answer if it is ready in time. A click sent again with a token is a separate flow."""
        key = (click.once, click.assertion)
        body = await self._flows.run(key, lambda: self._click(click), self._answer_seconds)
        if body is None:
            log.warning("click_takes_long", verb=click.button.verb, request_id=click.button.request_id)
            body = render(STILL_WORKING, self._token_resource)
        return web.Response(body=body, content_type="application/json")

    async def _click(self, click: Click) -> bytes:
        try:
            return render(await self._inbox.click(click), self._token_resource)
        except Exception:
            error_id = secrets.token_hex(4)
            button = click.button
            log.exception("click_failed", error_id=error_id, verb=button.verb, request_id=button.request_id)
            return apology(error_id)

    async def _handle(self, activity: Activity) -> None:
        """Handle an activity. A failure is not answered with a 5xx: Teams would send it again, under a new id."""
        try:
            await self._bot.handle(activity)
        except Exception:
            log.exception("activity_failed", kind=activity.kind, account=activity.account)


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise Rejected(415, "an activity is application/json")
    try:
        return await request.clone(client_max_size=MOST_BYTES).read()
    except web.HTTPRequestEntityTooLarge:
        raise Rejected(413, f"an activity has at most {MOST_BYTES} bytes") from None
    except web.RequestPayloadError:
        raise malformed("the body is damaged") from None
