"""One request to the Bot Connector, and the error that its answer stands for."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from bot.teams.outbound.messages import Outgoing
from bot.web.retry_after import retry_after
from handlers.ports.errors import Forbidden, Gone, NotFound, PortError, Throttled, Unavailable

MOST_BYTES = 80 * 1024
"""Teams counts a message in UTF-16, refuses it from about 100 KB on, and recommends staying below 80."""

# One attempt, in seconds. Teams answers in well under a second, and the caller holds a lease.
_TIMEOUT = aiohttp.ClientTimeout(total=8, sock_connect=4)


class NotSent(PortError):
    """The request did nothing: it is safe to try again, now or later."""


class Transient(PortError):
    """Teams refused the request with a temporary error that says nothing about the place; it can be sent again."""


class Faulty(Unavailable):
    """Teams answered, but with an error of its own or without the id that it owes. It may have acted."""


class Unauthorized(PortError):
    """Teams rejects our token. Nothing was done, and this says nothing about the conversation."""


class TeamsRefused(PortError):
    """Teams rejects the request itself. Opening a 1:1 chat, it also does so for a person whom it does not know."""


_OF_THE_PLACE = frozenset(
    code.casefold()
    for code in (
        "BotDisabledByAdmin",
        "BotDisabledByUser",
        "BotNotInConversationRoster",
        "ConversationArchived",
        "ConversationBlockedByUser",
        "ForbiddenOperationException",
        "InvalidBotApiHost",
        "MessageWritesBlocked",
        "NotEnoughPermissions",
    )
)
"""Error codes of a 403 where the bot cannot write to a place or a person. Any other code is about the request
(`BadArgument`, `ServiceError`), and the same request is accepted a little later (agents-toolkit#10059,
msteams-docs#9561, BotFramework-Services#269).
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

_CODE_FIELDS = frozenset({"code", "subcode", "errorcode"})
_AROUND_CODES = frozenset({"error", "innererror", "innerhttperror", "body", "message"})
"""Fields that may hold a code, and fields that may hold such fields, as an object or as its JSON text. The Bot
Connector specifies {"error": {"code": …, "innerHttpError": {"body": …}}} (ErrorResponse, InnerHttpError); the services
behind it have other forms, such as {"errorCode": 209, "message": "{\"subCode\": …}"}. Nothing promises the casing."""

_DEEPEST = 8  # objects within each other; more than any form above


@dataclass(frozen=True, slots=True)
class TeamsReply:
    """An answer of the Bot Connector."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """Microsoft's correlation vector, which their support asks for."""
        return self.headers.get("MS-CV", "")

    def fields(self) -> dict[str, Any]:
        """Return the JSON object of the answer, empty if there is none."""
        return _json_object(self.body)

    def text(self, name: str) -> str:
        """Return a field as text, empty if missing. Teams may accept a message without returning its id (teams.py#586,
        bot-docs#2263): a 2xx means that it was sent."""
        value = self.fields().get(name)
        return value if isinstance(value, str) else ""


def encoded(message: Outgoing) -> bytes:
    """Serialize the message. Raises `PortError` if it is too large for Teams."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-16-le"))
    if size > MOST_BYTES:
        raise PortError(f"the message has {size} bytes in UTF-16, more than the {MOST_BYTES} that are safe in Teams")
    return text.encode()


async def exchange(
    session: aiohttp.ClientSession, method: str, url: URL, token: str, body: bytes | None = None
) -> TeamsReply:
    """Send one request; redirects are not followed. Raises `NotSent` before a connection, `Unavailable` after.

    Any answer but a 2xx is raised as the matching port error.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
    try:
        async with session.request(
            method, url, data=body, headers=headers, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            reply = TeamsReply(response.status, response.headers, await response.read())
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as trouble:
        raise NotSent(f"Teams could not be reached ({type(trouble).__name__})") from trouble
    except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
        raise Unavailable(f"Teams did not answer ({type(trouble).__name__}); it may have acted") from trouble
    if not 200 <= reply.status < 300:
        raise _refusal(reply)
    return reply


def _refusal(reply: TeamsReply) -> PortError:
    """Return the error for a status.

    412 is a write conflict in Teams' own store, which Teams asks to treat like a 5xx. 401 says nothing about the
    conversation, so it is not `Forbidden`; neither is a 403 whose code is not about the place.
    """
    code = _error_code(reply)
    acted = "it may have acted"
    said = f"Teams answered {reply.status} {code}".rstrip()
    if reply.status == 403 and code.casefold() not in _OF_THE_PLACE:
        return Transient(f"{said}, which says nothing of the place", request_id=reply.request_id)
    if reply.status == 429:
        return Throttled(said, retry_after=retry_after(reply.headers), request_id=reply.request_id)
    if reply.status == 412 or reply.status >= 500:
        return Faulty(f"{said}; {acted}", request_id=reply.request_id)
    if reply.status < 400 or reply.status == 408:
        return Unavailable(f"{said}; {acted}", request_id=reply.request_id)
    kinds: dict[int, type[PortError]] = {400: TeamsRefused, 401: Unauthorized, 403: Forbidden, 404: NotFound, 410: Gone}
    return kinds.get(reply.status, PortError)(said, request_id=reply.request_id)


def _error_code(reply: TeamsReply) -> str:
    """Return Teams' error code, rather one that is about the place. Its message is left out, because it may repeat what
    was sent."""
    codes = [code[:60] for code in _codes(reply.fields(), _DEEPEST) if code.isidentifier()]
    return next((code for code in codes if code.casefold() in _OF_THE_PLACE), codes[0] if codes else "")


def _codes(error: Mapping[str, Any], deepest: int) -> Iterator[str]:
    """Yield every code in an error, from the outside to the inside."""
    named = [(name.casefold(), value) for name, value in error.items()]
    yield from (value for name, value in named if name in _CODE_FIELDS and isinstance(value, str))
    for name, value in named:
        if name in _AROUND_CODES and deepest:
            yield from _codes(_json_object(value), deepest - 1)


def _json_object(raw: object) -> dict[str, Any]:
    """Return a JSON object, also from its text; empty if it is none."""
    try:
        parsed = json.loads(raw) if isinstance(raw, str | bytes) else raw
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
