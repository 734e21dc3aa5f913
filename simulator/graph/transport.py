"""Converts between aiohttp and calls."""

from uuid import uuid4

from aiohttp import web

from simulator.graph.call import Answer, Call
from simulator.graph.caller import of_token
from simulator.keys import SigningKey
from simulator.world import World


async def read_call(request: web.Request, world: World, key: SigningKey) -> Call:
    """Return the received call after verifying its token, which is not kept; raises `GraphError` 401."""
    return Call(
        caller=of_token(request.headers.get("Authorization", ""), world, key),
        method=request.method,
        version=request.match_info["version"],
        path=request.match_info["path"],
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items() if name.lower() != "authorization"},
        body=await request.read(),
        origin=str(request.url.origin()),
    )


def response(answer: Answer, request: web.Request) -> web.Response:
    """Return the HTTP response, with the request ids that Microsoft's support asks for."""
    headers = {"request-id": str(uuid4()), **answer.headers}
    if "client-request-id" in request.headers:
        headers["client-request-id"] = request.headers["client-request-id"]
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    if isinstance(answer.body, str):
        return web.Response(status=answer.status, text=answer.body, headers=headers)
    return web.json_response(answer.body, status=answer.status, headers=headers)


def cut(request: web.Request) -> web.Response:
    """Drop the connection; the returned response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
