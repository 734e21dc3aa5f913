"""A Graph that gives the answers that a test sets, and the small helpers of its client."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Call:
    """One call that arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Told:
    """One answer. `lost` closes the connection instead; `hold` keeps the answer back until the event is set."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    hold: asyncio.Event | None = None


class ScriptedGraph:
    """Answers by path; several answers for one path are given in order, and the last one is repeated."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.origin = ""
        self._told: dict[str, list[Told]] = {}

    def tell(self, path: str, body: Any = None, status: int = 200, **more: Any) -> None:
        """Add an answer for this path, after the answers that were set before."""
        self._told.setdefault(path, []).append(Told(status, body, **more))

    def called(self) -> list[str]:
        """Return method and path of every call, in order."""
        return [f"{call.method} {call.path}" for call in self.calls]

    async def answer(self, request: web.Request) -> web.Response:
        sent = await request.text()
        body = json.loads(sent) if sent else None
        self.calls.append(Call(request.method, request.path, dict(request.query), request.headers.copy(), body))
        queue = self._told.get(request.path, [Told(404, {"error": {"code": "NotFound", "message": "no such thing"}})])
        told = queue.pop(0) if len(queue) > 1 else queue[0]
        if told.hold is not None:
            await told.hold.wait()
        if told.lost:
            assert request.transport is not None
            request.transport.close()
        text = told.body if isinstance(told.body, str) else json.dumps(told.body)
        return web.Response(status=told.status, text=text, headers=dict(told.headers))


class Tokens:
    """A source of the application's token that remembers the claims it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    async def __call__(self, claims: str | None) -> str:
        self.asked.append(claims)
        return "app-token" if claims is None else "app-token-with-claims"


class Pauses:
    """A sleep that returns at once and remembers its length."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
