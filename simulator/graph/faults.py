"""Faults between a client and Graph, queued by a test."""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.clock import wall_time
from simulator.graph.call import Answer, Call
from simulator.graph.errors import GraphError

_AUTHORIZE = "https://login.microsoftonline.com/common/oauth2/authorize"


class Kind(StrEnum):
    """A kind of failure of a call. The first eight leave the tenant unchanged."""

    THROTTLED = "429 with Retry-After"
    THROTTLED_SILENTLY = "429 without Retry-After"
    UNAVAILABLE = "503"
    MISSING = "404 although it is there, as reads may get for a while"
    HIDDEN = "403 although it may be read, as reads get for a while (graph-docs#11430)"
    UNAUTHORIZED = "401 without a claims challenge, as good tokens get now and then"
    CHALLENGED = "401 with a claims challenge, for clients that declared CP1"
    LOST_REQUEST = "connection cut before anything happened"
    TIMEOUT_AFTER = "504 after the write was applied"
    LOST_ANSWER = "connection cut after the write was applied"
    DELIVERED_TWICE = "applied twice, as by a proxy that retries; the second answer returns"
    SLOW = "applied, and the answer held until the event is set"
    HELD = "held until the event is set, then applied"


_REFUSALS = {
    Kind.UNAVAILABLE: (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    Kind.HIDDEN: (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    Kind.UNAUTHORIZED: (401, "InvalidAuthenticationToken", "Access token validation failure."),
    Kind.MISSING: (404, "Request_ResourceNotFound", "Resource does not exist."),
}


@dataclass
class Fault:
    """Affects the next `times` calls that match method and path; `path` is a regular expression, searched in the path.

    The first `after` matching calls pass.
    """

    kind: Kind
    path: str = ""
    method: str = ""
    times: int = 1
    after: int = 0
    retry_after: int | str = 1
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def strikes(self, call: Call) -> bool:
        """Return whether this fault affects this call; counts down if so."""
        fits = self.times > 0 and self.method in {"", call.method} and re.search(self.path, call.path) is not None
        if fits and self.after > 0:
            self.after -= 1
            return False
        self.times -= fits
        return fits


class ConnectionCut(Exception):
    """Tells the transport to drop the connection without an answer."""


async def struck(fault: Fault, call: Call, apply: Callable[[Call], Answer]) -> Answer:
    """Return the answer under this fault; raises `GraphError` or `ConnectionCut`."""
    match fault.kind:
        case Kind.THROTTLED:
            raise _throttled({"Retry-After": str(fault.retry_after)})
        case Kind.THROTTLED_SILENTLY:
            raise _throttled({})
        case Kind.UNAVAILABLE | Kind.UNAUTHORIZED | Kind.MISSING | Kind.HIDDEN:
            raise GraphError(*_REFUSALS[fault.kind])
        case Kind.CHALLENGED:
            raise _challenge(call)
        case Kind.LOST_REQUEST:
            raise ConnectionCut
        case Kind.HELD:
            await fault.event.wait()
            return apply(call)
        case Kind.DELIVERED_TWICE:
            apply(call)
            return apply(call)
        case _:
            return await _delayed(fault, apply(call))


async def _delayed(fault: Fault, answer: Answer) -> Answer:
    """Lose, replace or delay the answer of a call that was applied."""
    if fault.kind is Kind.LOST_ANSWER:
        raise ConnectionCut
    if fault.kind is Kind.TIMEOUT_AFTER:
        return Answer(504, "<html><body>Gateway Timeout</body></html>")
    await fault.event.wait()
    return answer


def _throttled(headers: dict[str, str]) -> GraphError:
    return GraphError(429, "TooManyRequests", "Too many requests.", headers=headers)


def _challenge(call: Call) -> GraphError:
    message = "Continuous access evaluation resulted in challenge with result: InteractionRequired."
    value = "Bearer"
    if call.caller.challengeable:
        wanted = {"access_token": {"nbf": {"essential": True, "value": str(int(wall_time().timestamp()))}}}
        claims = base64.b64encode(json.dumps(wanted).encode()).decode()
        value = f'Bearer realm="", authorization_uri="{_AUTHORIZE}", error="insufficient_claims", claims="{claims}"'
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": value})
