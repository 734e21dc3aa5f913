"""Microsoft Graph over HTTP: reads are retried, writes are sent once."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import aiohttp
from yarl import URL

from bot.entra.application_tokens import NEW
from bot.graph.reply import NO_ANSWER, GraphReply
from handlers.ports.errors import SignInFailed, SignInTrouble, Unavailable
from handlers.ports.orders import Call
from handlers.ports.sign_in import UserToken

ATTEMPTS = 4
LONGEST_WAIT = 10.0  # seconds; a longer wait is reported as an error, and the caller tries again later
FIRST_PAUSE = 0.5  # seconds, doubled each time, then shortened at random by up to half
READ_TIMEOUT = 10.0  # seconds for one attempt
WRITE_TIMEOUT = 30.0  # seconds; a write that we stop waiting for may still happen, so we wait longer

Params = Mapping[str, str]


class GraphClient:
    """JSON to and from one Graph, over one shared session.

    `token` returns the application's own token; called with claims, even empty ones, a new token that answers them.
    Every method raises the errors of `handlers.ports`, with Graph's request id.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        token: Callable[[str | None], Awaitable[str]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._session = session
        self._base = URL(base_url.rstrip("/"))
        self._token = token
        self._sleep = sleep
        self._jitter = jitter

    async def get(self, path: str, params: Params | None = None, *, headers: Params | None = None) -> dict[str, Any]:
        """Read one object. `path` starts with the version; the caller percent-encodes ids in it."""
        reply = await self._read("GET", self._url(path, params), headers=headers)
        return reply.json()

    async def text(self, path: str, *, headers: Params | None = None) -> str:
        """Read a plain text, as `$count` returns it."""
        reply = await self._read("GET", self._url(path), headers=headers)
        return reply.text.lstrip("\ufeff").strip()

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a question that Graph expects as a POST; it changes nothing, so it is retried like any other read."""
        reply = await self._read("POST", self._url(path), body=body)
        return reply.json()

    async def items(
        self, path: str, params: Params | None = None, *, headers: Params | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield every object of a collection, page by page; all pages must come from the address that we were given."""
        url, seen = self._url(path, params), set[URL]()
        while url not in seen:
            seen.add(url)
            page = (await self._read("GET", url, headers=headers)).json()
            items = page.get("value")
            if not isinstance(items, list):
                raise Unavailable("Graph answered a collection without its items")
            for item in items:
                yield item
            link = page.get("@odata.nextLink")
            if not link:
                return
            url = self._next(str(link))
        raise Unavailable("Graph's pages go round in a circle")

    async def write(self, path: str, body: Mapping[str, Any], token: UserToken) -> str:
        """Do something in a person's name, by exactly one call; return Graph's request id.

        Raises `Unavailable` if it is unknown whether it happened. Raises `SignInFailed` if it did not happen, because
        the person has to sign in again or to prove more.
        """
        reply = await self._call("POST", self._url(path), token.text, body=body, timeout=WRITE_TIMEOUT)
        if reply.ok:
            return reply.request_id
        if reply.claims:
            sentence = "Intune wants this person to prove more"
            raise SignInFailed(SignInTrouble.MORE_PROOF, sentence, claims=reply.claims)
        if reply.status == 401:
            raise SignInFailed(SignInTrouble.EXPIRED, "Intune no longer accepts this person's sign-in")
        raise reply.error()

    async def act(self, call: Call, headers: Params) -> GraphReply:
        """Do something as the application, by exactly one call, with exactly these bytes; return the answer unchanged.

        If Graph refuses our token, it has done nothing, and is called again with another token.
        """
        url = URL(f"{self._base}{call.path}", encoded=True)
        sent = ({"Content-Type": "application/json"} if call.body else {}) | dict(headers)
        return await self._as_ourselves(
            lambda token: self._call(call.method, url, token, raw=call.body, headers=sent, timeout=WRITE_TIMEOUT)
        )

    async def _read(
        self, method: str, url: URL, *, body: Mapping[str, Any] | None = None, headers: Params | None = None
    ) -> GraphReply:
        for attempt in range(1, ATTEMPTS + 1):
            reply = await self._as_ourselves(lambda token: self._call(method, url, token, body=body, headers=headers))
            if reply.ok:
                return reply
            pause = max(self._pause(attempt), reply.retry_after or 0.0)
            if not reply.may_pass or attempt == ATTEMPTS or pause > LONGEST_WAIT:
                break
            await self._sleep(pause)
        raise reply.error()

    async def _as_ourselves(self, send: Callable[[str], Awaitable[GraphReply]]) -> GraphReply:
        """Send with the application's token, and once more with another if Graph refuses that.

        Good tokens are refused now and then (microsoftgraph/msgraph-sdk-dotnet-core#222), and Microsoft's own clients
        renew them once as well (microsoftgraph/msgraph-sdk-dotnet#320).
        """
        token = await self._token(None)
        reply = await send(token)
        if reply.claims or reply.status == 401:
            reply = await send(await self._another(token, reply.claims))
        return reply

    async def _another(self, refused: str, claims: str) -> str:
        """Return a token that answers the claims; without claims, one that was renewed meanwhile, or a new one."""
        if claims:
            return await self._token(claims)
        token = await self._token(None)
        return token if token != refused else await self._token(NEW)

    async def _call(
        self,
        method: str,
        url: URL,
        token: str,
        *,
        body: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
        headers: Params | None = None,
        timeout: float = READ_TIMEOUT,
    ) -> GraphReply:
        call_id = str(uuid4())
        sent = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": call_id,
            "return-client-request-id": "true",
            # Without it, enum members newer than the API's first version arrive as "unknownFutureValue".
            "Prefer": "include-unknown-enum-members",
        }
        options = aiohttp.ClientTimeout(total=timeout)
        try:
            async with self._session.request(
                method,
                url,
                json=body,
                data=raw or None,
                headers=sent | dict(headers or {}),
                timeout=options,
                allow_redirects=False,
            ) as answer:
                return GraphReply(answer.status, answer.headers, await answer.text(errors="replace"), call_id)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return GraphReply(NO_ANSWER, call_id=call_id)

    def _pause(self, attempt: int) -> float:
        return FIRST_PAUSE * 2.0 ** (attempt - 1) * (0.5 + self._jitter() / 2)

    def _url(self, path: str, params: Params | None = None) -> URL:
        return URL(f"{self._base}{path}", encoded=True).with_query(params)

    def _next(self, link: str) -> URL:
        url = URL(link, encoded=True)
        if not url.absolute or url.origin() != self._base.origin():
            raise Unavailable("Graph points to another address for its next page")
        return url
