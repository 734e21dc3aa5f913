"""Services outside the tenant: a receiver of signed webhooks, and one of heartbeats."""

import base64
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

TOLERANCE = 300
"""Largest clock difference between sender and receiver, in seconds, as in Standard Webhooks' libraries."""


@dataclass
class Outside:
    """The receiver, with its own clock. `status` is its answer to a verified alarm.

    `events` are the new ones, `attempts` counts all verified ones; `forged` has the reasons why others failed.
    """

    now: Callable[[], datetime]
    origin: str = ""
    status: int = 204
    attempts: int = 0
    secret: str = field(default_factory=lambda: "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())
    events: list[dict[str, Any]] = field(default_factory=list)
    beats: list[datetime] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)

    @property
    def webhook(self) -> str:
        """Address for alarms; as in reality, it contains a secret."""
        return f"{self.origin}/hooks/8d1f?code=a-secret"

    @property
    def heartbeat(self) -> str:
        """Address for heartbeats."""
        return f"{self.origin}/ping/5c2e"

    def app(self) -> web.Application:
        """Return the web application with both addresses; all others answer 404."""
        app = web.Application()
        app.add_routes([web.post("/hooks/8d1f", self._hook), web.get("/ping/5c2e", self._ping)])
        return app

    async def _ping(self, _request: web.Request) -> web.Response:
        self.beats.append(self.now())
        return web.Response(text="OK")

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        if why := self._why_forged(request.headers, body):
            self.forged.append(why)
            return web.Response(status=401)
        event = json.loads(body)
        self.attempts += 1
        if 200 <= self.status < 300 and event["id"] not in {known["id"] for known in self.events}:
            self.events.append(event)
        return web.Response(status=self.status)

    def _why_forged(self, headers: Mapping[str, str], body: bytes) -> str:
        """Return why the message is not valid, or "". Written from the specification, not from the sender's code."""
        identity, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if headers.get("Content-Type", "").partition(";")[0] != "application/cloudevents+json":
            return "no CloudEvent in structured mode"
        if not at.isdecimal() or abs(int(at) - self.now().timestamp()) > TOLERANCE:
            return "too old or ahead of the time"
        signing = hmac.new(base64.b64decode(self.secret[len("whsec_") :]), digestmod="sha256")
        for part in (identity.encode(), b".", at.encode(), b".", body):
            signing.update(part)
        expected = base64.b64encode(signing.digest()).decode()
        given = [one.partition(",") for one in headers.get("webhook-signature", "").split()]
        if not any(version == "v1" and hmac.compare_digest(mac, expected) for version, _, mac in given):
            return "no signature fits"
        return "" if json.loads(body).get("id") == identity else "the event has another id than the message"
