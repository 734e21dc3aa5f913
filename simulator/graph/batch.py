"""$batch: up to twenty calls in one request."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from simulator.graph.call import Answer, Call
from simulator.graph.errors import bad_request

MOST_PARTS = 20
Perform = Callable[[Call], Awaitable[Answer]]


async def batch(call: Call, perform: Perform) -> Answer:
    """Perform the parts in order; each has its own status, the batch has 200 unless it is malformed."""
    parts = call.json().get("requests")
    if not isinstance(parts, list) or not all(map(_is_part, parts)):
        raise bad_request("The batch must hold a list of requests with ids.")
    if not 1 <= len(parts) <= MOST_PARTS:
        raise bad_request(f"A batch holds 1 to {MOST_PARTS} requests.")
    statuses: dict[str, int] = {}
    responses = []
    for part in parts:
        answer = await _answer(call, part, statuses, perform)
        statuses[part["id"]] = answer.status
        headers = dict(answer.headers) | {"Content-Type": "application/json"}
        responses.append({"id": part["id"], "status": answer.status, "headers": headers, "body": answer.body})
    return Answer(200, {"responses": responses})


def _is_part(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("id"), str)


async def _answer(call: Call, part: dict[str, Any], statuses: dict[str, int], perform: Perform) -> Answer:
    if any(statuses.get(name, 424) >= 400 for name in part.get("dependsOn", ())):
        body = {"error": {"code": "FailedDependency", "message": "A request that this one depends on failed."}}
        return Answer(424, body)
    return await perform(_part_call(call, part))


def _part_call(call: Call, part: dict[str, Any]) -> Call:
    url = urlsplit(str(part.get("url", "")))
    return replace(
        call,
        method=str(part.get("method", "GET")).upper(),
        path="/" + unquote(url.path).lstrip("/"),
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers={str(name).lower(): str(value) for name, value in part.get("headers", {}).items()},
        body=json.dumps(part["body"]).encode() if "body" in part else b"",
    )
