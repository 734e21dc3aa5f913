"""One request to the Bot Connector, and what its answer means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from bot.retry_after import retry_after
from bot.teams.messages import Message
from handlers.ports.errors import Forbidden, Gone, NotFound, PortError, Throttled, Unavailable

MOST_BYTES = 80 * 1024
"""Teams counts a message in UTF-16, refuses it from about 100 KB on, and advises to stay below 80."""

# One attempt, in seconds. Teams answers in well below one second, and whoever waits holds a lease.
_TIMEOUT = aiohttp.ClientTimeout(total=8, sock_connect=4)


class NotSent(PortError):
    """The request cannot have arrived: it is safe to try again, now or later."""


class Unauthorized(PortError):
    """Teams does not take our token; nothing was done, and nothing is said about the conversation."""


class Refused(PortError):
    """Teams finds fault with the request itself; for a person it knows nothing of, that is its way to say so."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the Bot Connector answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """Microsoft's correlation vector, which their support asks for."""
        return self.headers.get("MS-CV", "")

    def fields(self) -> dict[str, Any]:
        """The answer's object; empty where it is none."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def text(self, name: str) -> str:
        """A field that every good answer has; `Unavailable` without it, since something was done all the same."""
        value = self.fields().get(name)
        if not isinstance(value, str) or not value:
            raise Unavailable(f"Teams took the request and named no {name}", request_id=self.request_id)
        return value


def encoded(message: Message) -> bytes:
    """The message as it goes over the wire; `PortError` if Teams would find it too big."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-16-le"))
    if size > MOST_BYTES:
        raise PortError(f"the message has {size} bytes in UTF-16, more than the {MOST_BYTES} that are safe in Teams")
    return text.encode()


async def exchange(
    session: aiohttp.ClientSession, method: str, url: URL, token: str, body: bytes | None = None
) -> Reply:
    """One request, no redirect followed. `NotSent` before a connection stood, `Unavailable` after that.

    Any answer but a 2xx is raised as the port error that it means.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
    try:
        async with session.request(
            method, url, data=body, headers=headers, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            reply = Reply(response.status, response.headers, await response.read())
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as trouble:
        raise NotSent(f"Teams could not be reached ({type(trouble).__name__})") from trouble
    except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
        raise Unavailable(f"Teams did not answer ({type(trouble).__name__}); it may have acted") from trouble
    if not 200 <= reply.status < 300:
        raise _refusal(reply)
    return reply


def _refusal(reply: Reply) -> PortError:
    """What a status means.

    412 is several writers meeting in Teams' own store, which it asks to treat as a 5xx. 401 says nothing about the
    conversation, so it is no `Forbidden`.
    """
    said = f"Teams answered {reply.status} {_error_code(reply)}".rstrip()
    if reply.status == 429:
        return Throttled(said, retry_after=retry_after(reply.headers), request_id=reply.request_id)
    if reply.status < 400 or reply.status in {408, 412} or reply.status >= 500:
        return Unavailable(f"{said}; it may have acted", request_id=reply.request_id)
    kinds: dict[int, type[PortError]] = {400: Refused, 401: Unauthorized, 403: Forbidden, 404: NotFound, 410: Gone}
    return kinds.get(reply.status, PortError)(said, request_id=reply.request_id)


def _error_code(reply: Reply) -> str:
    """Teams' word for the trouble. Its message is left out, since it may repeat what was sent."""
    error = reply.fields().get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code[:60] if isinstance(code, str) and code.isidentifier() else ""
