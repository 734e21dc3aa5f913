"""Alarms to a webhook outside the tenant, and heartbeats. The ports `Outside` and `Heartbeat`.

An alarm is a CloudEvent (CloudEvents 1.0.2, JSON format, structured mode of its HTTP binding), signed according to
Standard Webhooks 1.0.0: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from bot.config.origins import ServiceOrigins
from bot.web.retry_after import asked_for, retry_after
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError, Throttled, Unavailable, Unreachable
from handlers.ports.outside import News

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"

TIMEOUT = aiohttp.ClientTimeout(total=15)
"""Standard Webhooks recommends 15 to 30 seconds; the lease of an effect is 30."""

_MAY_PASS = frozenset({408, 425, 429})  # and every 5xx


def is_allowed(address: str, origins: Iterable[str]) -> bool:
    """Return whether this https address is allowed."""
    try:
        ServiceOrigins(origins).base(str(URL(address).origin()))
    except Unreachable:
        return False
    return True


class Webhook:
    """Posts to one address, signed with each key. `source` distinguishes this bot from others at the receiver."""

    def __init__(
        self, session: aiohttp.ClientSession, address: str, keys: Sequence[bytes], source: str, clock: Clock
    ) -> None:
        self._session = session
        self._address = address
        self._keys = keys
        self._source = source
        self._clock = clock

    async def tell(self, news: News) -> None:
        """Post it once. Raises `Throttled` or `Unavailable` if it may be accepted later."""
        body = json.dumps(_event(news, self._source), ensure_ascii=False).encode()
        headers = {"Content-Type": CONTENT_TYPE, **signed(news.id, body, self._keys, await self._clock.now())}
        await _call(self._session, "POST", self._address, body, headers)


class WebHeartbeat:
    """Calls one address with GET, which Healthchecks.io, Better Stack, Opsgenie and similar services accept."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address

    async def beat(self) -> None:
        """Send a heartbeat."""
        await _call(self._session, "GET", self._address)


def _event(news: News, source: str) -> dict[str, object]:
    """Build the event. Every type has the same data. Two events with the same source and id are identical."""
    return {
        "specversion": "1.0",
        "id": news.id,
        "source": source,
        "type": f"countersign.{news.kind}",
        "subject": news.request_id or news.what,
        "time": news.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {"what": news.what, "text": news.text, "request": news.request_id},
    }


def signed(identity: str, body: bytes, keys: Sequence[bytes], now: datetime) -> dict[str, str]:
    """Return the headers that prove the sender. The time is that of the attempt, so receivers can refuse replays."""
    at = str(int(now.timestamp()))
    content = f"{identity}.{at}.".encode() + body
    macs = [hmac.digest(key, content, hashlib.sha256) for key in keys]
    signatures = " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)
    return {"webhook-id": identity, "webhook-timestamp": at, "webhook-signature": signatures}


async def _call(
    session: aiohttp.ClientSession,
    method: str,
    address: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    """Send one request. The address may contain a secret, so errors do not name it. Redirects are not followed, because
    they could lead anywhere. Only the status and headers are read."""
    try:
        async with session.request(
            method, URL(address), data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        ) as answer:
            status, told = answer.status, answer.headers
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable(f"nobody outside answered: {type(error).__name__}") from None
    if 200 <= status < 300:
        return
    said = f"whoever is told outside answered {status}"
    if status == 429 or (status == 503 and (asked_for(told) or 0) > 0):
        raise Throttled(said, retry_after=retry_after(told))
    raise (Unavailable if status in _MAY_PASS or status >= 500 else PortError)(said)
