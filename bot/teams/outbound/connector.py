"""A client for the part of the Bot Connector's REST interface that the bot needs: write, edit, and list members.

A message has no idempotency key. So it is sent again only if the first attempt cannot have arrived. If it may have
arrived, `Unavailable` is raised. Edits and reads are always safe to repeat. Answers are repeated more readily, because
no outbox does so.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.config.origins import ServiceOrigins
from bot.entra.application_tokens import NEW
from bot.teams.outbound.messages import Outgoing
from bot.teams.outbound.pacing import Pace, Sleep
from bot.teams.outbound.wire import Faulty, NotSent, TeamsReply, Transient, Unauthorized, encoded, exchange
from handlers.ports.errors import NotFound, PortError, Throttled, Unavailable
from handlers.ports.teams import Posted

ATTEMPTS = 3
"""Three attempts with timeouts and pauses take less than half a minute, less than a lease."""

PAGE_SIZE = 500  # people per page of a roster, the maximum in Teams

_NOTHING_WAS_DONE = (Throttled, NotSent, Transient)

_FOR_AN_ANSWER = (*_NOTHING_WAS_DONE, NotFound, Faulty)
"""Failures after which an answer is sent again. A 404 may pass (absences.py). After a 5xx the answer may be there, but
two are better than none."""

_LONGEST_WAIT = 5.0  # seconds; for a longer Retry-After, the outbox waits
_FIRST_BACKOFF = 0.5  # seconds, doubled each time; a random part of it is waited


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a conversation: Teams' id (MRI), the displayed name, and the account if Teams gives it."""

    mri: str
    name: str
    account: str


class OwnToken(Protocol):
    """The bot's token. Claims, even empty ones, fetch a new token that satisfies them."""

    async def __call__(self, claims: str | None = None, /) -> str: ...


class Connector:
    """One client for all conversations. It uses the TLS trust of the shared session.

    `token` gives the bot's token. `teams` is where people open Teams, which depends on the cloud. `sleep` waits some
    seconds and `jitter` gives a number between 0 and 1.
    """

    def __init__(  # noqa: PLR0913  created once, with everything that outgoing calls need
        self,
        session: aiohttp.ClientSession,
        token: OwnToken,
        origins: ServiceOrigins,
        pace: Pace,
        *,
        app_id: str,
        tenant_id: str,
        teams: str,
        sleep: Sleep,
        jitter: Callable[[], float],
    ) -> None:
        self._session = session
        self._token = token
        self._origins = origins
        self._pace = pace
        self._bot = {"id": f"28:{app_id}"}
        self._tenant_id = tenant_id
        self._messages = URL(teams) / "l" / "message"
        self._sleep = sleep
        self._jitter = jitter

    async def start_thread(self, service_url: str, channel: str, message: Outgoing) -> Posted:
        """Start a thread in a channel. Its id is empty where Teams does not return it.

        Raises `Unavailable` if the message may have been posted.
        """
        url = self._url(service_url, "conversations")
        body = {
            "isGroup": True,
            "channelData": {"channel": {"id": channel}},
            "tenantId": self._tenant_id,
            "bot": self._bot,
            "activity": message,
        }
        reply = await self._create(url, channel, body)
        named = reply.text("id")
        thread = named if named.partition(";")[0] == channel else channel  # never write to another place from now on
        activity_id = reply.text("activityId") or thread.partition(";messageid=")[2]
        return Posted(in_thread(thread, activity_id) if activity_id else channel, activity_id)

    async def open_personal(self, service_url: str, account: str) -> str:
        """Return the id of the 1:1 conversation with an account (object id). A second call returns the same id."""
        url = self._url(service_url, "conversations")
        body = {
            "isGroup": False,
            "bot": self._bot,
            "members": [{"id": account}],
            "channelData": {"tenant": {"id": self._tenant_id}},
            "tenantId": self._tenant_id,
        }
        raw = encoded(body)

        async def open_it(token: str) -> TeamsReply:
            reply = await self._write("POST", url, token, account, lambda: raw)
            if not reply.text("id"):
                raise Faulty("Teams opened a conversation and did not say which", request_id=reply.request_id)
            return reply

        return (await self._repeat(open_it, (*_NOTHING_WAS_DONE, Faulty))).text("id")

    async def send(self, service_url: str, conversation: str, message: Outgoing) -> str:
        """Send a message and return its id, empty where Teams does not return it.

        Raises `Unavailable` if the message may have been posted.
        """
        url = self._url(service_url, "conversations", conversation, "activities")
        return (await self._create(url, conversation, message)).text("id")

    async def answer(self, service_url: str, conversation: str, message: Outgoing, *, only_for: str = "") -> str:
        """Send a message that nobody sends later if this fails. Return its id, empty where Teams does not return it.

        With `only_for` (an MRI) it is a targeted message: only that person sees it, and Teams deletes it after a day.
        """
        url = self._url(service_url, "conversations", conversation, "activities")
        if only_for:
            url = url.with_query(isTargetedActivity="true")
            message = message | {"recipient": {"id": only_for, "isTargeted": True}}
        return (await self._create(url, conversation, message, _FOR_AN_ANSWER)).text("id")

    async def update(
        self, service_url: str, conversation: str, activity_id: str, message: Callable[[], Outgoing]
    ) -> None:
        """Edit one of the bot's own messages. `message` is called just before sending."""
        url = self._url(service_url, "conversations", conversation, "activities", activity_id)

        async def put(token: str) -> TeamsReply:
            return await self._write("PUT", url, token, conversation, lambda: encoded(message()))

        await self._repeat(put, (*_NOTHING_WAS_DONE, Unavailable))

    def link(self, conversation: str, activity_id: str) -> str:
        """Return the address that opens a message in Teams. It is no secret and grants no access."""
        url = self._messages / conversation / activity_id
        if is_group_chat(conversation):
            return str(url.with_query(tenantId=self._tenant_id, context='{"contextType":"chat"}'))
        return str(url.with_query(tenantId=self._tenant_id, parentMessageId=activity_id))

    async def members(self, service_url: str, conversation: str) -> AsyncIterator[Member]:
        """Yield all members of a conversation that have an id, page by page. A name may be empty."""
        url = self._url(service_url, "conversations", conversation, "pagedmembers")
        page = url.with_query(pageSize=PAGE_SIZE)
        while True:
            fields = (await self._read(page)).fields()
            for raw in _listed(fields.get("members")):
                if member := _member(raw):
                    yield member
            more = fields.get("continuationToken")
            if not more:
                return
            page = url.with_query(pageSize=PAGE_SIZE, continuationToken=str(more))

    async def member(self, service_url: str, conversation: str, member_id: str) -> Member:
        """Return one member of a conversation, by MRI or account. Raises `NotFound` if they are not in it."""
        url = self._url(service_url, "conversations", conversation, "members", member_id)
        reply = await self._read(url)
        if member := _member(reply.fields()):
            return member
        raise NotFound("Teams named no member", request_id=reply.request_id)

    def _url(self, service_url: str, *segments: str) -> URL:
        """Build a URL and check its origin: addresses come from the store, and the token is sent to them."""
        base = self._origins.base(service_url)
        if not all(segment.strip(".") for segment in segments):
            raise NotFound("there is no such conversation or message")
        path = "/".join(quote(segment, safe="") for segment in segments)
        return URL(f"{base}v3/{path}", encoded=True)

    async def _create(
        self,
        url: URL,
        conversation: str,
        body: Outgoing,
        harmless: tuple[type[PortError], ...] = _NOTHING_WAS_DONE,
    ) -> TeamsReply:
        raw = encoded(body)

        async def post(token: str) -> TeamsReply:
            return await self._write("POST", url, token, conversation, lambda: raw)

        return await self._repeat(post, harmless)

    async def _write(
        self, method: str, url: URL, token: str, conversation: str, body: Callable[[], bytes]
    ) -> TeamsReply:
        await self._pace.turn(conversation)
        try:
            return await exchange(self._session, method, url, token, body())
        except Throttled as trouble:
            self._pace.hold(conversation, trouble.retry_after or 0)
            raise

    async def _read(self, url: URL) -> TeamsReply:
        return await self._repeat(
            lambda token: exchange(self._session, "GET", url, token), (Throttled, Unavailable, NotSent)
        )

    async def _repeat(
        self, attempt: Callable[[str], Awaitable[TeamsReply]], harmless: tuple[type[PortError], ...]
    ) -> TeamsReply:
        """Try again after the failures that make it safe, a few times and for a limited time."""
        for number in range(1, ATTEMPTS):
            try:
                return await self._as_ourselves(attempt)
            except harmless as trouble:
                wait = self._wait(number, trouble)
                if wait > _LONGEST_WAIT:
                    raise
            await self._sleep(wait)
        return await self._as_ourselves(attempt)

    async def _as_ourselves(self, attempt: Callable[[str], Awaitable[TeamsReply]]) -> TeamsReply:
        """Call with our token, and once more with a new one if Teams rejects it: a rejected call has done nothing."""
        token = await self._own_token()
        try:
            return await attempt(token)
        except Unauthorized:
            current = await self._own_token()
            return await attempt(current if current != token else await self._own_token(NEW))

    def _wait(self, number: int, trouble: PortError) -> float:
        """Return what Teams asks for, plus a random backoff so that replicas do not retry at the same moment."""
        asked = trouble.retry_after if isinstance(trouble, Throttled) else None
        return (asked or 0) + _FIRST_BACKOFF * 2.0 ** (number - 1) * (0.5 + self._jitter() / 2)

    async def _own_token(self, claims: str | None = None) -> str:
        try:
            return await self._token(claims)
        except PortError as trouble:
            # A separate error: a refusal by Entra says nothing about the conversation.
            raise NotSent(f"nothing was sent, for want of a token: {trouble}") from trouble


def is_group_chat(conversation: str) -> bool:
    """Return whether this is a group chat, which has no threads. Channels end in `@thread.tacv2`."""
    return conversation.endswith("@thread.v2")


def in_thread(conversation: str, activity_id: str) -> str:
    """Return the conversation id of the thread that starts with this message."""
    if ";messageid=" in conversation or is_group_chat(conversation):
        return conversation
    return f"{conversation};messageid={activity_id}"


def _listed(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else []


def _member(raw: object) -> Member | None:
    """Read a member. Teams returns guests without a name (BotBuilder-MicrosoftTeams#88)."""
    if not isinstance(raw, Mapping) or not (mri := _text(raw, "id")):
        return None
    name = _text(raw, "name") or f"{_text(raw, 'givenName')} {_text(raw, 'surname')}".strip()
    return Member(mri, name, _text(raw, "aadObjectId") or _text(raw, "objectId"))


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value.strip() if isinstance(value, str) else ""
